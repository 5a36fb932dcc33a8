"""Marts must be the same bytes on a laptop and on a large server: no sum may depend on the number of threads."""

import os
import subprocess
import sys

PROGRAM = """
import hashlib
from datetime import UTC, datetime, timedelta
import polars as pl
from core.domain.calibration import calibrate
from core.domain.class_performance import class_performance
from core.domain.items import question_statistics
from core.domain.mastery_batch import mastery_by_concept

number = pl.int_range(60_000)
answers = pl.select(number=number).select(
    answer_id=pl.col("number").cast(pl.String).str.zfill(9),
    class_id=pl.format("class{}", pl.col("number") * 7 % 40 % 3),
    student_id=pl.format("s{}", pl.col("number") * 7 % 40),
    question_id=pl.format("q{}", pl.col("number") * 31 % 3001),
    concept_ids=pl.concat_list(pl.format("c{}", pl.col("number") * 31 % 3001 % 5), pl.lit("all")),
    answered_at=pl.lit(datetime(2026, 9, 1, tzinfo=UTC)).cast(pl.Datetime("us", "UTC"))
    + pl.duration(minutes=pl.col("number") * 13 % 100_003),
    outcome=(pl.col("number").hash(1) % 8) / 7,
    selected_option=pl.lit("a"),
    time_spent_ms=pl.col("number") % 977,
)
calibration = calibrate(answers, version="v1")
roster = answers.select("class_id", "student_id").unique()
grades = answers.select(
    "class_id", "student_id", score=(pl.col("outcome") * 10).cast(pl.Decimal(10, 4)), possible=pl.lit(10)
)
frames = {
    "concepts": calibration.concepts,
    "questions": calibration.questions,
    "mastery": mastery_by_concept(answers, calibration, as_of=datetime(2030, 1, 1, tzinfo=UTC)),
    "items": question_statistics(answers),
    "classes": class_performance(
        roster,
        grades,
        assignments=pl.DataFrame(schema={"class_id": pl.String, "assignment_id": pl.String}),
        handed_in=pl.DataFrame(schema=dict.fromkeys(("class_id", "student_id", "assignment_id"), pl.String)),
    ),
}
for name, frame in frames.items():
    print(name, hashlib.sha256(frame.write_json().encode()).hexdigest())
"""


def digests(threads: int) -> list[str]:
    environment = os.environ | {"POLARS_MAX_THREADS": str(threads)}
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM],
        env=environment,
        capture_output=True,
        text=True,
        check=True,
        timeout=120,
    )
    return done.stdout.splitlines()


def test_the_number_of_threads_does_not_change_a_bit() -> None:
    one_thread = digests(1)
    assert len(one_thread) == 5
    assert digests(3) == one_thread
    assert digests(8) == one_thread

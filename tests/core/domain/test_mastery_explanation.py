from datetime import datetime

import polars as pl
import pytest

from core.domain.calibration import calibrate
from core.domain.mastery_batch import mastery_by_concept
from core.domain.mastery_explanation import Explanation, explain, teacher_sentence

FOREVER = datetime.fromisoformat("2030-01-01T00:00:00+00:00")


def many_answers(answer_frame) -> pl.DataFrame:
    concepts = (["c0"], ["c1"], ["c0", "c1"])
    return answer_frame(
        [
            (f"s{i * 13 % 20:02d}", f"q{i % 12}", concepts[i % 3], i * 11 % 90, (i * 29 % 10) / 9)
            for i in range(2000)
        ]
    )


def explained(answer_frame, limit: int) -> tuple[Explanation, dict[str, object]]:
    answers = many_answers(answer_frame)
    calibration = calibrate(answers, version="v1")
    explanation = explain(answers, calibration, student_id="s03", concept_id="c0", limit=limit)
    table = mastery_by_concept(answers, calibration, as_of=FOREVER)
    mine = table.filter(pl.col("student_id") == "s03", pl.col("concept_id") == "c0")
    return explanation, mine.row(0, named=True)


@pytest.mark.parametrize("limit", [1, 6, 10_000])
def test_the_lines_of_an_explanation_add_up_to_the_evidence(answer_frame, limit: int) -> None:
    explanation, record = explained(answer_frame, limit)
    total = explanation.answers["contribution"].sum() + explanation.earlier
    assert total == pytest.approx(explanation.evidence, abs=1e-9)
    assert total == pytest.approx(record["evidence"], abs=1e-9)
    assert explanation.question_count == min(limit, record["evidence_count"])


def test_an_explanation_shows_the_latest_answer_first_with_its_full_weight(answer_frame) -> None:
    explanation, record = explained(answer_frame, 6)
    assert explanation.answers["answered_at"].is_sorted(descending=True)
    assert explanation.answers["answered_at"][0] == record["last_answered_at"]
    assert explanation.answers["weight"][0] == 1.0
    assert explanation.answers["weight"].is_sorted(descending=True)


def test_the_sentence_for_the_teacher(answer_frame) -> None:
    others = [(f"s{i}", f"q{q}", ["c"], 0, 1.0 if i < 7 else 0.0) for i in range(10) for q in range(6)]
    ana = [("ana", f"q{q}", ["c"], 1 + q, 1.0 if q < 2 else 0.0) for q in range(6)]
    calibration = calibrate(answer_frame(others), version="v1")
    explanation = explain(answer_frame(ana), calibration, student_id="ana", concept_id="c")
    assert teacher_sentence("Ana", explanation) == (
        "On 6 recent questions a typical student gets 4.2 right; Ana got 2."
    )


def test_the_sentence_counts_one_question_and_partial_credit(answer_frame) -> None:
    answers = answer_frame([("ben", "q", ["c"], 0, 0.5)])
    calibration = calibrate(answers, version="v1")
    explanation = explain(answers, calibration, student_id="ben", concept_id="c")
    assert teacher_sentence("Ben", explanation) == (
        "On 1 recent question a typical student gets 0.5 right; Ben got 0.5."
    )

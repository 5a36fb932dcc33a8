from collections.abc import Callable, Iterable
from datetime import UTC, datetime, timedelta

import polars as pl
import pytest

START = datetime(2026, 9, 1, 8, tzinfo=UTC)
SCHEMA = {
    "answer_id": pl.String,
    "student_id": pl.String,
    "question_id": pl.String,
    "concept_ids": pl.List(pl.String),
    "answered_at": pl.Datetime("us", "UTC"),
    "outcome": pl.Float64,
}

# student, question, concepts, days after START, outcome
Row = tuple[str, str, list[str], float, float]
AnswerFrame = Callable[[Iterable[Row]], pl.DataFrame]


@pytest.fixture(scope="session")
def answer_frame() -> AnswerFrame:
    """Build a frame of answers; ids rise with the order of the rows."""

    def build(rows: Iterable[Row]) -> pl.DataFrame:
        records = [
            (f"a{number:06d}", student, question, concepts, START + timedelta(days=days), outcome)
            for number, (student, question, concepts, days, outcome) in enumerate(rows)
        ]
        return pl.DataFrame(records, schema=SCHEMA, orient="row")

    return build

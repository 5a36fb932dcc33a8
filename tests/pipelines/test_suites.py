"""Each promise of the catalogue fails when it is broken, through Great Expectations itself."""

import polars as pl
import pytest

from pipelines.suites import failures_of, judged_columns
from warehouse.catalog import MARTS
from warehouse.mart import Mart
from warehouse.mastery import CONCEPT_MASTERY

GOOD = {
    "district_id": "d",
    "school_id": "s",
    "student_id": "ana",
    "concept_id": "fractions",
    "mastery_percent": 50.0,
    "lower_percent": 40.0,
    "upper_percent": 60.0,
    "standard_error": 0.5,
    "evidence_count": 3,
    "question_count": 3,
    "evidence": 0.1,
    "information": 0.5,
    "ability": 0.1,
    "mean_easiness": 0.0,
    "band": "developing",
    "below_threshold": True,
    "p_below_threshold": 0.7,
    "last_answered_at": None,
}


def _rows(*changes: dict[str, object]) -> pl.DataFrame:
    moment = pl.lit("2026-11-02T09:30:00Z").str.to_datetime(time_unit="us", time_zone="UTC")
    frame = pl.DataFrame([GOOD | change for change in changes], schema=CONCEPT_MASTERY.schema)
    return frame.with_columns(last_answered_at=moment)


def test_rows_that_keep_every_promise_pass() -> None:
    assert failures_of(CONCEPT_MASTERY, _rows({}, {"concept_id": "decimals"})) == []


@pytest.mark.parametrize(
    ("change", "subject"),
    [
        ({"student_id": None}, "student_id"),
        ({"mastery_percent": 101.0, "upper_percent": 102.0}, "mastery_percent"),
        ({"evidence_count": 0, "question_count": 0}, "evidence_count"),
        ({"lower_percent": 55.0}, "mastery_percent"),
        ({"question_count": 4}, "evidence_count"),
        ({"band": "excellent"}, "band"),
    ],
)
def test_a_broken_promise_is_named(change: dict[str, object], subject: str) -> None:
    failures = failures_of(CONCEPT_MASTERY, _rows({}, {"concept_id": "decimals"} | change))
    assert failures
    assert all("1 rows" in failure for failure in failures)
    assert any(failure.startswith(f"{subject}:") for failure in failures)


def test_a_repeated_key_is_named() -> None:
    (failure,) = failures_of(CONCEPT_MASTERY, _rows({}, {}))
    assert failure.startswith("['student_id', 'concept_id']: ")


@pytest.mark.parametrize("mart", MARTS.values(), ids=MARTS.keys())
def test_every_marts_suite_runs_on_no_rows(mart: Mart) -> None:
    assert failures_of(mart, mart.empty().select(judged_columns(mart))) == []

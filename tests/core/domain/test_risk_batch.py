from dataclasses import asdict
from decimal import Decimal

import polars as pl
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from core.domain.risk import LEVELS, RiskSignals, assess_risk, class_percentiles
from core.domain.risk_batch import assess, class_standing

SCHEMA = {
    "counted_assignments": pl.Int64,
    "missing_assignments": pl.Int64,
    "grade_percent": pl.Decimal(38, 10),
    "class_percentile": pl.Float64,
    "handed_in_average": pl.Decimal(38, 10),
    "is_last_counted_missing": pl.Boolean,
    "has_late_work": pl.Boolean,
    "days_since_hand_in": pl.Float64,
    "struggling_prerequisites": pl.Int64,
    "is_answering_too_fast": pl.Boolean,
    "previous_level": pl.String,
}
percents = st.sampled_from([Decimal(0), Decimal(40), Decimal("59.99"), Decimal(60), Decimal(70)]) | (
    st.decimals(0, 120, places=2)
)


@st.composite
def student_signals(draw: st.DrawFn) -> RiskSignals:
    counted = draw(st.integers(0, 12))
    return RiskSignals(
        counted_assignments=counted,
        missing_assignments=draw(st.integers(0, counted)),
        grade_percent=draw(st.none() | percents),
        class_percentile=draw(st.none() | st.floats(0, 1)),
        handed_in_average=draw(st.none() | percents),
        is_last_counted_missing=draw(st.booleans()),
        has_late_work=draw(st.booleans()),
        days_since_hand_in=draw(st.none() | st.sampled_from([0.0, 27.9, 28.0, 35.0]) | st.floats(0, 400)),
        struggling_prerequisites=draw(st.integers(0, 3)),
        is_answering_too_fast=draw(st.booleans()),
    )


previous = st.sampled_from(["none", "not_enough_evidence", *(name for name, _ in LEVELS)])


def is_near_a_threshold(probability: float | None) -> bool:
    """Two exponentials may differ in the last bit; a probability that close to a threshold proves nothing."""
    limits = [limit - fall for _, limit in LEVELS for fall in (0.0, 0.1)]
    return probability is not None and any(abs(probability - limit) < 1e-12 for limit in limits)


@settings(deadline=None)
@given(st.lists(st.tuples(student_signals(), previous), max_size=20))
def test_the_whole_district_at_once_equals_one_student_at_a_time(
    students: list[tuple[RiskSignals, str]],
) -> None:
    expected = [assess_risk(signals, previous_level=level) for signals, level in students]
    assume(not any(is_near_a_threshold(one.probability) for one in expected))
    records = [asdict(signals) | {"previous_level": level} for signals, level in students]
    assessed = assess(pl.DataFrame(records, schema=SCHEMA, orient="row"))
    found = assessed.select("probability", "level", "reasons").rows()
    for (probability, level, sentences), one in zip(found, expected, strict=True):
        assert probability == pytest.approx(one.probability, abs=1e-12)
        assert (level, tuple(sentences)) == (one.level, one.reasons)


@settings(deadline=None)
@given(st.lists(st.tuples(st.sampled_from(["a", "b"]), st.none() | percents), max_size=20))
def test_standing_in_every_class_equals_standing_in_each(grades: list[tuple[str, Decimal | None]]) -> None:
    schema = {"class_id": pl.String, "grade_percent": pl.Decimal(38, 10)}
    found = class_standing(pl.DataFrame(grades, schema=schema, orient="row"))
    for name in ("a", "b"):
        own = found.filter((pl.col("class_id") == name) & pl.col("grade_percent").is_not_null())
        expected = class_percentiles(own["grade_percent"].to_list())
        assert own["class_percentile"].to_list() == pytest.approx(expected, abs=1e-15)
    assert found.filter(pl.col("grade_percent").is_null())["class_percentile"].null_count() == sum(
        grade is None for _, grade in grades
    )

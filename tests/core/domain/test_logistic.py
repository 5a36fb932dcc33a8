import math
from statistics import NormalDist

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.domain.logistic import (
    logistic,
    logistic_of,
    logit,
    logit_of,
    normal_probability,
    normal_probability_of,
)


@given(st.floats(0.001, 0.999))
def test_a_probability_survives_the_way_to_its_logit_and_back(probability: float) -> None:
    assert logistic(logit(probability)) == pytest.approx(probability, abs=1e-12)


@pytest.mark.parametrize(("log_odds", "expected"), [(0.0, 0.5), (800.0, 1.0), (-800.0, 0.0)])
def test_extreme_log_odds_do_not_overflow(log_odds: float, expected: float) -> None:
    assert logistic(log_odds) == pytest.approx(expected)


@pytest.mark.parametrize("impossible", [0.0, 1.0, -0.1, 1.1, math.nan])
def test_a_logit_refuses_what_is_not_strictly_between_zero_and_one(impossible: float) -> None:
    with pytest.raises(ValueError, match="strictly between 0 and 1"):
        logit(impossible)


@given(st.floats(-6, 6))
def test_the_normal_probability_is_the_one_of_the_standard_library(score: float) -> None:
    assert normal_probability(score) == pytest.approx(NormalDist().cdf(score), abs=1e-12)


@given(st.lists(st.floats(-30, 30), min_size=1, max_size=20))
def test_expressions_agree_with_numbers(values: list[float]) -> None:
    frame = pl.DataFrame({"z": values}).select(
        p=logistic_of(pl.col("z")), phi=normal_probability_of(pl.col("z"))
    )
    assert frame["p"].to_list() == pytest.approx([logistic(z) for z in values], abs=1e-12)
    assert frame["phi"].to_list() == pytest.approx([normal_probability(z) for z in values], abs=1e-12)


@given(st.lists(st.floats(0.01, 0.99), min_size=1, max_size=20))
def test_the_logit_expression_agrees_with_the_number(values: list[float]) -> None:
    column = pl.DataFrame({"p": values}).select(logit_of(pl.col("p")))["p"]
    assert column.to_list() == pytest.approx([logit(p) for p in values], abs=1e-12)

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.domain.agreement import mean_difference, quadratic_weighted_kappa

scores = st.integers(0, 4).map(Decimal)
pairs = st.lists(st.tuples(scores, scores), min_size=1, max_size=40)


def _of(*found: tuple[int, int]) -> list[tuple[Decimal, Decimal]]:
    return [(Decimal(one), Decimal(other)) for one, other in found]


@pytest.mark.parametrize(
    ("found", "kappa"),
    [
        (_of((0, 0), (1, 1), (2, 1), (2, 2)), "0.8"),
        (_of((0, 0), (4, 4)), "1"),
        (_of((0, 4), (4, 0)), "-1"),
        (_of((0, 0), (0, 4), (4, 0), (4, 4)), "0"),
    ],
    ids=["worked", "full", "opposite", "chance"],
)
def test_kappa_is_one_for_full_agreement_and_zero_for_chance(
    found: list[tuple[Decimal, Decimal]], kappa: str
) -> None:
    assert quadratic_weighted_kappa(found) == Decimal(kappa)


def test_without_answers_or_variation_there_is_nothing_to_say() -> None:
    assert quadratic_weighted_kappa([]) is None
    assert quadratic_weighted_kappa(_of((2, 2), (2, 2))) is None
    assert mean_difference([]) is None


@given(pairs)
def test_who_is_named_first_changes_kappa_not_and_turns_the_difference(
    found: list[tuple[Decimal, Decimal]],
) -> None:
    turned = [(other, one) for one, other in found]
    assert quadratic_weighted_kappa(found) == quadratic_weighted_kappa(turned)
    total = sum((one - other for one, other in found), Decimal(0))
    assert abs((mean_difference(found) or 0) * len(found) - total) <= Decimal("0.0001") * len(found)

from decimal import Decimal

import pytest

from core.domain.regrading import RegradePolicy, regraded_score

FULL, EITHER, CURRENT = (
    RegradePolicy.FULL_CREDIT,
    RegradePolicy.CURRENT_AND_PREVIOUS,
    RegradePolicy.CURRENT_ONLY,
)


@pytest.mark.parametrize(
    ("policy", "before", "now", "points"),
    [
        (FULL, False, False, 5),
        (FULL, True, True, 5),
        (EITHER, True, False, 5),
        (EITHER, False, True, 5),
        (EITHER, False, False, 0),
        (CURRENT, True, False, 0),
        (CURRENT, False, True, 5),
        (CURRENT, False, False, 0),
    ],
)
def test_what_an_answer_earns_under_a_new_key(
    policy: RegradePolicy, before: bool, now: bool, points: int
) -> None:
    found = regraded_score(policy, previously_correct=before, now_correct=now, possible=Decimal(5))
    assert found == points

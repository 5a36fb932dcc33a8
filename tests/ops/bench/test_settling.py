"""The benchmark of settling, in small: every kind of settling is measured, and goals are judged. Never how fast."""

from ops.bench.settling import Measured, goals, measure


def test_a_small_class_is_settled_in_every_way() -> None:
    (one,) = measure(3, 4, rounds=1)
    assert min(one.changed, one.unchanged, one.single, one.reference) > 0


def test_goals_of_settling() -> None:
    met = goals([Measured(changed=2, unchanged=2, single=0.05, reference=1)])
    missed = goals([Measured(changed=2.1, unchanged=2.1, single=0.051, reference=0.1)])
    assert [goal.is_met for goal in met] == [True, True, True, True]
    assert [goal.is_met for goal in missed] == [False, False, False, False]

from ops.bench.pipeline import Measured, goals, worst_growth

SMALL = Measured(1_000, seconds=10.0, gibibytes=0.5, stages={"concept_mastery": 1.0, "brief": 0.1}, scan=0.5)


def _large(**stages: float) -> Measured:
    return Measured(10_000, seconds=100.0, gibibytes=1.0, stages=stages, scan=5.0)


def test_the_stage_that_grew_most_is_named_and_brief_ones_are_left_out() -> None:
    assert worst_growth(SMALL, _large(concept_mastery=12.0, brief=0.4)) == ("concept_mastery", 12.0)


def test_a_stage_that_was_brief_and_is_not_any_more_is_named() -> None:
    assert worst_growth(SMALL, _large(concept_mastery=12.0, brief=9.0)) == ("brief", 90.0)


def test_growth_is_told_for_ten_times_the_answers_whatever_the_sizes() -> None:
    twice = Measured(2_000, seconds=10.0, gibibytes=1.0, stages={"concept_mastery": 2.0}, scan=1.0)
    assert worst_growth(SMALL, twice) == ("concept_mastery", 10.0)


def test_goals_are_of_memory_floor_and_growth() -> None:
    assert [goal.is_met for goal in goals([SMALL, _large(concept_mastery=10.0)])] == [True, True, True]
    worse = Measured(10_000, seconds=200.0, gibibytes=4.5, stages={"concept_mastery": 16.0}, scan=5.0)
    assert [goal.is_met for goal in goals([SMALL, worse])] == [False, False, False]

from dataclasses import replace
from decimal import Decimal
from fractions import Fraction
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.domain.drop_rules import DropRule
from core.domain.gradebook import CategoryRule, CourseGrades, Fate, GradingPolicy, Item, course_grades
from core.domain.grading import round_half_up
from ops.grading_cases import read_cases

CASES = read_cases(Path(__file__).parents[2] / "data" / "grading_cases.json")
points = st.decimals(0, 60, places=1)
items = st.builds(
    Item,
    id=st.integers(0, 10_000),
    category=st.sampled_from(["quizzes", "homework", "unheard of", None]),
    score=st.none() | points,
    possible=points,
    posted=st.booleans(),
    awaiting_review=st.booleans(),
    excused=st.sampled_from([False, False, True]),
    omitted=st.sampled_from([False, False, False, True]),
    never_drop=st.booleans(),
)
gradebooks = st.lists(items, max_size=12, unique_by=lambda item: item.id)
rules = st.tuples(
    *(
        st.builds(
            CategoryRule,
            st.just(name),
            st.just(name),
            st.decimals(0, 90, places=1),
            st.integers(0, 3),
            st.integers(0, 2),
        )
        for name in ("quizzes", "homework")
    )
)
policies = st.builds(
    GradingPolicy,
    weighted=st.booleans(),
    drop_rule=st.sampled_from(DropRule),
    places=st.integers(0, 4),
    categories=rules,
)


def runs(grades: CourseGrades) -> list[object]:
    return [grades.current_posted, grades.final_posted, grades.current_all, grades.final_all]


@pytest.mark.parametrize("case", CASES, ids=[case.id for case in CASES])
def test_the_worked_cases_come_out_to_the_last_digit(case: object) -> None:
    assert case.mismatches() == []  # type: ignore[attr-defined]


@given(policies, gradebooks)
def test_the_lines_of_the_explanation_add_up_to_the_grade(policy: GradingPolicy, book: list[Item]) -> None:
    for standing in runs(course_grades(policy, book)):
        parts = [category.contribution for category in standing.categories]  # type: ignore[attr-defined]
        if standing.unrounded is None:  # type: ignore[attr-defined]
            assert parts == [None] * len(parts)
            continue
        total = sum((part for part in parts if part is not None), Fraction(0))
        assert total == standing.unrounded  # type: ignore[attr-defined]
        assert round_half_up(total, policy.places) == standing.percent  # type: ignore[attr-defined]
        for category in standing.categories:  # type: ignore[attr-defined]
            kept = [line for line in category.lines if line.fate is Fate.KEPT]
            assert sum((line.score for line in kept), Decimal(0)) == category.score
            assert sum((line.possible for line in kept), Decimal(0)) == category.possible


@given(policies, gradebooks, st.randoms(use_true_random=False))
def test_the_order_of_the_assignments_changes_nothing(
    policy: GradingPolicy, book: list[Item], random: object
) -> None:
    mixed = [*book]
    random.shuffle(mixed)  # type: ignore[attr-defined]
    assert course_grades(policy, mixed) == course_grades(policy, book)


@given(policies, gradebooks)
def test_every_item_has_one_line_in_every_run(policy: GradingPolicy, book: list[Item]) -> None:
    for standing in runs(course_grades(policy, book)):
        told = [line.item_id for category in standing.categories for line in category.lines]  # type: ignore[attr-defined]
        assert sorted(told) == sorted(item.id for item in book)


@given(gradebooks, st.data())
def test_excusing_missing_work_never_hurts_where_nothing_is_dropped(
    book: list[Item], data: st.DataObject
) -> None:
    """With drop rules it can: what is excused can no longer be what is dropped."""
    missing = [item for item in book if item.score is None]
    if not missing:
        return
    excused = data.draw(st.sampled_from(missing))
    before = course_grades(GradingPolicy(), book).final_all.percent
    after = course_grades(
        GradingPolicy(), [replace(item, excused=item.excused or item is excused) for item in book]
    )
    assert before is None or after.final_all.percent is None or after.final_all.percent >= before


@given(policies.filter(lambda policy: policy.drop_rule is DropRule.JOINT), gradebooks, st.data())
def test_a_better_score_never_lowers_a_grade(
    policy: GradingPolicy, book: list[Item], data: st.DataObject
) -> None:
    worth = [replace(item, possible=item.possible + 1) for item in book]
    scored = [item for item in worth if item.score is not None]
    if not scored:
        return
    chosen = data.draw(st.sampled_from(scored))
    better = replace(chosen, score=(chosen.score or 0) + data.draw(points))
    raised = course_grades(policy, [better if item is chosen else item for item in worth])
    for before, after in zip(runs(course_grades(policy, worth)), runs(raised), strict=True):
        if before.unrounded is not None:  # type: ignore[attr-defined]
            assert after.unrounded >= before.unrounded  # type: ignore[attr-defined]


def test_weights_under_a_hundred_are_scaled_up_and_over_a_hundred_stay() -> None:
    quizzes, homework = CategoryRule("q", "Quizzes", Decimal(50)), CategoryRule("h", "Homework", Decimal(60))
    book = [Item(1, "q", Decimal(8), Decimal(10)), Item(2, "h", Decimal(5), Decimal(10))]
    policy = GradingPolicy(weighted=True, categories=(quizzes, homework))
    assert course_grades(policy, book).final_all.percent == Decimal("70.00")  # 40 + 30
    assert course_grades(policy, book[:1]).final_all.percent == Decimal("80.00")


def test_what_has_no_category_has_no_weight_but_counts_by_points() -> None:
    quizzes = CategoryRule("q", "Quizzes", Decimal(100))
    book = [Item(1, "q", Decimal(8), Decimal(10)), Item(2, None, Decimal(0), Decimal(10))]
    by_points = GradingPolicy(categories=(quizzes,))
    assert course_grades(by_points, book).final_all.percent == Decimal("40.00")
    assert course_grades(replace(by_points, weighted=True), book).final_all.percent == Decimal("80.00")


def test_an_unposted_score_waits_in_current_and_is_zero_in_final_until_it_is_posted() -> None:
    book = [Item(1, None, Decimal(2), Decimal(5)), Item(2, None, Decimal(4), Decimal(5), posted=False)]
    grades = course_grades(GradingPolicy(), book)
    assert [run.percent for run in (grades.current_posted, grades.final_posted)] == [40, 20]
    assert [run.percent for run in (grades.current_all, grades.final_all)] == [60, 60]
    assert grades.current_posted.categories[0].lines[1].fate is Fate.UNPOSTED
    assert grades.final_posted.categories[0].lines[1].counted_as_zero

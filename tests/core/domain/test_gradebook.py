from dataclasses import replace
from decimal import Decimal
from fractions import Fraction
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.domain.drop_rules import DropRule
from core.domain.gradebook import (
    CategoryRule,
    CourseGrades,
    Fate,
    GradingPolicy,
    Item,
    Standing,
    course_grades,
)
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
    """With drop rules it can by points: what is dropped instead no longer weighs as much as other categories."""
    before, after = final_before_and_after_excusing(GradingPolicy(), book, data)
    assert after.unrounded is None or before.unrounded is None or after.unrounded >= before.unrounded


@given(policies.filter(lambda policy: policy.drop_rule is DropRule.JOINT), gradebooks, st.data())
def test_excusing_missing_work_never_hurts_its_category_nor_a_weighted_course(
    policy: GradingPolicy, book: list[Item], data: st.DataObject
) -> None:
    """Under the joint rule, without work that is never dropped: beside that the next lowest may leave, and it may be
    the better part."""
    plain = [replace(item, never_drop=False, possible=item.possible + 1) for item in book]
    weighted = replace(policy, weighted=True)
    before, after = final_before_and_after_excusing(weighted, plain, data)
    assert after.unrounded is None or before.unrounded is None or after.unrounded >= before.unrounded
    for old, new in zip(before.categories, after.categories, strict=True):
        assert new.percent is None or old.percent is None or new.percent >= old.percent


def final_before_and_after_excusing(
    policy: GradingPolicy, book: list[Item], data: st.DataObject
) -> tuple[Standing, Standing]:
    missing = [item for item in book if item.score is None]
    excused = data.draw(st.sampled_from(missing)) if missing else None
    then = [replace(item, excused=item.excused or item is excused) for item in book]
    return course_grades(policy, book).final_all, course_grades(policy, then).final_all


def test_excusing_the_work_that_was_dropped_can_lower_a_grade_by_points() -> None:
    """100 % homework, one of three dropped, beside a test at 50 %: of two only one stays, and weighs less."""
    homework = CategoryRule("h", "Homework", drop_lowest=1)
    book = [Item(number, "h", Decimal(10), Decimal(10)) for number in (1, 2)]
    book += [Item(3, "h", None, Decimal(10)), Item(4, None, Decimal(5), Decimal(10))]
    policy = GradingPolicy(categories=(homework,))
    excused = [replace(item, excused=item.score is None) for item in book]
    assert course_grades(policy, book).final_all.percent == Decimal("83.33")
    assert course_grades(policy, excused).final_all.percent == Decimal("75.00")


@given(policies.filter(lambda policy: policy.drop_rule is DropRule.JOINT), gradebooks, st.data())
def test_a_better_score_never_lowers_its_category_nor_a_weighted_course(
    policy: GradingPolicy, book: list[Item], data: st.DataObject
) -> None:
    worth = [replace(item, possible=item.possible + 1) for item in book]
    scored = [item for item in worth if item.score is not None]
    if not scored:
        return
    chosen = data.draw(st.sampled_from(scored))
    better = replace(chosen, score=(chosen.score or 0) + data.draw(points))
    weighted = replace(policy, weighted=True)
    raised = course_grades(weighted, [better if item is chosen else item for item in worth])
    for before, after in zip(runs(course_grades(weighted, worth)), runs(raised), strict=True):
        if before.unrounded is not None:  # type: ignore[attr-defined]
            assert after.unrounded >= before.unrounded  # type: ignore[attr-defined]
        for old, new in zip(before.categories, after.categories, strict=True):  # type: ignore[attr-defined]
            assert old.percent is None or new.percent >= old.percent


def test_by_points_a_better_score_can_lower_a_course_because_another_piece_is_dropped() -> None:
    """From 8 to 9 of 10 the small piece beats 50 of 60 and stays instead: 10 points at 90 % weigh less beside a 0."""
    homework = CategoryRule("h", "Homework", drop_lowest=1)
    book = [Item(1, "h", Decimal(8), Decimal(10)), Item(2, "h", Decimal(50), Decimal(60))]
    book.append(Item(3, None, Decimal(0), Decimal(60)))
    policy = GradingPolicy(categories=(homework,))
    before = course_grades(policy, book).final_all
    after = course_grades(policy, [replace(book[0], score=Decimal(9)), *book[1:]]).final_all
    assert [run.categories[0].percent for run in (before, after)] == [Decimal("83.33"), Decimal("90.00")]
    assert [run.percent for run in (before, after)] == [Decimal("41.67"), Decimal("12.86")]


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

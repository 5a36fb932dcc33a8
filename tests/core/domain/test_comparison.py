from collections.abc import Iterable

from hypothesis import given
from hypothesis import strategies as st

from core.domain.comparison import MEASURES, Measured, told_of
from core.domain.suppression import Group

MINIMUM = 10


def measured(students: int, average: float, *, graded: int | None = None) -> Measured:
    graded = students if graded is None else graded
    work = Group(students, 100.0 * students, 2 * students)
    return Measured(
        students,
        {
            "average_percent": Group(graded, average * graded),
            "completion_percent": work,
            "secure_percent": work,
            "rising_percent": Group(0, 0.0),
        },
    )


def averages(classes: Iterable[Measured]) -> tuple[int | None, int | None]:
    told = told_of(classes, MINIMUM)
    return told.student_count, told.means["average_percent"]


def test_a_school_is_the_sum_of_its_large_enough_classes() -> None:
    classes = [measured(20, 81.4), measured(12, 70.0), measured(4, 10.0)]
    told = told_of(classes, MINIMUM)
    assert (told.student_count, told.means["average_percent"]) == (32, 77)
    assert (told.class_count, told.withheld_class_count) == (2, 1)
    assert told.means["completion_percent"] == 50
    assert told.means["rising_percent"] is None


def test_a_class_is_told_alone_when_it_is_large_enough() -> None:
    assert averages([measured(10, 66.5)]) == (10, 67)
    assert averages([measured(9, 66.5)]) == (None, None)
    assert averages([]) == (None, None)


def test_a_measure_is_withheld_where_too_few_of_a_large_class_are_behind_it() -> None:
    assert averages([measured(25, 80.0, graded=3)]) == (25, None)
    assert averages([measured(25, 80.0, graded=3), measured(12, 60.0)]) == (37, 60)


classes = st.lists(
    st.builds(measured, st.integers(0, 30), st.integers(0, 100), graded=st.none() | st.integers(0, 30)),
    max_size=8,
)


@given(classes, st.integers(0, 9), st.integers(0, 100))
def test_a_small_class_changes_no_number_but_that_of_small_classes(
    large_and_small: list[Measured], students: int, average: int
) -> None:
    before = told_of(large_and_small, MINIMUM)
    after = told_of([*large_and_small, measured(students, average)], MINIMUM)
    assert (after.student_count, after.means, after.class_count) == (
        before.student_count,
        before.means,
        before.class_count,
    )
    assert after.withheld_class_count == before.withheld_class_count + 1


@given(classes)
def test_every_mean_is_a_whole_percent_from_at_least_the_minimum(some: list[Measured]) -> None:
    told = told_of(some, MINIMUM)
    for name in MEASURES:
        people = sum(one.measures[name].count for one in some if one.measures[name].count >= MINIMUM)
        mean = told.means[name]
        assert mean is None or (isinstance(mean, int) and 0 <= mean <= 100 and people >= MINIMUM)

from decimal import Decimal

import polars as pl
import pytest

from core.domain.class_performance import class_performance

GRADES = {
    "class_id": pl.String,
    "student_id": pl.String,
    "score": pl.Decimal(10, 4),
    "possible": pl.Decimal(10, 4),
}
TEXTS = {"class_id": pl.String, "student_id": pl.String, "assignment_id": pl.String}


def roster(*students: str, class_id: str = "c") -> pl.DataFrame:
    rows = [(class_id, student) for student in students]
    return pl.DataFrame(rows, schema={"class_id": pl.String, "student_id": pl.String}, orient="row")


def grades(*rows: tuple[str, int, int]) -> pl.DataFrame:
    records = [("c", student, Decimal(score), Decimal(possible)) for student, score, possible in rows]
    return pl.DataFrame(records, schema=GRADES, orient="row")


def assignments(*names: str) -> pl.DataFrame:
    rows = [("c", name) for name in names]
    return pl.DataFrame(rows, schema={"class_id": pl.String, "assignment_id": pl.String}, orient="row")


def handed_in(*pairs: tuple[str, str]) -> pl.DataFrame:
    return pl.DataFrame([("c", *pair) for pair in pairs], schema=TEXTS, orient="row")


def the_class(
    students: pl.DataFrame,
    graded: pl.DataFrame,
    work: pl.DataFrame | None = None,
    done: pl.DataFrame | None = None,
) -> dict[str, object]:
    frame = class_performance(
        students,
        graded,
        assignments=assignments() if work is None else work,
        handed_in=handed_in() if done is None else done,
    )
    return frame.row(0, named=True)


def test_percents_are_points_based_and_their_mean_is_over_students() -> None:
    record = the_class(roster("ana", "ben", "cem"), grades(("ana", 9, 10), ("ana", 0, 90), ("ben", 1, 2)))
    assert record["student_count"] == 3
    assert record["graded_count"] == 2
    assert record["average_percent"] == pytest.approx((9 + 50) / 2)
    assert record["median_percent"] == pytest.approx(29.5)


def test_each_student_stands_in_one_step_and_extra_credit_in_the_last() -> None:
    students = [f"s{i}" for i in range(5)]
    scores = [(student, score, 100) for student, score in zip(students, [0, 9, 10, 90, 115], strict=True)]
    record = the_class(roster(*students), grades(*scores))
    assert record["distribution"] == [2, 1, 0, 0, 0, 0, 0, 0, 0, 2]


def test_nobody_graded_is_null_and_an_empty_distribution() -> None:
    record = the_class(roster("ana"), grades())
    assert (record["graded_count"], record["average_percent"], record["median_percent"]) == (0, None, None)
    assert record["distribution"] == [0] * 10


def test_work_worth_nothing_is_no_percent() -> None:
    assert the_class(roster("ana"), grades(("ana", 0, 0)))["graded_count"] == 0


def test_completion_counts_each_piece_of_work_once() -> None:
    done = handed_in(("ana", "a1"), ("ana", "a1"), ("ana", "a2"), ("ben", "a1"))
    record = the_class(roster("ana", "ben"), grades(), assignments("a1", "a2"), done)
    assert record["completion_percent"] == pytest.approx(75.0)


def test_nothing_published_has_no_completion_and_nothing_done_is_zero() -> None:
    assert the_class(roster("ana"), grades())["completion_percent"] is None
    assert the_class(roster("ana"), grades(), assignments("a1"))["completion_percent"] == 0.0


def test_who_left_and_what_was_withdrawn_count_nowhere() -> None:
    record = the_class(
        roster("ana"),
        grades(("ana", 8, 10), ("gone", 0, 10)),
        assignments("a1"),
        handed_in(("gone", "a1"), ("ana", "withdrawn")),
    )
    assert (record["average_percent"], record["graded_count"], record["completion_percent"]) == (80.0, 1, 0.0)


@pytest.mark.parametrize(("size", "small"), [(1, True), (9, True), (10, False)])
def test_under_ten_students_is_a_small_cell(size: int, small: bool) -> None:
    assert the_class(roster(*[f"s{i}" for i in range(size)]), grades())["is_small_cell"] is small


def test_one_row_per_class_in_order() -> None:
    students = pl.concat([roster("ana", class_id="z"), roster("ben", class_id="b")])
    frame = class_performance(students, grades(), assignments=assignments(), handed_in=handed_in())
    assert frame["class_id"].to_list() == ["b", "z"]


def test_the_order_of_the_rows_does_not_change_a_bit() -> None:
    students = roster(*[f"s{i}" for i in range(40)])
    graded = grades(*[(f"s{i % 40}", i % 7, 7 + i % 3) for i in range(400)])
    empty = {"assignments": assignments(), "handed_in": handed_in()}
    first = class_performance(students, graded, **empty)
    for seed in range(3):
        shuffled = graded.sample(fraction=1, shuffle=True, seed=seed)
        assert class_performance(students, shuffled, **empty).equals(first)

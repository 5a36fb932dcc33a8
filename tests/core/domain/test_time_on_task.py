import polars as pl

from core.domain.time_on_task import time_on_task


def attempts(*rows: tuple[str, int, bool]) -> pl.DataFrame:
    return pl.DataFrame(
        [
            {
                "school_id": "s",
                "class_id": "c",
                "assignment_id": "a",
                "student_id": student,
                "active_ms": active,
                "is_accommodated": accommodated,
            }
            for student, active, accommodated in rows
        ]
    )


FIVE = [(f"student {number}", 1000 * number, False) for number in range(1, 6)]


def test_a_student_with_more_time_moves_no_norm_and_is_compared_with_it() -> None:
    rows = time_on_task(attempts(*FIVE, ("slow", 60_000, True)))
    assert rows["norm_ms"].unique().to_list() == [3000.0]
    slow = rows.row(by_predicate=pl.col("student_id") == "slow", named=True)
    assert (slow["norm_count"], slow["share_of_norm"], slow["is_accommodated"]) == (5, 20.0, True)


def test_four_students_make_no_norm() -> None:
    row = time_on_task(attempts(*FIVE[:4])).row(0, named=True)
    assert (row["norm_ms"], row["norm_count"], row["share_of_norm"]) == (None, 4, None)


def test_attempts_add_up_and_an_untouched_one_is_no_part_of_the_norm() -> None:
    rows = time_on_task(attempts(*FIVE, ("student 1", 500, False), ("idle", 0, False)))
    first = rows.row(by_predicate=pl.col("student_id") == "student 1", named=True)
    assert (first["attempt_count"], first["active_ms"], first["norm_count"]) == (2, 1500, 5)

"""How a class stands: roster, percents and their spread, work handed in."""

import polars as pl

SMALL_CELL_STUDENTS = 10  # under ten, a number outside the class may point at a child
DISTRIBUTION_STEPS = 10  # 0-9, 10-19, ... 90 and more (extra credit included)


def class_performance(
    roster: pl.DataFrame,
    grades: pl.DataFrame,
    *,
    assignments: pl.DataFrame,
    handed_in: pl.DataFrame,
) -> pl.DataFrame:
    """Return one row per class of the roster, sorted by class_id.

    `roster`: class_id, student_id (approved). `grades`: class_id, student_id, score, possible (decimals,
    graded work only). `assignments`: class_id, assignment_id (published). `handed_in`: class_id,
    student_id, assignment_id. Students and assignments that are not in the first or third frame count
    nowhere.

    Columns: student_count, graded_count, average_percent and median_percent (of the students' percents, null
    when nobody is graded), completion_percent (0-100, null when nothing is published), distribution (students
    per ten-percent step, ten counts), is_small_cell.
    """
    students = roster.unique()
    sizes = students.group_by("class_id").agg(pl.len().cast(pl.Int64).alias("student_count"))
    return (
        sizes.join(_percent_summary(student_percents(students, grades)), on="class_id", how="left")
        .join(_work(students, assignments, handed_in), on="class_id", how="left")
        .select(
            "class_id",
            "student_count",
            pl.col("graded_count").fill_null(0),
            "average_percent",
            "median_percent",
            _completion_percent().alias("completion_percent"),
            pl.col("distribution").fill_null([0] * DISTRIBUTION_STEPS),
            (pl.col("student_count") < SMALL_CELL_STUDENTS).alias("is_small_cell"),
        )
        .sort("class_id")
    )


def student_percents(roster: pl.DataFrame, grades: pl.DataFrame) -> pl.DataFrame:
    """Return class_id, student_id and percent = 100·Σscore/Σpossible: points-based, never a mean of percents.

    9 of 10 and 0 of 90 is 9 %, not 45 %. Students without graded work worth points are absent.
    """
    return (
        grades.join(roster, on=["class_id", "student_id"], how="semi")
        .group_by("class_id", "student_id")
        .agg(pl.col("score").sum().cast(pl.Float64), pl.col("possible").sum().cast(pl.Float64))
        .filter(pl.col("possible") > 0)
        .select("class_id", "student_id", percent=100.0 * pl.col("score") / pl.col("possible"))
        .sort("class_id", "student_id")
    )


def _percent_summary(percents: pl.DataFrame) -> pl.DataFrame:
    step = (pl.col("percent") / (100.0 / DISTRIBUTION_STEPS)).floor().clip(0, DISTRIBUTION_STEPS - 1)
    in_step = [(step == number).sum().cast(pl.Int64) for number in range(DISTRIBUTION_STEPS)]
    return percents.group_by("class_id", maintain_order=True).agg(
        pl.len().cast(pl.Int64).alias("graded_count"),
        pl.col("percent").mean().alias("average_percent"),
        pl.col("percent").median().alias("median_percent"),
        pl.concat_list(in_step).first().alias("distribution"),
    )


def _work(students: pl.DataFrame, assignments: pl.DataFrame, handed_in: pl.DataFrame) -> pl.DataFrame:
    """Return class_id, assignment_count and done_count: pairs of student and assignment handed in."""
    published = assignments.unique()
    done = (
        handed_in.join(students, on=["class_id", "student_id"], how="semi")
        .join(published, on=["class_id", "assignment_id"], how="semi")
        .unique(["class_id", "student_id", "assignment_id"])
        .group_by("class_id")
        .agg(pl.len().alias("done_count"))
    )
    counts = published.group_by("class_id").agg(pl.len().alias("assignment_count"))
    return counts.join(done, on="class_id", how="left").with_columns(pl.col("done_count").fill_null(0))


def _completion_percent() -> pl.Expr:
    return 100.0 * pl.col("done_count") / (pl.col("assignment_count") * pl.col("student_count"))

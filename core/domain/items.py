"""How a question behaves: who gets it right, whether it tells strong from weak, what is chosen, how long it takes."""

from enum import StrEnum

import polars as pl

# Below ten students a correlation is noise: its standard error alone is a third.
MINIMUM_STUDENTS_FOR_DISCRIMINATION = 10
_REST_PLACES = 9  # rest scores that differ only by rounding are equal


def question_statistics(answers: pl.DataFrame) -> pl.DataFrame:
    """Return one row per question, sorted by question_id.

    `answers`: the first graded answer per question and attempt, in any order, with question_id, class_id,
    student_id, answer_id, outcome (0-1), selected_option (null for free responses), time_spent_ms.

    Columns: answer_count, student_count, share_right (mean outcome 0-1: the classical difficulty, high is
    easy), discrimination (-1 to 1, or null), median_time_ms, option_ids and option_counts (in step, sorted).
    """
    ordered = answers.sort("question_id", "student_id", "answer_id")
    totals = ordered.group_by("question_id", maintain_order=True).agg(
        pl.len().cast(pl.Int64).alias("answer_count"),
        pl.col("student_id").n_unique().cast(pl.Int64).alias("student_count"),
        pl.col("outcome").mean().clip(0.0, 1.0).alias("share_right"),
        pl.col("time_spent_ms").median().cast(pl.Float64).alias("median_time_ms"),
    )
    return (
        totals.join(discrimination(ordered), on="question_id", how="left")
        .join(option_counts(ordered), on="question_id", how="left")
        .with_columns(pl.col("option_ids", "option_counts").fill_null([]))
        .sort("question_id")
    )


def discrimination(answers: pl.DataFrame) -> pl.DataFrame:
    """Return question_id and the corrected item-rest correlation; `answers` by question, student and answer.

    Pearson's r between the students' outcome on the question and their mean outcome on the class's other
    questions (the question itself left out, or it would correlate with itself). Under 0.2 the question hardly
    tells students apart; negative hints at a wrong key. Null under MINIMUM_STUDENTS_FOR_DISCRIMINATION
    students with other answers, and when all outcomes are alike. Several attempts of a student are averaged.
    """
    both_vary = (pl.col("outcome").n_unique() > 1) & (pl.col("rest").n_unique() > 1)
    enough = pl.len() >= MINIMUM_STUDENTS_FOR_DISCRIMINATION
    return (
        _with_rest(answers)
        .drop_nulls("rest")
        .group_by("question_id", maintain_order=True)
        .agg(
            pl.when(enough & both_vary)
            .then(pl.corr("outcome", "rest").clip(-1.0, 1.0))
            .alias("discrimination")
        )
    )


def option_counts(answers: pl.DataFrame) -> pl.DataFrame:
    """Return question_id, option_ids chosen at least once (sorted) and option_counts in the same order."""
    return (
        answers.drop_nulls("selected_option")
        .group_by("question_id", "selected_option")
        .agg(pl.len().cast(pl.Int64).alias("count"))
        .sort("question_id", "selected_option")
        .group_by("question_id", maintain_order=True)
        .agg(pl.col("selected_option").alias("option_ids"), pl.col("count").alias("option_counts"))
    )


def _with_rest(answers: pl.DataFrame) -> pl.DataFrame:
    """Return question_id, outcome and rest (the mean outcome on the other questions) per student, in order."""
    outcomes = (
        answers.group_by("question_id", "student_id", "class_id", maintain_order=True)
        .agg(pl.col("outcome"))
        .with_columns(pl.col("outcome").list.mean())
    )
    all_of_student = (
        outcomes.group_by("class_id", "student_id", maintain_order=True)
        .agg(pl.col("outcome").alias("outcome_sum"), pl.len().alias("question_count"))
        .with_columns(pl.col("outcome_sum").list.sum())
    )
    others = pl.col("question_count") - 1
    rest = (pl.col("outcome_sum") - pl.col("outcome")) / others
    return outcomes.join(
        all_of_student, on=["class_id", "student_id"], how="left", maintain_order="left"
    ).select("question_id", "outcome", rest=pl.when(others > 0).then(rest.round(_REST_PLACES)))


class QuestionHint(StrEnum):
    """What is worth a second look at a question."""

    CHECK_THE_KEY = "check_the_key"
    """Strong students get it wrong more often than weak ones."""
    HARDLY_TELLS_APART = "hardly_tells_apart"
    VERY_EASY = "very_easy"
    VERY_HARD = "very_hard"


WEAK_DISCRIMINATION = 0.2  # the usual line under which item analysts rewrite a question
VERY_EASY_SHARE, VERY_HARD_SHARE = 0.95, 0.2


def question_hints(*, share_right: float, discrimination: float | None) -> list[QuestionHint]:
    """Return what is worth a second look; nothing for a question that does its work.

    Right in 50 %, discrimination -0.3: check the key. Right in 97 %: very easy, and then it can tell nobody apart.
    """
    hints = []
    if discrimination is not None and discrimination < 0:
        hints.append(QuestionHint.CHECK_THE_KEY)
    elif discrimination is not None and discrimination < WEAK_DISCRIMINATION:
        hints.append(QuestionHint.HARDLY_TELLS_APART)
    if share_right >= VERY_EASY_SHARE:
        hints.append(QuestionHint.VERY_EASY)
    if share_right <= VERY_HARD_SHARE:
        hints.append(QuestionHint.VERY_HARD)
    return hints

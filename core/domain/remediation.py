"""What to take up again with a class: the concepts most of its students struggle with, who they are, and practice.

A hint for planning a lesson, never a verdict: whom the rule of mastery cannot judge yet is counted by nobody.
"""

import polars as pl

from core.domain.mastery import NOT_ENOUGH_EVIDENCE, STRUGGLING

MOST_CONCEPTS = 5
MOST_QUESTIONS = 5
WHOLE_CLASS_SHARE = 0.5  # from half of the students on, a lesson for all beats a small group


def remediation(mastery: pl.DataFrame, paths: pl.DataFrame, *, most: int = MOST_CONCEPTS) -> pl.DataFrame:
    """Return the concepts most students of one class struggle with, the most frequent first.

    `mastery`: student_id, concept_id, band, p_below_threshold of the class's students on the class's concepts;
    `paths`: student_id, concept_id, question_ids of their learning paths. Columns: concept_id, judged_count (students
    with enough answers), struggling_count, student_ids (who struggle, the surest first), question_ids (bank questions
    suggested to most of them, at most five), is_for_all (half or more struggle), reason (a sentence).
    """
    counted = (
        mastery.filter(pl.col("band") != NOT_ENOUGH_EVIDENCE)
        .sort("p_below_threshold", "student_id", descending=[True, False])
        .group_by("concept_id", maintain_order=True)
        .agg(
            pl.len().cast(pl.Int64).alias("judged_count"),
            pl.col("student_id").filter(pl.col("band") == STRUGGLING).alias("student_ids"),
        )
        .with_columns(struggling_count=pl.col("student_ids").list.len().cast(pl.Int64))
        .filter(pl.col("struggling_count") > 0)
    )
    chosen = counted.sort(
        "struggling_count", "judged_count", "concept_id", descending=[True, False, False]
    ).head(most)
    is_for_all = pl.col("struggling_count") >= WHOLE_CLASS_SHARE * pl.col("judged_count")
    return (
        chosen.join(_suggested(chosen, paths), on="concept_id", how="left", maintain_order="left")
        .with_columns(pl.col("question_ids").fill_null([]), is_for_all=is_for_all)
        .with_columns(reason=_reason())
        .select(
            "concept_id",
            "judged_count",
            "struggling_count",
            "student_ids",
            "question_ids",
            "is_for_all",
            "reason",
        )
    )


def _suggested(chosen: pl.DataFrame, paths: pl.DataFrame) -> pl.DataFrame:
    """Return concept_id and the questions that suit most of those who struggle with it."""
    struggling = chosen.select("concept_id", student_id="student_ids").explode("student_id")
    votes = (
        paths.join(struggling, on=["student_id", "concept_id"], how="semi")
        .select("concept_id", question_id="question_ids")
        .explode("question_id")
        .drop_nulls("question_id")
    )
    return (
        votes.group_by("concept_id", "question_id")
        .len()
        .sort("concept_id", "len", "question_id", descending=[False, True, False])
        .group_by("concept_id", maintain_order=True)
        .agg(pl.col("question_id").head(MOST_QUESTIONS).alias("question_ids"))
    )


def _reason() -> pl.Expr:
    counts = (pl.col("struggling_count"), pl.col("judged_count"))
    words = "{} of {} students with enough answers struggle with it: "
    return (
        pl.when("is_for_all")
        .then(pl.format(words + "worth taking up again with all.", *counts))
        .otherwise(pl.format(words + "worth a small group.", *counts))
    )

"""Answers of learners in a file, as the public data sets have them.

Columns: `user` (integer or text), `t` (order within the user), `item` (question), `skills` (list of concepts, or one
concept), `correct` (0-1, or true and false); where known `day` (days since any first day) and `fold` (1-5). Other
columns are left alone. Without `item` the first skill stands for the question; without `fold` users are dealt into
five. Rows may stand in any order; a row that stands twice counts once. Parquet, or CSV (also gzipped), where several
concepts of an answer are parted by commas, semicolons or tildes.
"""

from datetime import UTC, datetime
from pathlib import Path

import polars as pl

FOLDS = 5
_FIRST_DAY = datetime(2000, 1, 1, tzinfo=UTC)
_SEPARATORS = r"[,;~]"
_TEXT_FILES = (".csv", ".csv.gz")
_REQUIRED = ("user", "t", "skills", "correct")
_MICROSECONDS_OF_A_DAY = 86_400_000_000


class AnswerFileError(ValueError):
    """The file is not what the benchmark can read; the sentence says why."""


def read_answers(path: Path) -> pl.DataFrame:
    """Return the file as the frame of answers that `core.domain.calibration` describes, with its fold.

    Answers without a concept or an outcome are left out. Raises AnswerFileError.
    """
    raw = _read(path)
    missing = [name for name in _REQUIRED if name not in raw.columns]
    if missing:
        raise AnswerFileError(
            f"{path} lacks the column {' and '.join(missing)}; it has: {', '.join(raw.columns)}"
        )
    try:
        known = _typed(raw)
    except pl.exceptions.PolarsError as error:
        raise AnswerFileError(f"{path}: a column cannot be read: {str(error).splitlines()[0]}") from error
    if known.is_empty():
        raise AnswerFileError(f"{path} holds no answer with a concept and an outcome")
    if not known["outcome"].is_between(0, 1).all():
        raise AnswerFileError(f"{path}: `correct` must lie between 0 and 1")
    if known["outcome"].n_unique() < 2:
        raise AnswerFileError(f"{path}: every answer has the same outcome, there is nothing to foretell")
    if known["fold"].n_unique() < 3:
        raise AnswerFileError(f"{path}: `fold` must deal the users into at least three folds")
    return known


def has_several_skills(answers: pl.DataFrame) -> bool:
    """Say whether any answer practises more than one concept."""
    return bool((answers["concept_ids"].list.len() > 1).any())


def _read(path: Path) -> pl.DataFrame:
    try:
        return pl.read_csv(path) if path.name.lower().endswith(_TEXT_FILES) else pl.read_parquet(path)
    except (pl.exceptions.PolarsError, OSError) as error:
        raise AnswerFileError(f"{path} is neither Parquet nor CSV: {str(error).splitlines()[0]}") from error


def _typed(raw: pl.DataFrame) -> pl.DataFrame:
    skills = _skills(raw)
    item = pl.col("item") if "item" in raw.columns else skills.list.first()
    days = pl.col("day").cast(pl.Float64).fill_null(0.0) if "day" in raw.columns else pl.lit(0.0)
    fold = pl.col("fold") if "fold" in raw.columns else pl.col("user").rank("dense") % FOLDS + 1
    return (
        raw.unique(maintain_order=True)
        .sort("user", "t", maintain_order=True)
        .select(
            fold=fold.cast(pl.Int64),
            student_id=pl.col("user").cast(pl.String),
            question_id=item.cast(pl.String),
            concept_ids=skills,
            answered_at=pl.lit(_FIRST_DAY).cast(pl.Datetime("us", "UTC"))
            + pl.duration(microseconds=(days * _MICROSECONDS_OF_A_DAY).cast(pl.Int64)),
            outcome=pl.col("correct").cast(pl.Float64),
        )
        .filter(pl.col("concept_ids").list.len() > 0)
        .drop_nulls(["outcome", "student_id", "question_id", "fold"])
        .with_columns(answer_id=pl.int_range(pl.len()).cast(pl.String).str.zfill(12))
    )


def _skills(raw: pl.DataFrame) -> pl.Expr:
    """One concept is a list of one; repeats and blanks within an answer count once and not at all."""
    column, dtype = pl.col("skills"), raw.schema["skills"]
    if dtype == pl.String:
        column = column.str.replace_all(_SEPARATORS, ",").str.split(",")
    elif not isinstance(dtype, pl.List):
        column = pl.concat_list(column)
    named = column.cast(pl.List(pl.String)).list.eval(pl.element().str.strip_chars())
    return named.list.eval(pl.element().filter(pl.element() != "")).list.unique(maintain_order=True)

"""Writes the small simulated file that shows what the benchmark of mastery reads.

    python -m ops.bench.simulated_answers FILE

The students are those of the demo, not real ones: the file proves that the program runs, not that mastery is right.
"""

import sys
from pathlib import Path

import polars as pl

from ops.bench.answer_file import FOLDS
from ops.bench.simulated_term import Term, answers_until, live_term

SIMULATED_ANSWERS = Path(__file__).parent / "data" / "simulated_answers.parquet"
_WEEKS = 12
_STUDENTS = 400
_SEED = 7


def main() -> int:
    """Write the file named as the argument, or the one of the repository."""
    path = Path(sys.argv[1]) if len(sys.argv) > 1 else SIMULATED_ANSWERS
    frame = simulated_answers(live_term(0, students=_STUDENTS, weeks=_WEEKS, seed=_SEED))
    frame.write_parquet(path, compression="zstd", compression_level=19)
    print(f"{path}: {frame.height} answers of {frame['user'].n_unique()} students")
    return 0


def simulated_answers(term: Term) -> pl.DataFrame:
    """Return a term's first graded answers in the columns of `ops.bench.answer_file`; partly right is wrong."""
    answers = answers_until(term, _WEEKS).sort("student_id", "answered_at", "answer_id")
    return answers.select(
        user=pl.col("student_id").cast(pl.Int32),
        t=pl.int_range(pl.len()).over("student_id").cast(pl.Int32),
        item=pl.col("question_id").str.strip_prefix("q").cast(pl.Int32),
        skills=pl.col("concept_ids").cast(pl.List(pl.Int32)),
        correct=(pl.col("outcome") == 1).cast(pl.Int8),
        day=((pl.col("answered_at") - pl.col("answered_at").min()).dt.total_hours() / 24).round(2),
        fold=(pl.col("student_id").rank("dense") % FOLDS + 1).cast(pl.Int8),
    )


if __name__ == "__main__":
    sys.exit(main())

"""Second tries inside an attempt: they are kept, but the first one with a verdict is what counts."""

import numpy as np
import numpy.typing as npt
import polars as pl

PRACTICE_SHARE = 0.1
"""Of wrong multiple-choice answers; nobody practises what was guessed at in haste."""
_FOUND_SHARE = 0.55


def with_practice(
    tries: pl.DataFrame, correct_position: npt.NDArray[np.int64], random: np.random.Generator
) -> pl.DataFrame:
    """Add practice tries at the end of each attempt, and the column `counts` to all.

    `tries` has the columns of `Work.answers` (without counts); `correct_position` is indexed by question.
    """
    chosen = pl.Series(random.random(len(tries)) < PRACTICE_SHARE)
    repeated = tries.filter(chosen & ~pl.col("right") & (pl.col("choice") >= 0) & ~pl.col("guessed"))
    ends = tries.group_by("attempt").agg(end=pl.col("answered").max())
    found = random.random(len(repeated)) < _FOUND_SHARE
    correct = correct_position[repeated["question"].to_numpy()]
    elsewhere = (correct + random.integers(1, 4, size=len(repeated))) % 4
    practice = (
        repeated.join(ends, on="attempt", how="left", maintain_order="left")
        .with_columns(
            points=found.astype(np.int64),
            right=found,
            choice=np.where(found, correct, elsewhere),
            time_spent_ms=random.integers(4_000, 25_000, size=len(repeated)),
        )
        .with_columns(
            answered=pl.col("end") + (pl.col("time_spent_ms") + 1_500).cum_sum().over("attempt"),
            counts=pl.lit(value=False),
        )
    )
    return pl.concat([tries.with_columns(counts=pl.lit(value=True)), practice.drop("end")], how="vertical")

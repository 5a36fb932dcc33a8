"""What happens in a class day by day."""

import polars as pl


def class_activity(events: pl.LazyFrame, answers: pl.LazyFrame, hand_ins: pl.LazyFrame) -> pl.DataFrame:
    """Return one row per class and day (UTC) on which a student did something, by class_id and day.

    Each frame, read in pieces, has class_id, student_id, moment (UTC): events, tries, attempts handed in.

    Columns: class_id, day, active_count (distinct students), event_count, answer_count, hand_in_count.
    """
    kinds = {"event_count": events, "answer_count": answers, "hand_in_count": hand_ins}
    done = pl.concat(
        [
            rows.select(
                "class_id", "student_id", day=pl.col("moment").dt.date(), kind=pl.lit(kind, dtype=pl.String)
            )
            for kind, rows in kinds.items()
        ]
    )
    counts = [(pl.col("kind") == kind).sum().cast(pl.Int64).alias(kind) for kind in kinds]
    return (
        done.group_by("class_id", "day")
        .agg(pl.col("student_id").n_unique().cast(pl.Int64).alias("active_count"), *counts)
        .sort("class_id", "day")
        .collect(engine="streaming")
    )

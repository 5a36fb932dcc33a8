from datetime import UTC, date, datetime

import polars as pl

from core.domain.class_activity import class_activity


def done(*rows: tuple[str, datetime]) -> pl.LazyFrame:
    schema = {"class_id": pl.String(), "student_id": pl.String(), "moment": pl.Datetime("us", "UTC")}
    frame = [{"class_id": "c", "student_id": student, "moment": moment} for student, moment in rows]
    return pl.DataFrame(frame, schema=schema).lazy()


def test_days_are_utc_and_a_student_is_counted_once_whatever_the_traces() -> None:
    late, early = datetime(2026, 11, 2, 23, 59, tzinfo=UTC), datetime(2026, 11, 3, 0, 0, tzinfo=UTC)
    rows = class_activity(
        done(("ana", late), ("ana", late), ("ben", early)), done(("ana", late)), done(("ana", early))
    )
    assert rows.rows() == [("c", date(2026, 11, 2), 1, 2, 1, 0), ("c", date(2026, 11, 3), 2, 1, 0, 1)]
    assert rows.columns == ["class_id", "day", "active_count", "event_count", "answer_count", "hand_in_count"]


def test_where_nothing_happened_there_is_no_row() -> None:
    assert class_activity(done(), done(), done()).is_empty()

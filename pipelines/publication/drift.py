"""Compares the counters a teacher watches live with the marts, over the attempts that both know.

The counters are counted from PostgreSQL while somebody watches; the marts follow within a minute. An attempt that
changed after the marts were read is left out: there the counters are only ahead.
"""

from datetime import datetime, timedelta

import polars as pl
import psycopg
from psycopg import sql

from core.tenancy import TenantId
from pipelines.copying import copy_frame
from warehouse.mart import COUNT, FLAG, ID

LESSON = timedelta(hours=12)
"""How far back the live counters look."""
_KEYS = ("class_id", "assignment_id", "submission_id")
_COUNTERS = ("is_open", "answered", "correct", "waiting")
_SCHEMA = {**dict.fromkeys(_KEYS, ID), "is_open": FLAG, **dict.fromkeys(_COUNTERS[1:], COUNT)}


def live_counters(connection: psycopg.Connection, tenant: TenantId, *, as_of: datetime) -> pl.DataFrame:
    """Count what the live counters count, per attempt of the last lesson that has not changed since `as_of`."""
    statement = sql.SQL(
        """
        SELECT s.class_id, s.assignment_id, s.id AS submission_id, s.status = 'in_progress' AS is_open,
            count(t.id) FILTER (WHERE t.counts) AS answered,
            count(t.id) FILTER (WHERE t.counts AND t.is_correct) AS correct,
            count(t.id) FILTER (WHERE t.counts AND t.status <> 'graded') AS waiting
        FROM app.student_submissions AS s
        LEFT JOIN app.student_answers AS t ON t.district_id = {district} AND t.submission_id = s.id
        WHERE s.district_id = {district} AND s.deleted_at IS NULL AND s.updated_at <= {as_of}
            AND s.started_at >= {since}
        GROUP BY s.class_id, s.assignment_id, s.id, s.status
        HAVING coalesce(max(t.updated_at) <= {as_of}, true)
        """
    ).format(
        district=sql.Literal(tenant.value),
        as_of=sql.Literal(as_of),
        since=sql.Literal(as_of - LESSON),
    )
    return copy_frame(connection, statement, _SCHEMA)


def counters_of_marts(attempts: pl.LazyFrame, answers: pl.LazyFrame) -> pl.DataFrame:
    """Count the same from the marts."""
    counted = (
        answers.filter("is_counted")
        .group_by("submission_id")
        .agg(
            answered=pl.len().cast(COUNT),
            correct=pl.col("is_correct").fill_null(value=False).sum().cast(COUNT),
            waiting=pl.col("score").is_null().sum().cast(COUNT),
        )
    )
    return (
        attempts.select(*_KEYS, is_open=pl.col("status") == "in_progress")
        .join(counted, on="submission_id", how="left")
        .with_columns(pl.col(_COUNTERS[1:]).fill_null(0))
        .collect()
    )


def drift(live: pl.DataFrame, marts: pl.DataFrame) -> pl.DataFrame:
    """Return per class and assignment how many attempts are told differently, and of which the marts know nothing."""
    told = [pl.col(name).ne_missing(pl.col(f"{name}_mart")) for name in _COUNTERS]
    return (
        live.join(marts, on=_KEYS, how="left", suffix="_mart")
        .filter(pl.any_horizontal(told))
        .group_by("class_id", "assignment_id")
        .agg(attempts=pl.len(), unknown=pl.col("is_open_mart").is_null().sum())
        .sort("class_id", "assignment_id")
    )

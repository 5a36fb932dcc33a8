"""Time at work on an attempt, counted as it passes, by the rule of `core.domain.activity`."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from core.db import run
from core.domain.activity import IDLE_AFTER
from core.tenancy import Actor

_IDLE_AFTER = f"interval '{int(IDLE_AFTER.total_seconds())} seconds'"
_SINCE = "coalesce(s.last_active_at, s.started_at)"

COUNT_ACTIVITY = f"""
    active_ms = s.active_ms + CASE
        WHEN %(now)s::timestamptz - {_SINCE} BETWEEN interval '0' AND {_IDLE_AFTER}
        THEN round(extract(epoch FROM %(now)s::timestamptz - {_SINCE})::float8 * 1000)::bigint ELSE 0 END,
    last_active_at = greatest({_SINCE}, %(now)s::timestamptz)"""
"""One trace at `%(now)s`: what an `UPDATE app.student_submissions AS s SET` of the hot path takes along."""

_ONE_TRACE = f"""
UPDATE app.student_submissions AS s SET {COUNT_ACTIVITY}
WHERE s.district_id = %(district_id)s AND s.id = %(submission_id)s
"""

# Many traces of several attempts: those before the last known one are known already, those of the future are a wrong
# clock. Attempts are taken in the order everybody takes them.
_TRACES = f"""
WITH traced AS MATERIALIZED (
    SELECT id FROM app.student_submissions
    WHERE district_id = %(district_id)s AND student_id = %(student_id)s AND status = 'in_progress'
        AND id = ANY(%(submissions)s::uuid[])
    ORDER BY id FOR NO KEY UPDATE
)
UPDATE app.student_submissions AS s SET
    active_ms = s.active_ms + (
        SELECT coalesce(sum(round(extract(epoch FROM gap)::float8 * 1000)), 0)::bigint
        FROM (
            SELECT moment - lag(moment, 1, {_SINCE}) OVER (ORDER BY moment) AS gap
            FROM unnest(%(submissions)s::uuid[], %(moments)s::timestamptz[]) AS trace (id, moment)
            WHERE trace.id = s.id AND moment > {_SINCE} AND moment <= %(now)s
        ) AS gaps
        WHERE gap <= {_IDLE_AFTER}),
    last_active_at = greatest({_SINCE}, (
        SELECT max(moment) FROM unnest(%(submissions)s::uuid[], %(moments)s::timestamptz[]) AS trace (id, moment)
        WHERE trace.id = s.id AND moment <= %(now)s))
FROM traced WHERE s.district_id = %(district_id)s AND s.id = traced.id
"""


async def count_trace(session: AsyncSession, actor: Actor, submission_id: UUID, *, now: datetime) -> None:
    """Count what has passed since the last trace of an attempt that the caller holds."""
    keys = {"district_id": actor.district_id, "submission_id": submission_id, "now": now}
    await run(session, _ONE_TRACE, keys)


async def count_traces(
    session: AsyncSession, actor: Actor, traces: Mapping[UUID, Sequence[datetime]], *, now: datetime
) -> None:
    """Count the traces of the actor's own open attempts, with one statement whatever their number."""
    if not traces or not actor.is_student:
        return
    pairs = [(submission_id, moment) for submission_id, moments in traces.items() for moment in moments]
    parameters = {
        "district_id": actor.district_id,
        "student_id": actor.user_id,
        "submissions": [submission_id for submission_id, _ in pairs],
        "moments": [moment for _, moment in pairs],
        "now": now,
    }
    await run(session, _TRACES, parameters)

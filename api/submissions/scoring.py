"""An attempt's score, added up from its answers: at hand-in, and whenever an answer's score has changed."""

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from core.db import run
from core.tenancy import TenantContext

# Counting answers, and the questions whose points everyone gets where nothing was answered. An attempt that is handed
# in is graded when nothing in it waits any more.
_RESCORE = """
WITH added AS (
    SELECT s.id, coalesce(sum(a.score), 0) + (
            SELECT coalesce(sum(q.points), 0) FROM app.questions q
            WHERE q.district_id = s.district_id AND q.assignment_id = s.assignment_id AND q.credits_everyone
                AND q.deleted_at IS NULL AND NOT EXISTS (
                    SELECT 1 FROM app.student_answers given
                    WHERE given.district_id = s.district_id AND given.submission_id = s.id
                        AND given.question_id = q.id AND given.counts)
        ) AS score, coalesce(bool_or(a.status <> 'graded'), false) AS waits
    FROM app.student_submissions s
    LEFT JOIN app.student_answers a ON a.district_id = s.district_id AND a.submission_id = s.id AND a.counts
    WHERE s.district_id = %(district_id)s AND s.id = ANY(%(submissions)s::uuid[])
    GROUP BY s.district_id, s.id, s.assignment_id
)
UPDATE app.student_submissions s SET score = added.score, updated_at = now(),
    status = CASE WHEN s.submitted_at IS NULL THEN 'in_progress' WHEN added.waits THEN 'submitted' ELSE 'graded' END
FROM added
WHERE s.district_id = %(district_id)s AND s.id = added.id
"""

_LOCK = """
SELECT id FROM app.student_submissions
WHERE district_id = %(district_id)s AND id = ANY(%(submissions)s::uuid[]) ORDER BY id FOR NO KEY UPDATE
"""


async def lock_attempts(session: AsyncSession, submission_ids: Sequence[UUID]) -> None:
    """Hold attempts, in the order everybody takes them, before their answers are changed."""
    await run(session, _LOCK, _parameters(session, submission_ids))


async def rescore(session: AsyncSession, submission_ids: Sequence[UUID]) -> None:
    """Add up attempts anew from their answers, in one statement; the caller holds them."""
    await run(session, _RESCORE, _parameters(session, submission_ids))


def _parameters(session: AsyncSession, submission_ids: Sequence[UUID]) -> dict[str, object]:
    context: TenantContext = session.info["context"]
    return {"district_id": context.tenant.value, "submissions": sorted(set(submission_ids))}

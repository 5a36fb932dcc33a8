"""Grades that move because a time has come: feedback is released, or work is missing."""

from datetime import datetime

from sqlalchemy import TextClause, text

from api.grades.settling import Cause, Cells
from api.grades.telling import settle_and_tell
from core.db import Database
from core.tenancy import TenantContext

MOST_CELLS = 200
"""Classes and assignments in one round; the rest waits for the next."""

# Settled without being seen, of assignments whose due date has come for the class: single students may have a later
# one, so these are candidates, and settling decides. In any order: those that must wait crowd nobody out.
_TO_POST = text(
    """
    SELECT g.class_id, g.assignment_id FROM app.grades g
    JOIN app.assignments a ON a.district_id = g.district_id AND a.id = g.assignment_id
    WHERE g.district_id = :district_id AND NOT g.is_posted AND g.status <> 'in_progress'
        AND a.grade_posting = 'automatic' AND a.status = 'published' AND a.deleted_at IS NULL
        AND (a.due_at IS NULL OR a.due_at <= :now)
    GROUP BY g.class_id, g.assignment_id ORDER BY random() LIMIT :most
    """
)

# Due, in a class whose newest policy gives missing work a score, with a student who has nothing at all.
_TO_SCORE = text(
    """
    SELECT a.class_id, a.id AS assignment_id FROM app.assignments a
    WHERE a.district_id = :district_id AND a.status = 'published' AND a.deleted_at IS NULL AND a.due_at <= :now
        AND (SELECT p.content ->> 'missing_deduction' FROM app.grading_policies p
            WHERE p.district_id = a.district_id AND p.class_id = a.class_id
            ORDER BY p.version DESC LIMIT 1) IS NOT NULL
        AND EXISTS (SELECT 1 FROM app.class_enrollments e
            LEFT JOIN app.grades g ON g.district_id = e.district_id AND g.assignment_id = a.id
                AND g.student_id = e.student_id
            WHERE e.district_id = a.district_id AND e.class_id = a.class_id AND e.status = 'approved'
                AND e.deleted_at IS NULL
                AND (g.id IS NULL OR (g.status = 'no_score' AND NOT g.is_excused AND g.is_missing IS NULL)))
    ORDER BY a.due_at DESC, a.id LIMIT :most
    """
)


async def post_released_grades(database: Database, context: TenantContext, now: datetime) -> int:
    """Post what `after_due` has released by now; returns how many grades. Each assignment is a transaction."""
    return await _settle_each(database, context, now, query=_TO_POST, reason="feedback released")


async def score_missing_work(database: Database, context: TenantContext, now: datetime) -> int:
    """Give work that never came its policy's score; returns how many grades. Each assignment is a transaction."""
    return await _settle_each(database, context, now, query=_TO_SCORE, reason="missing")


async def _settle_each(
    database: Database, context: TenantContext, now: datetime, *, query: TextClause, reason: str
) -> int:
    keys = {"district_id": context.tenant.value, "now": now, "most": MOST_CELLS}
    async with database.tenant_transaction(context) as session:
        found = list(await session.execute(query, keys))
    changed = 0
    for class_id, assignment_id in found:
        async with database.tenant_transaction(context) as session:
            cells = Cells(class_id, (assignment_id,))
            changed += len(await settle_and_tell(session, cells, Cause(reason, now)))
    return changed

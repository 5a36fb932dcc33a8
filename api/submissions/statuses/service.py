"""How far each student of a class is with an assignment."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Row
from sqlalchemy.ext.asyncio import AsyncSession

from api.assignments.service import find_assignment
from api.paging import PageRequest, fetch_page
from api.submissions.schemas import WorkStatus
from api.submissions.statuses import queries
from api.submissions.terms import Terms
from core.domain.deadlines import is_late
from core.models import (
    Assignment,
    ClassEnrollment,
    StudentSubmission,
)
from core.tenancy import Actor


async def list_work(
    session: AsyncSession, actor: Actor, assignment_id: UUID, page: PageRequest, *, now: datetime
) -> tuple[list[WorkStatus], str | None]:
    """List the class's students with what they have done by now, by student id. Raises NotFoundError."""
    assignment = await find_assignment(session, actor, assignment_id)
    statement = queries.students_at_work(actor, assignment)
    rows, cursor = await fetch_page(session, statement, ClassEnrollment.student_id, page)
    return [_show(row, assignment, now) for row in rows], cursor


def _show(row: Row[Any], assignment: Assignment, now: datetime) -> WorkStatus:
    student_id, name, last, extension, accommodation = row[:5]
    terms = Terms.of(assignment, extension, accommodation)
    return WorkStatus(
        student_id=student_id,
        name=name,
        status="not_started" if last is None else last.status.value,
        submission_id=None if last is None else last.id,
        attempts_used=row.attempts or 0,
        attempts_allowed=terms.dates.max_attempts,
        active_ms=row.active_ms or 0,
        last_active_at=row.last_active_at,
        submitted_at=None if last is None else last.submitted_at,
        due_at=terms.dates.due_at,
        is_late=_is_late(last, terms, now),
    )


def _is_late(last: StudentSubmission | None, terms: Terms, now: datetime) -> bool:
    if last is None:
        return is_late(now, terms.dates)
    return terms.is_late(last.started_at, last.submitted_at or now)

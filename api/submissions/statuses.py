"""How far each student of a class is with an assignment."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Row, Select, and_, func, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import aliased

from api.assignments.service import find_assignment
from api.paging import PageRequest, fetch_page
from api.submissions.schemas import WorkStatus
from api.submissions.terms import Terms
from core.domain.deadlines import is_late
from core.models import (
    Accommodation,
    Assignment,
    AssignmentExtension,
    ClassEnrollment,
    EnrollmentStatus,
    StudentSubmission,
    User,
)
from core.tenancy import Actor


async def list_statuses(
    session: AsyncSession, actor: Actor, assignment_id: UUID, page: PageRequest, *, now: datetime
) -> tuple[list[WorkStatus], str | None]:
    """List the class's students with what they have done by now, by student id. Raises NotFoundError."""
    assignment = await find_assignment(session, actor, assignment_id)
    statement = _students(actor, assignment)
    rows, cursor = await fetch_page(session, statement, ClassEnrollment.student_id, page)
    return [_show(row, assignment, now) for row in rows], cursor


def _students(actor: Actor, assignment: Assignment) -> Select[Any]:
    """One row a student: who, the last attempt, all attempts together, and what the student's terms follow from."""
    attempts = select(StudentSubmission).where(
        StudentSubmission.district_id == actor.district_id,
        StudentSubmission.assignment_id == assignment.id,
        StudentSubmission.deleted_at.is_(None),
    )
    newest = attempts.distinct(StudentSubmission.student_id).order_by(
        StudentSubmission.student_id, StudentSubmission.attempt_number.desc()
    )
    last = aliased(StudentSubmission, newest.subquery("last"))
    totals = (
        attempts.with_only_columns(
            StudentSubmission.student_id,
            func.count().label("attempts"),
            func.sum(StudentSubmission.active_ms).label("active_ms"),
            func.max(func.coalesce(StudentSubmission.last_active_at, StudentSubmission.started_at)).label(
                "last_active_at"
            ),
        )
        .group_by(StudentSubmission.student_id)
        .subquery("totals")
    )
    student_id = ClassEnrollment.student_id
    person = and_(User.district_id == ClassEnrollment.district_id, User.id == student_id)
    return (
        select(User.id, User.name, last, AssignmentExtension, Accommodation, totals)
        .select_from(ClassEnrollment)
        .join(User, person)
        .outerjoin(last, last.student_id == student_id)
        .outerjoin(totals, totals.c.student_id == student_id)
        .outerjoin(AssignmentExtension, _granted(assignment))
        .outerjoin(Accommodation, _needed(assignment))
        .where(
            ClassEnrollment.district_id == actor.district_id,
            ClassEnrollment.class_id == assignment.class_id,
            ClassEnrollment.status == EnrollmentStatus.APPROVED,
            ClassEnrollment.deleted_at.is_(None),
        )
    )


def _granted(assignment: Assignment) -> Any:
    return and_(
        AssignmentExtension.district_id == ClassEnrollment.district_id,
        AssignmentExtension.assignment_id == assignment.id,
        AssignmentExtension.student_id == ClassEnrollment.student_id,
    )


def _needed(assignment: Assignment) -> Any:
    return and_(
        Accommodation.district_id == ClassEnrollment.district_id,
        Accommodation.class_id == assignment.class_id,
        Accommodation.student_id == ClassEnrollment.student_id,
    )


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

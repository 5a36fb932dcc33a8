"""Assignments: finding, reading and changing them."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from api.assignments import queries
from api.assignments.presentation import own_dates, present_questions, show_assignment
from api.assignments.schemas import (
    AssignmentCreate,
    AssignmentOut,
    AssignmentUpdate,
    AssignmentWithQuestions,
    date_problem,
)
from api.assignments.settlement import settle_assignment, settle_if_counted
from api.classes.service import find_taught_class
from api.etags import Precondition
from api.paging import PageRequest, fetch_page
from core.audit import record_audit
from core.errors import ForbiddenError, InvalidInputError, NotFoundError
from core.ids import new_id
from core.models import Assignment, AssignmentStatus
from core.tenancy import Actor


async def create_assignment(
    session: AsyncSession, actor: Actor, body: AssignmentCreate, *, now: datetime
) -> AssignmentOut:
    """Create a draft in a class the actor teaches. Raises NotFoundError for any other class."""
    school_class = await find_taught_class(session, actor, body.class_id)
    assignment = new_draft(actor, school_class.school_id, body.model_dump(), now=now)
    session.add(assignment)
    await session.flush()
    await record_audit(session, actor, "created", ("assignment", assignment.id), now=now)
    return show_assignment(assignment)


def new_draft(actor: Actor, school_id: UUID, fields: dict[str, Any], *, now: datetime) -> Assignment:
    """Return a draft that is not stored yet; `fields` are its columns, the class among them."""
    return Assignment(
        district_id=actor.district_id,
        id=new_id(),
        school_id=school_id,
        status=AssignmentStatus.DRAFT,
        version=1,
        created_at=now,
        **fields,
    )


async def list_assignments(
    session: AsyncSession, actor: Actor, page: PageRequest, *, filters: dict[str, Any]
) -> tuple[list[AssignmentOut], str | None]:
    """List what the actor may see; `filters` are exact matches by column name, None ignored."""
    statement = queries.visible_assignments(actor)
    for name, value in filters.items():
        if value is not None:
            statement = statement.where(getattr(Assignment, name) == value)
    if not actor.is_student:
        rows, cursor = await fetch_page(session, statement, Assignment.id, page)
        return [show_assignment(row) for row in rows], cursor
    own = queries.with_own_exceptions(actor, statement)
    rows, cursor = await fetch_page(session, own, Assignment.id, page)
    return [show_assignment(row[0], own_dates(*row[:3])) for row in rows], cursor


async def find_assignment(session: AsyncSession, actor: Actor, assignment_id: UUID) -> Assignment:
    """Return an assignment the actor may see. Raises NotFoundError."""
    assignment: Assignment | None = await session.scalar(queries.visible_assignment(actor, assignment_id))
    if assignment is None:
        raise NotFoundError
    return assignment


async def find_own_assignment(session: AsyncSession, actor: Actor, assignment_id: UUID) -> Assignment:
    """Return an assignment of a class the actor teaches, locked. Raises NotFoundError."""
    if not actor.is_teacher:
        raise ForbiddenError
    statement = queries.visible_assignment(actor, assignment_id).with_for_update()
    assignment: Assignment | None = await session.scalar(statement)
    if assignment is None:
        raise NotFoundError
    return assignment


async def read_assignment(
    session: AsyncSession, actor: Actor, assignment_id: UUID, *, now: datetime
) -> AssignmentWithQuestions:
    """Return an assignment with its questions; a student sees none of them before it opens."""
    if not actor.is_student:
        return await show_with_questions(session, actor, await find_assignment(session, actor, assignment_id))
    statement = queries.with_own_exceptions(actor, queries.visible_assignment(actor, assignment_id))
    row = (await session.execute(statement)).one_or_none()
    if row is None:
        raise NotFoundError
    shown = show_assignment(row[0], own_dates(*row))
    is_open = shown.available_at is None or shown.available_at <= now
    questions = await present_questions(session, actor, row[0]) if is_open else []
    return AssignmentWithQuestions(**shown.model_dump(), questions=questions)


async def show_with_questions(
    session: AsyncSession, actor: Actor, assignment: Assignment
) -> AssignmentWithQuestions:
    """Return an assignment and its questions as staff see them."""
    questions = await present_questions(session, actor, assignment)
    return AssignmentWithQuestions(**show_assignment(assignment).model_dump(), questions=questions)


async def update_assignment(
    session: AsyncSession,
    actor: Actor,
    assignment_id: UUID,
    body: AssignmentUpdate,
    *,
    seen: Precondition,
    now: datetime,
) -> AssignmentOut:
    """Change what is given, and settle what follows from it.

    Raises InvalidInputError when its dates would contradict each other.
    """
    assignment = await find_own_assignment(session, actor, assignment_id)
    seen.require(assignment.version)
    given = body.model_dump(exclude_unset=True)
    changed = {field for field, value in given.items() if getattr(assignment, field) != value}
    for field, value in given.items():
        setattr(assignment, field, value)
    problem = date_problem(assignment.available_at, assignment.due_at, assignment.available_until)
    if problem is not None:
        field, sentence = problem
        raise InvalidInputError(sentence, field=field)
    assignment.version += 1
    await settle_if_counted(session, actor, assignment, changed, now=now)
    return show_assignment(assignment)


async def delete_assignment(
    session: AsyncSession, actor: Actor, assignment_id: UUID, *, seen: Precondition, now: datetime
) -> AssignmentOut:
    """Hide an assignment; its answers and grades are kept."""
    assignment = await find_own_assignment(session, actor, assignment_id)
    seen.require(assignment.version)
    assignment.deleted_at = now
    assignment.version += 1
    await record_audit(session, actor, "deleted", ("assignment", assignment_id), now=now)
    await settle_assignment(session, actor, assignment, "assignment deleted", now=now)
    return show_assignment(assignment)

"""Assignments: drafts, and publishing them to a class."""

from datetime import datetime
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from api.assignments import queries
from api.assignments.questions import present_questions
from api.assignments.schemas import AssignmentCreate, AssignmentOut, AssignmentUpdate, AssignmentWithQuestions
from api.classes.queries import approved_students
from api.classes.service import find_taught_class
from api.paging import PageRequest, fetch_page
from core.audit import record_audit
from core.errors import ConflictError, ForbiddenError, InvalidInputError, NotFoundError
from core.ids import new_id
from core.models import Assignment, AssignmentStatus
from core.notifications import Notice, notify
from core.tenancy import Actor


class NothingToPublishError(ConflictError):
    """An assignment needs at least one question before it can be published."""

    code = "nothing_to_publish"


class AssignmentPublishedError(ConflictError):
    """Students can see this assignment; its questions can no longer change."""

    code = "assignment_published"


async def create_assignment(
    session: AsyncSession, actor: Actor, body: AssignmentCreate, *, now: datetime
) -> AssignmentOut:
    """Create a draft in a class the actor teaches. Raises NotFoundError for any other class."""
    school_class = await find_taught_class(session, actor, body.class_id)
    assignment = Assignment(
        district_id=actor.district_id,
        id=new_id(),
        school_id=school_class.school_id,
        status=AssignmentStatus.DRAFT,
        version=1,
        created_at=now,
        **body.model_dump(),
    )
    session.add(assignment)
    await session.flush()
    await record_audit(session, actor, "created", ("assignment", assignment.id), now=now)
    return AssignmentOut.model_validate(assignment)


async def list_assignments(
    session: AsyncSession,
    actor: Actor,
    page: PageRequest,
    *,
    class_id: UUID | None,
    status: AssignmentStatus | None,
) -> tuple[list[AssignmentOut], str | None]:
    statement = queries.visible_assignments(actor)
    if class_id is not None:
        statement = statement.where(Assignment.class_id == class_id)
    if status is not None:
        statement = statement.where(Assignment.status == status)
    rows, cursor = await fetch_page(session, statement, Assignment.id, page)
    return [AssignmentOut.model_validate(row) for row in rows], cursor


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
    assignment = await find_assignment(session, actor, assignment_id)
    shown = AssignmentOut.model_validate(assignment)
    is_open = assignment.available_at is None or assignment.available_at <= now
    may_see = is_open or not actor.is_student
    questions = await present_questions(session, actor, assignment_id) if may_see else []
    return AssignmentWithQuestions(**shown.model_dump(), questions=questions)


async def update_assignment(
    session: AsyncSession, actor: Actor, assignment_id: UUID, body: AssignmentUpdate
) -> AssignmentOut:
    """Change what is given. Raises InvalidInputError when it would be due before it opens."""
    assignment = await find_own_assignment(session, actor, assignment_id)
    for field, value in body.model_dump(exclude_unset=True).items():
        setattr(assignment, field, value)
    if assignment.available_at and assignment.due_at and assignment.available_at >= assignment.due_at:
        raise InvalidInputError("available_at must be before due_at", field="due_at")
    assignment.version += 1
    return AssignmentOut.model_validate(assignment)


async def delete_assignment(
    session: AsyncSession, actor: Actor, assignment_id: UUID, *, now: datetime
) -> AssignmentOut:
    """Hide an assignment; its answers and grades are kept."""
    assignment = await find_own_assignment(session, actor, assignment_id)
    assignment.deleted_at = now
    await record_audit(session, actor, "deleted", ("assignment", assignment_id), now=now)
    return AssignmentOut.model_validate(assignment)


async def publish_assignment(
    session: AsyncSession, actor: Actor, assignment_id: UUID, *, now: datetime
) -> AssignmentOut:
    """Show an assignment to the class and tell its students; publishing again changes nothing.

    Raises NothingToPublishError for an assignment without questions.
    """
    assignment = await find_own_assignment(session, actor, assignment_id)
    if assignment.status is AssignmentStatus.PUBLISHED:
        return AssignmentOut.model_validate(assignment)
    count, _ = (await session.execute(queries.question_totals(actor, assignment_id))).one()
    if count == 0:
        raise NothingToPublishError
    assignment.status = AssignmentStatus.PUBLISHED
    assignment.published_at = now
    assignment.version += 1
    await session.flush()
    await record_audit(session, actor, "published", ("assignment", assignment_id), now=now)
    students = list(await session.scalars(approved_students(actor, assignment.class_id)))
    notice = Notice("assignment_posted", assignment.title, ("assignment", assignment_id))
    await notify(session, students, notice, school_id=assignment.school_id, now=now)
    return AssignmentOut.model_validate(assignment)

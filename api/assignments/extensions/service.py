"""Extensions: other dates, more attempts and more minutes for one student; they win over every general rule."""

from datetime import datetime
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from api.assignments.extensions import queries
from api.assignments.extensions.schemas import ExtensionIn, ExtensionOut
from api.assignments.presentation import own_dates
from api.assignments.schemas import date_problem
from api.assignments.service import find_assignment, find_own_assignment
from api.classes.queries import approved_students
from api.grades.settling import Cause, Cells
from api.grades.telling import settle_and_tell
from api.paging import PageRequest, fetch_page
from core.audit import record_audit
from core.errors import InvalidInputError, NotFoundError
from core.ids import new_id
from core.models import Assignment, AssignmentExtension, AssignmentStatus, ClassEnrollment
from core.notifications import Notice, NotificationKind, notify
from core.tenancy import Actor


async def grant_extension(
    session: AsyncSession, actor: Actor, target: tuple[UUID, UUID], body: ExtensionIn, *, now: datetime
) -> ExtensionOut:
    """Grant a student of the class exactly this, instead of what was granted before; the student is told.

    `target` is the assignment's and the student's id. Granting the same again changes nothing. Raises
    NotFoundError, or InvalidInputError when the student's dates would contradict each other.
    """
    assignment = await find_own_assignment(session, actor, target[0])
    await _require_student(session, actor, assignment, target[1])
    extension = await session.scalar(queries.extension_of(actor, *target))
    granted = body.model_dump()
    if extension is not None and all(getattr(extension, name) == value for name, value in granted.items()):
        return ExtensionOut.model_validate(extension)
    if extension is None:
        extension = _new_extension(assignment, target[1], now)
        session.add(extension)
    for name, value in (granted | {"granted_by": actor.user_id}).items():
        setattr(extension, name, value)
    _require_order(assignment, extension)
    await session.flush()
    await _record(session, actor, "granted_extension", extension, now=now)
    await _settle(session, actor, assignment, target[1], now=now)
    await _tell_student(session, assignment, extension, NotificationKind.EXTENSION_GRANTED, now=now)
    return ExtensionOut.model_validate(extension)


async def withdraw_extension(
    session: AsyncSession, actor: Actor, target: tuple[UUID, UUID], *, now: datetime
) -> ExtensionOut:
    """Take an extension back; the student is told. Raises NotFoundError."""
    assignment = await find_own_assignment(session, actor, target[0])
    extension = await session.scalar(queries.extension_of(actor, *target))
    if extension is None:
        raise NotFoundError
    shown = ExtensionOut.model_validate(extension)
    await session.delete(extension)
    await session.flush()
    await _record(session, actor, "withdrew_extension", extension, now=now)
    await _settle(session, actor, assignment, target[1], now=now)
    await _tell_student(session, assignment, extension, NotificationKind.EXTENSION_WITHDRAWN, now=now)
    return shown


async def list_extensions(
    session: AsyncSession, actor: Actor, assignment_id: UUID, page: PageRequest
) -> tuple[list[ExtensionOut], str | None]:
    """List what was granted for an assignment, oldest first. Raises NotFoundError."""
    assignment = await find_assignment(session, actor, assignment_id)
    statement = queries.extensions_of(actor, assignment.id)
    rows, cursor = await fetch_page(session, statement, AssignmentExtension.id, page)
    return [ExtensionOut.model_validate(row) for row in rows], cursor


def _new_extension(assignment: Assignment, student_id: UUID, now: datetime) -> AssignmentExtension:
    return AssignmentExtension(
        district_id=assignment.district_id,
        school_id=assignment.school_id,
        id=new_id(),
        assignment_id=assignment.id,
        student_id=student_id,
        created_at=now,
    )


async def _require_student(
    session: AsyncSession, actor: Actor, assignment: Assignment, student_id: UUID
) -> None:
    statement = approved_students(actor, assignment.class_id)
    if await session.scalar(statement.where(ClassEnrollment.student_id == student_id)) is None:
        raise NotFoundError


def _require_order(assignment: Assignment, extension: AssignmentExtension) -> None:
    """Raise InvalidInputError when what is granted contradicts itself or the dates of the class."""
    own = own_dates(assignment, extension, None)
    problem = date_problem(own.available_at, own.due_at, own.available_until)
    if problem is not None:
        raise InvalidInputError(problem[1], field=problem[0])


async def _record(
    session: AsyncSession, actor: Actor, action: str, extension: AssignmentExtension, *, now: datetime
) -> None:
    target = ("assignment", extension.assignment_id)
    details = {
        "due_at": None if extension.due_at is None else extension.due_at.isoformat(),
        "available_until": (
            None if extension.available_until is None else extension.available_until.isoformat()
        ),
        "extra_attempts": extension.extra_attempts,
        "extra_minutes": extension.extra_minutes,
    }
    await record_audit(
        session, actor, action, target, now=now, subject_id=extension.student_id, details=details
    )


async def _tell_student(
    session: AsyncSession,
    assignment: Assignment,
    extension: AssignmentExtension,
    kind: NotificationKind,
    *,
    now: datetime,
) -> None:
    """Nobody is told of an assignment that is not published yet."""
    if assignment.status is AssignmentStatus.PUBLISHED:
        notice = Notice(kind, assignment.title, ("assignment", assignment.id))
        await notify(session, [extension.student_id], notice, school_id=assignment.school_id, now=now)


async def _settle(
    session: AsyncSession, actor: Actor, assignment: Assignment, student_id: UUID, *, now: datetime
) -> None:
    """Dates decide what is late and what is missing."""
    cells = Cells(assignment.class_id, (assignment.id,), (student_id,))
    await settle_and_tell(session, cells, Cause("other dates granted", now, actor.user_id))

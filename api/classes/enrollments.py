"""Places in a class: asked for with a code, decided by the teacher, told to both."""

from datetime import datetime
from uuid import UUID

from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from api.accommodations.schemas import AccommodationOut
from api.classes import queries
from api.classes.codes import class_code_digest
from api.classes.errors import InvalidClassCodeError
from api.classes.schemas import EnrollmentChangeOut, EnrollmentOut, RosterEnrollment
from api.classes.service import find_class
from api.paging import PageRequest, fetch_page
from core.errors import NotFoundError
from core.ids import new_id
from core.models import (
    Accommodation,
    ClassEnrollment,
    EnrollmentChange,
    EnrollmentStatus,
    SchoolClass,
    User,
)
from core.notifications import Notice, NotificationKind, notify
from core.tenancy import Actor, TenantContext


async def class_of_code(session: AsyncSession, actor: Actor, code: str, *, now: datetime) -> SchoolClass:
    """Return the class of a code. Raises InvalidClassCodeError for a code of another school or district too."""
    lookup = {"code_hash": class_code_digest(code), "now": now}
    found = (await session.execute(queries.FIND_CLASS_CODE, lookup)).one()
    if (found.district_id, found.school_id) != (actor.district_id, actor.school_id):
        raise InvalidClassCodeError(field="code")
    school_class: SchoolClass | None = await session.scalar(queries.class_of(actor.tenant, found.class_id))
    if school_class is None:
        raise InvalidClassCodeError(field="code")
    return school_class


async def join_by_code(session: AsyncSession, actor: Actor, code: str, *, now: datetime) -> ClassEnrollment:
    """Ask for a place. Raises InvalidClassCodeError."""
    school_class = await class_of_code(session, actor, code, now=now)
    student = User(district_id=actor.district_id, id=actor.user_id, school_id=actor.school_id)
    return await request_place(session, student, school_class.id, now=now)


async def request_place(
    session: AsyncSession, student: User, class_id: UUID, *, now: datetime, even_if_full: bool = False
) -> ClassEnrollment:
    """Write a pending place and tell the teacher; asking again while it is open or approved changes nothing.

    A new place is one more use of the class's code. Raises InvalidClassCodeError when that is one too many, unless
    the code was good when it was shown (`even_if_full`: a guardian has answered since).
    """
    context: TenantContext = session.info["context"]
    school_class: SchoolClass | None = await session.scalar(queries.class_of(context.tenant, class_id))
    if school_class is None:
        raise InvalidClassCodeError(field="code")
    place, is_new = await _claim_place(session, school_class, student, now)
    if is_new:
        await _use_code(session, class_id, even_if_full=even_if_full)
    elif place.status in {EnrollmentStatus.PENDING, EnrollmentStatus.APPROVED}:
        return place
    place.status, place.requested_at = EnrollmentStatus.PENDING, now
    place.decided_at = place.decided_by = None
    await session.flush()
    notice = Notice(
        NotificationKind.ENROLLMENT_REQUESTED,
        f"A student asks to join {school_class.name}",
        ("class", class_id),
    )
    await notify(session, [school_class.teacher_id], notice, school_id=school_class.school_id, now=now)
    return place


async def _use_code(session: AsyncSession, class_id: UUID, *, even_if_full: bool) -> None:
    """Count in the row of the class, which two who join at once wait for; a code that is used up is found no more."""
    context: TenantContext = session.info["context"]
    statement = queries.use_of_code(context.tenant, class_id, even_if_full=even_if_full)
    used = (await session.execute(statement)).one_or_none()
    if used is None:
        raise InvalidClassCodeError(field="code")
    if used.code_max_uses is not None and used.code_uses >= used.code_max_uses:
        await session.execute(queries.DELETE_CLASS_CODE, {"class_id": class_id})


async def list_enrollments(
    session: AsyncSession, actor: Actor, class_id: UUID, *, status: EnrollmentStatus | None, page: PageRequest
) -> tuple[list[RosterEnrollment], str | None]:
    await find_class(session, actor, class_id)
    statement = queries.places(actor, class_id, status)
    rows, cursor = await fetch_page(session, statement, ClassEnrollment.id, page)
    return [_with_student(*row[:4]) for row in rows], cursor


async def list_history(
    session: AsyncSession, actor: Actor, place_id: tuple[UUID, UUID], page: PageRequest
) -> tuple[UUID, list[EnrollmentChangeOut], str | None]:
    """Return the student of the place `(class_id, enrollment_id)`, and what became of it, oldest first."""
    class_id, enrollment_id = place_id
    await find_class(session, actor, class_id)
    statement = queries.places(actor, class_id, None).where(ClassEnrollment.id == enrollment_id)
    place: ClassEnrollment | None = await session.scalar(statement)
    if place is None:
        raise NotFoundError
    changes = queries.history(actor, enrollment_id)
    rows, cursor = await fetch_page(session, changes, EnrollmentChange.id, page)
    return place.student_id, [EnrollmentChangeOut.model_validate(row) for row in rows], cursor


async def _claim_place(
    session: AsyncSession, school_class: SchoolClass, student: User, now: datetime
) -> tuple[ClassEnrollment, bool]:
    """Return the student's place, locked, and whether it is new; two who ask at once share one."""
    statement = (
        insert(ClassEnrollment)
        .values(
            district_id=school_class.district_id,
            id=new_id(),
            school_id=school_class.school_id,
            class_id=school_class.id,
            student_id=student.id,
            status=EnrollmentStatus.PENDING,
            requested_at=now,
        )
        .on_conflict_do_nothing()
        .returning(ClassEnrollment.id)
    )
    is_new = await session.scalar(statement) is not None
    context: TenantContext = session.info["context"]
    found = await session.scalars(queries.place_of(context.tenant, school_class.id, student.id))
    return found.one(), is_new


def _with_student(
    place: ClassEnrollment, name: str, email: str, accommodation: Accommodation | None
) -> RosterEnrollment:
    return RosterEnrollment(
        **EnrollmentOut.model_validate(place).model_dump(),
        student_name=name,
        student_email=email,
        accommodation=None if accommodation is None else AccommodationOut.model_validate(accommodation),
    )

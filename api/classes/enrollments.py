"""Places in a class: asked for with a code, decided by the teacher, told to both."""

from datetime import datetime
from uuid import UUID

from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from api.classes import queries
from api.classes.codes import class_code_digest
from api.classes.errors import InvalidClassCodeError
from api.classes.schemas import RosterEnrollment
from api.classes.service import find_class, find_taught_class
from api.paging import PageRequest, fetch_page
from core.audit import record_audit
from core.errors import ConflictError, NotFoundError
from core.ids import new_id
from core.models import ClassEnrollment, EnrollmentStatus, SchoolClass, User
from core.notifications import Notice, notify
from core.tenancy import Actor, TenantContext
from core.user_events import UserEventDraft, record_user_event


class EnrollmentDecidedError(ConflictError):
    """The place has been decided already."""

    code = "enrollment_decided"


async def join_by_code(session: AsyncSession, actor: Actor, code: str, *, now: datetime) -> ClassEnrollment:
    """Ask for a place. Raises InvalidClassCodeError for a code of another school or district too."""
    found = (
        await session.execute(queries.FIND_CLASS_CODE, {"code_hash": class_code_digest(code), "now": now})
    ).one()
    if (found.district_id, found.school_id) != (actor.district_id, actor.school_id):
        raise InvalidClassCodeError(field="code")
    student = User(district_id=actor.district_id, id=actor.user_id, school_id=actor.school_id)
    return await request_place(session, student, found.class_id, now=now)


async def request_place(
    session: AsyncSession, student: User, class_id: UUID, *, now: datetime
) -> ClassEnrollment:
    """Write a pending place and tell the teacher; asking again while it is open or approved changes nothing."""
    context: TenantContext = session.info["context"]
    school_class: SchoolClass | None = await session.scalar(queries.class_of(context.tenant, class_id))
    if school_class is None:
        raise InvalidClassCodeError(field="code")
    place, is_new = await _claim_place(session, school_class, student, now)
    if not is_new and place.status in {EnrollmentStatus.PENDING, EnrollmentStatus.APPROVED}:
        return place
    place.status, place.requested_at = EnrollmentStatus.PENDING, now
    place.decided_at = place.decided_by = None
    await session.flush()
    notice = Notice(
        "enrollment_requested", f"A student asks to join {school_class.name}", ("class", class_id)
    )
    await notify(session, [school_class.teacher_id], notice, school_id=school_class.school_id, now=now)
    return place


async def list_enrollments(
    session: AsyncSession, actor: Actor, class_id: UUID, *, status: EnrollmentStatus | None, page: PageRequest
) -> tuple[list[RosterEnrollment], str | None]:
    await find_class(session, actor, class_id)
    statement = queries.places(actor, class_id, status)
    rows, cursor = await fetch_page(session, statement, ClassEnrollment.id, page)
    return [_with_student(place, name, email) for place, name, email, _ in rows], cursor


async def decide(
    session: AsyncSession,
    actor: Actor,
    place_id: tuple[UUID, UUID],
    status: EnrollmentStatus,
    *,
    now: datetime,
) -> ClassEnrollment:
    """Approve or reject the place `(class_id, enrollment_id)` and tell the student.

    The same decision again changes nothing. Raises EnrollmentDecidedError for another decision.
    """
    class_id, enrollment_id = place_id
    school_class = await find_taught_class(session, actor, class_id)
    statement = queries.places(actor, class_id, None).where(ClassEnrollment.id == enrollment_id)
    place: ClassEnrollment | None = await session.scalar(statement.with_for_update(of=ClassEnrollment))
    if place is None:
        raise NotFoundError
    if place.status == status:
        return place
    if place.status is not EnrollmentStatus.PENDING:
        raise EnrollmentDecidedError
    place.status, place.decided_at, place.decided_by = status, now, actor.user_id
    await session.flush()
    await record_audit(session, actor, status.value, ("enrollment", enrollment_id), now=now)
    await _tell_student(session, school_class, place, now)
    return place


async def _tell_student(
    session: AsyncSession, school_class: SchoolClass, place: ClassEnrollment, now: datetime
) -> None:
    payload = {
        "enrollment_id": str(place.id),
        "class_id": str(school_class.id),
        "class_name": school_class.name,
        "status": place.status.value,
    }
    draft = UserEventDraft("enrollment:updated", payload, now, place.school_id)
    await record_user_event(session, [place.student_id], draft)


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


def _with_student(place: ClassEnrollment, name: str, email: str) -> RosterEnrollment:
    return RosterEnrollment(
        id=place.id,
        class_id=place.class_id,
        student_id=place.student_id,
        status=place.status,
        requested_at=place.requested_at,
        decided_at=place.decided_at,
        student_name=name,
        student_email=email,
    )

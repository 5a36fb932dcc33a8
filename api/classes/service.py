"""Classes and their codes."""

from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from api.classes import queries
from api.classes.codes import class_code_digest, new_class_code
from api.classes.schemas import OF_THE_CODE, ClassCodeRotate, ClassCreate, ClassOut, ClassUpdate
from api.paging import PageRequest, fetch_page
from core.audit import record_audit
from core.errors import InvalidInputError, NotFoundError
from core.ids import new_id
from core.models import SchoolClass
from core.tenancy import Actor

SCHOOL_YEAR_STARTS = 8
"""August."""


def school_year_of(now: datetime) -> str:
    """Return "2026-2027" for any day from August 2026 to July 2027."""
    first = now.year if now.month >= SCHOOL_YEAR_STARTS else now.year - 1
    return f"{first}-{first + 1}"


async def create_class(
    session: AsyncSession, actor: Actor, body: ClassCreate, *, now: datetime, code_days: int
) -> ClassOut:
    """Create a class of the acting teacher, with a fresh code."""
    if actor.school_id is None:
        raise InvalidInputError("A class needs a school.", field="school_id")
    school_class = SchoolClass(
        district_id=actor.district_id,
        id=new_id(),
        school_id=actor.school_id,
        teacher_id=actor.user_id,
        name=body.name,
        subject=body.subject,
        grade_level=body.grade_level,
        school_year=body.school_year or school_year_of(now),
        code=new_class_code(),
        code_expires_at=now + timedelta(days=code_days),
        code_uses=0,
        created_at=now,
    )
    session.add(school_class)
    await session.flush()
    await _publish_code(session, school_class)
    await record_audit(session, actor, "created", ("class", school_class.id), now=now)
    return present(school_class, actor)


async def list_classes(
    session: AsyncSession, actor: Actor, page: PageRequest, *, school_year: str | None, subject: str | None
) -> tuple[list[ClassOut], str | None]:
    statement = queries.listed_classes(actor, school_year=school_year, subject=subject)
    rows, cursor = await fetch_page(session, statement, SchoolClass.id, page)
    return [present(row, actor) for row in rows], cursor


async def find_class(session: AsyncSession, actor: Actor, class_id: UUID) -> SchoolClass:
    """Return a class the actor may see. Raises NotFoundError."""
    school_class: SchoolClass | None = await session.scalar(queries.visible_class(actor, class_id))
    if school_class is None:
        raise NotFoundError
    return school_class


async def find_taught_class(session: AsyncSession, actor: Actor, class_id: UUID) -> SchoolClass:
    """Return a class the actor teaches. Raises NotFoundError."""
    school_class: SchoolClass | None = await session.scalar(queries.taught_class(actor, class_id))
    if school_class is None:
        raise NotFoundError
    return school_class


async def require_visible_student(session: AsyncSession, actor: Actor, student_id: UUID) -> None:
    """Raise NotFoundError unless the student is the actor or has a place in one of the actor's classes."""
    if student_id == actor.user_id:
        return
    if actor.is_student or await session.scalar(queries.place_in_visible_class(actor, student_id)) is None:
        raise NotFoundError


async def update_class(session: AsyncSession, actor: Actor, class_id: UUID, body: ClassUpdate) -> ClassOut:
    """Change what is given; the rest stays. Raises NotFoundError."""
    school_class = await find_taught_class(session, actor, class_id)
    for field, value in body.model_dump(exclude_unset=True, exclude_none=True).items():
        setattr(school_class, field, value)
    return present(school_class, actor)


async def delete_class(session: AsyncSession, actor: Actor, class_id: UUID, *, now: datetime) -> ClassOut:
    """Hide a class and end its code; what students did in it is kept."""
    school_class = await find_taught_class(session, actor, class_id)
    school_class.deleted_at = now
    await session.execute(queries.DELETE_CLASS_CODE, {"class_id": class_id})
    await record_audit(session, actor, "deleted", ("class", class_id), now=now)
    return present(school_class, actor)


async def rotate_code(
    session: AsyncSession,
    actor: Actor,
    class_id: UUID,
    body: ClassCodeRotate,
    *,
    now: datetime,
    code_days: int,
) -> ClassOut:
    """Replace the code and count its uses from nothing; the old one stops working at once."""
    school_class = await find_taught_class(session, actor, class_id)
    school_class.code = new_class_code()
    school_class.code_expires_at = body.expires_at or now + timedelta(days=code_days)
    school_class.code_max_uses, school_class.code_uses = body.max_uses, 0
    await session.flush()
    await _publish_code(session, school_class)
    await record_audit(session, actor, "code_rotated", ("class", class_id), now=now)
    return present(school_class, actor)


def present(school_class: SchoolClass, actor: Actor) -> ClassOut:
    """Return the class as the actor may see it: students never see the code, nor how often it was used."""
    shown = ClassOut.model_validate(school_class)
    return shown.model_copy(update=dict.fromkeys(OF_THE_CODE)) if actor.is_student else shown


async def _publish_code(session: AsyncSession, school_class: SchoolClass) -> None:
    await session.execute(
        queries.SET_CLASS_CODE,
        {
            "class_id": school_class.id,
            "school_id": school_class.school_id,
            "code_hash": class_code_digest(school_class.code),
            "expires_at": school_class.code_expires_at,
        },
    )

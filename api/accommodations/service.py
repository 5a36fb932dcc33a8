"""What single students need in a class: granted by its teacher, known to the class's staff and the student."""

from datetime import datetime
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from api.accommodations import queries
from api.accommodations.schemas import AccommodationIn, AccommodationOut, GrantedAccommodation
from api.classes.service import find_class, find_taught_class
from api.grades.settling import Cause, Cells
from api.grades.telling import settle_and_tell
from core.audit import record_audit
from core.errors import NotFoundError
from core.models import Accommodation
from core.tenancy import Actor

NOTHING = AccommodationIn()


async def read_accommodation(
    session: AsyncSession, actor: Actor, class_id: UUID, student_id: UUID
) -> GrantedAccommodation:
    """Return what a student needs in a class. Raises NotFoundError, for a classmate's too."""
    if actor.is_student and student_id != actor.user_id:
        raise NotFoundError
    await find_class(session, actor, class_id)
    await _require_place(session, actor, class_id, student_id)
    needs: Accommodation | None = await session.scalar(queries.accommodation(actor, class_id, student_id))
    shown = AccommodationOut.model_validate(NOTHING if needs is None else needs)
    return _of(class_id, student_id, shown)


async def grant_accommodation(
    session: AsyncSession,
    actor: Actor,
    place: tuple[UUID, UUID],
    needs: AccommodationIn,
    *,
    now: datetime,
) -> GrantedAccommodation:
    """Put `needs` in the place of what the student `(class_id, student_id)` was granted before.

    Raises NotFoundError for a class of somebody else's, and for a student without an approved place in it.
    """
    class_id, student_id = place
    school_class = await find_taught_class(session, actor, class_id)
    await _require_place(session, actor, class_id, student_id)
    statement = queries.granted(actor, school_class, student_id, needs.model_dump())
    accommodation_id = (await session.scalars(statement)).one()
    details = {
        "time_multiplier": str(needs.time_multiplier),
        "due_shift_hours": needs.due_shift_hours,
    }
    await record_audit(
        session,
        actor,
        "granted",
        ("accommodation", accommodation_id),
        now=now,
        subject_id=student_id,
        details=details,
    )
    await _settle(session, actor, class_id, student_id, now=now)
    return _of(class_id, student_id, AccommodationOut.model_validate(needs))


async def withdraw_accommodation(
    session: AsyncSession, actor: Actor, class_id: UUID, student_id: UUID, *, now: datetime
) -> GrantedAccommodation:
    """Take back what was granted; again changes nothing. Raises NotFoundError as granting does."""
    await find_taught_class(session, actor, class_id)
    await _require_place(session, actor, class_id, student_id)
    needs: Accommodation | None = await session.scalar(queries.accommodation(actor, class_id, student_id))
    if needs is not None:
        await session.execute(queries.withdrawn(actor, class_id, student_id))
        target = ("accommodation", needs.id)
        await record_audit(session, actor, "withdrawn", target, now=now, subject_id=student_id)
        await _settle(session, actor, class_id, student_id, now=now)
    return _of(class_id, student_id, AccommodationOut.model_validate(NOTHING))


async def _require_place(session: AsyncSession, actor: Actor, class_id: UUID, student_id: UUID) -> None:
    if await session.scalar(queries.place_of_student(actor, class_id, student_id)) is None:
        raise NotFoundError


def _of(class_id: UUID, student_id: UUID, needs: AccommodationOut) -> GrantedAccommodation:
    return GrantedAccommodation(class_id=class_id, student_id=student_id, **needs.model_dump())


async def _settle(
    session: AsyncSession, actor: Actor, class_id: UUID, student_id: UUID, *, now: datetime
) -> None:
    """Later due dates decide what is late and what is missing."""
    cells = Cells(class_id, None, (student_id,))
    await settle_and_tell(session, cells, Cause("accommodation changed", now, actor.user_id))

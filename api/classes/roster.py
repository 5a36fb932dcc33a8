"""A class's roster as its teacher keeps it: students put in, invited by mail, and taken out."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from api.classes import queries
from api.classes.decisions import change_places, tell_students
from api.classes.errors import ClassCodeEndedError
from api.classes.roster_schemas import RosterAddition, RosterEntry, RosterOutcome
from api.classes.service import find_taught_class
from api.mails.service import Mail, send_mails
from core.audit import record_audit, record_audits
from core.errors import NotFoundError
from core.keys import KeyRing
from core.models import ClassEnrollment, EnrollmentStatus, SchoolClass, User
from core.tenancy import Actor


@dataclass(frozen=True)
class RosterDesk:
    """What keeping a roster needs besides who changes what."""

    session: AsyncSession
    keys: KeyRing
    actor: Actor
    now: datetime


@dataclass(frozen=True)
class Invitee:
    """Whom to invite by mail; the address is in lower case."""

    email: str
    name: str | None = None


async def add_student(desk: RosterDesk, class_id: UUID, entry: RosterEntry) -> RosterAddition:
    """Give a student of the school a place, or invite an address by mail that no student of the school has.

    Whether somebody elsewhere has the address does not show. Raises NotFoundError for an unknown student_id,
    ClassCodeEndedError when an invitation would carry a code that is over.
    """
    school_class = await find_taught_class(desk.session, desk.actor, class_id)
    student = await _named_student(desk, school_class, entry)
    if student is not None:
        given = await give_places(desk, school_class, [student.id])
        outcome = RosterOutcome.ADDED if given else RosterOutcome.ALREADY
        return RosterAddition(outcome=outcome, student_id=student.id)
    if not has_open_code(school_class, desk.now):
        raise ClassCodeEndedError
    await invite(desk, school_class, [Invitee((entry.email or "").lower(), entry.name)])
    return RosterAddition(outcome=RosterOutcome.INVITED)


async def _named_student(desk: RosterDesk, school_class: SchoolClass, entry: RosterEntry) -> User | None:
    statement = queries.students_of_school(desk.actor, school_class.school_id)
    if entry.student_id is None:
        found = await desk.session.scalars(statement.where(User.email == (entry.email or "").lower()))
        return found.one_or_none()
    student: User | None = await desk.session.scalar(statement.where(User.id == entry.student_id))
    if student is None:
        raise NotFoundError
    return student


async def give_places(
    desk: RosterDesk, school_class: SchoolClass, student_ids: Sequence[UUID]
) -> dict[UUID, UUID]:
    """Approve places at once, however many, and tell the students; call it last.

    Returns the places (by student) of those who had none, or one that was not approved.
    """
    if not student_ids:
        return {}
    statement = queries.approved_places(desk.actor, school_class, student_ids, desk.now)
    given: dict[UUID, UUID] = dict((await desk.session.execute(statement)).tuples().all())
    targets = [("enrollment", place_id, student_id) for student_id, place_id in given.items()]
    await record_audits(desk.session, desk.actor, "added", targets, now=desk.now)
    told = {student_id: (place_id, EnrollmentStatus.APPROVED) for student_id, place_id in given.items()}
    await tell_students(desk.session, school_class, told, now=desk.now)
    return given


def has_open_code(school_class: SchoolClass, now: datetime) -> bool:
    """Whether the class's code still opens its door."""
    is_full = school_class.code_max_uses is not None and school_class.code_uses >= school_class.code_max_uses
    return school_class.code_expires_at > now and not is_full


async def invite(desk: RosterDesk, school_class: SchoolClass, invitees: Sequence[Invitee]) -> None:
    """Mail the class's code to each address: a constant number of statements."""
    if not invitees:
        return
    teacher = await desk.session.scalar(queries.own_name(desk.actor)) or ""
    shared = {"class_name": school_class.name, "teacher": teacher, "code": school_class.code}
    mails = [
        Mail(
            "class_invitation",
            invitee.email,
            {**shared, "name": invitee.name or ""},
            school_class.school_id,
        )
        for invitee in invitees
    ]
    await send_mails(desk.session, desk.keys, mails)
    target, counted = ("class", school_class.id), {"mails": len(mails)}
    await record_audit(desk.session, desk.actor, "invited", target, now=desk.now, details=counted)


async def remove_student(desk: RosterDesk, class_id: UUID, student_id: UUID) -> ClassEnrollment:
    """End a student's access to the class at once and tell them; what they did in it is kept.

    Again changes nothing. Raises NotFoundError for a student without an approved place.
    """
    school_class = await find_taught_class(desk.session, desk.actor, class_id)
    statement = queries.place_of(desk.actor.tenant, class_id, student_id)
    place: ClassEnrollment | None = await desk.session.scalar(statement)
    if place is None or place.status not in {EnrollmentStatus.APPROVED, EnrollmentStatus.REMOVED}:
        raise NotFoundError
    if place.status is EnrollmentStatus.APPROVED:
        changes = {EnrollmentStatus.REMOVED: [place]}
        await change_places(desk.session, desk.actor, school_class, changes, now=desk.now)
    return place

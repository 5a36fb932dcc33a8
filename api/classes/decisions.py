"""The teacher's word about places: one or many at once, told to the students."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from api.classes import queries
from api.classes.errors import EnrollmentDecidedError
from api.classes.schemas import BulkDecision, DecisionOutcome, DecisionResult
from api.classes.service import find_taught_class
from core.audit import record_audits
from core.errors import NotFoundError
from core.models import ClassEnrollment, EnrollmentStatus, SchoolClass
from core.notifications import Notice, NotificationKind, write_notifications
from core.tenancy import Actor
from core.user_events import Telling, UserEventDraft, record_user_events

Places = Mapping[UUID, ClassEnrollment]

_TITLES = {
    EnrollmentStatus.APPROVED: "You have a place in {}",
    EnrollmentStatus.REJECTED: "You have no place in {}",
    EnrollmentStatus.REMOVED: "You are no longer in {}",
    EnrollmentStatus.PENDING: "Your place in {} waits for the teacher",
}


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
    places = await _locked(session, actor, class_id, [enrollment_id])
    place = places.get(enrollment_id)
    if place is None:
        raise NotFoundError
    if place.status is not status:
        if place.status is not EnrollmentStatus.PENDING:
            raise EnrollmentDecidedError
        await change_places(session, actor, school_class, {status: [place]}, now=now)
    return place


async def decide_many(
    session: AsyncSession, actor: Actor, class_id: UUID, decisions: Sequence[BulkDecision], *, now: datetime
) -> list[DecisionResult]:
    """Take each decision that can be taken and say what became of the others; the number of statements is fixed."""
    school_class = await find_taught_class(session, actor, class_id)
    places = await _locked(session, actor, class_id, [decision.enrollment_id for decision in decisions])
    changes: dict[EnrollmentStatus, list[ClassEnrollment]] = {}
    results = []
    standing = {place_id: place.status for place_id, place in places.items()}
    for decision in decisions:
        outcome = _outcome(standing.get(decision.enrollment_id), decision.status)
        if outcome is DecisionOutcome.DECIDED:
            standing[decision.enrollment_id] = decision.status
            changes.setdefault(decision.status, []).append(places[decision.enrollment_id])
        results.append(_result(decision.enrollment_id, outcome, places, standing))
    await change_places(session, actor, school_class, changes, now=now)
    return results


def _outcome(standing: EnrollmentStatus | None, wanted: EnrollmentStatus) -> DecisionOutcome:
    if standing is None:
        return DecisionOutcome.NOT_FOUND
    if standing is wanted:
        return DecisionOutcome.UNCHANGED
    is_open = standing is EnrollmentStatus.PENDING
    return DecisionOutcome.DECIDED if is_open else DecisionOutcome.DECIDED_OTHERWISE


def _result(
    enrollment_id: UUID,
    outcome: DecisionOutcome,
    places: Places,
    standing: Mapping[UUID, EnrollmentStatus],
) -> DecisionResult:
    place = places.get(enrollment_id)
    return DecisionResult(
        enrollment_id=enrollment_id,
        outcome=outcome,
        student_id=None if place is None else place.student_id,
        status=standing.get(enrollment_id),
    )


async def change_places(
    session: AsyncSession,
    actor: Actor,
    school_class: SchoolClass,
    changes: Mapping[EnrollmentStatus, Sequence[ClassEnrollment]],
    *,
    now: datetime,
) -> None:
    """Give locked places their new status, write who did it, and tell the students; call it last."""
    for status, places in changes.items():
        ids = [place.id for place in places]
        await session.execute(queries.decision(actor, ids, status, now))
        targets = [("enrollment", place.id, place.student_id) for place in places]
        await record_audits(session, actor, status.value, targets, now=now)
    told = {place.student_id: (place.id, status) for status, places in changes.items() for place in places}
    await tell_students(session, school_class, told, now=now)


async def tell_students(
    session: AsyncSession,
    school_class: SchoolClass,
    told: Mapping[UUID, tuple[UUID, EnrollmentStatus]],
    *,
    now: datetime,
) -> None:
    """Tell each student (by id) what became of their place (its id and status): one statement for all events.

    Each is also notified, by one statement for each status there is.
    """
    draft = UserEventDraft(
        "enrollment:updated",
        {"class_id": str(school_class.id), "class_name": school_class.name},
        now,
        school_class.school_id,
        own={
            student_id: {"enrollment_id": str(place_id), "status": status.value}
            for student_id, (place_id, status) in told.items()
        },
    )
    tellings: list[Telling] = [(list(told), draft)]
    for status in sorted({status for _, status in told.values()}):
        students = [student_id for student_id, (_, decided) in told.items() if decided is status]
        title = _TITLES[status].format(school_class.name)
        notice = Notice(NotificationKind.ENROLLMENT_DECIDED, title, ("class", school_class.id))
        school_id = school_class.school_id
        written = await write_notifications(session, students, notice, school_id=school_id, now=now)
        if written is not None:
            tellings.append(written)
    await record_user_events(session, tellings)


async def _locked(session: AsyncSession, actor: Actor, class_id: UUID, ids: Sequence[UUID]) -> Places:
    """Lock in the order of ids: two who decide about the same places wait for each other, and never in a circle."""
    found = await session.scalars(queries.locked_places(actor, class_id, ids))
    return {place.id: place for place in found}

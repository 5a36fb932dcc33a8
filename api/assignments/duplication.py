"""Copies of an assignment for other classes and other years, with a constant number of statements."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from api.assignments import queries
from api.assignments.presentation import show_assignment
from api.assignments.schemas import Copies, DuplicateIn
from api.assignments.service import find_own_assignment, new_draft
from api.classes.queries import visible_classes
from api.schemas import LATEST_YEAR
from core.audit import record_audit
from core.errors import InvalidInputError, NotFoundError
from core.ids import new_id
from core.models import Assignment, Question, SchoolClass
from core.tenancy import Actor

COPIED_SETTINGS = (
    "title",
    "description",
    "instructions",
    "category",
    "max_attempts",
    "time_limit_minutes",
    "points",
    "shuffle_questions",
    "shuffle_options",
    "feedback_release",
    "attempt_policy",
    "grade_posting",
    "grading_type",
    "omit_from_final",
    "never_drop",
)
"""What an assignment is, apart from its class, its dates and its state."""
DATES = ("available_at", "due_at", "available_until")


async def duplicate_assignment(
    session: AsyncSession, actor: Actor, assignment_id: UUID, body: DuplicateIn, *, now: datetime
) -> Copies:
    """Make a draft in each class, with the questions, their concepts, reviews and provenance as they are.

    Raises NotFoundError for an assignment or a class that the actor does not teach.
    """
    source = await find_own_assignment(session, actor, assignment_id)
    class_ids = list(dict.fromkeys(body.class_ids or [source.class_id]))
    await _require_taught(session, actor, class_ids)
    fields = settings_of(source) | _moved_dates(source, body.shift_days)
    if body.title is not None:
        fields["title"] = body.title
    copies = [
        new_draft(actor, source.school_id, {**fields, "class_id": class_id}, now=now)
        for class_id in class_ids
    ]
    session.add_all(copies)
    await session.flush()
    await _copy_questions(session, actor, source, copies)
    details = {"copies": [str(copy.id) for copy in copies]}
    await record_audit(session, actor, "duplicated", ("assignment", source.id), now=now, details=details)
    return Copies(assignments=[show_assignment(copy) for copy in copies])


def settings_of(assignment: Assignment) -> dict[str, Any]:
    """Return what an assignment is, without its class, its dates and its state."""
    return {name: getattr(assignment, name) for name in COPIED_SETTINGS}


def _moved_dates(source: Assignment, days: int) -> dict[str, datetime]:
    """Raises InvalidInputError for days that lead out of the calendar."""
    set_dates = {name: getattr(source, name) for name in DATES if getattr(source, name) is not None}
    try:
        moved = {name: value + timedelta(days=days) for name, value in set_dates.items()}
    except OverflowError as error:
        raise InvalidInputError("There is no such day.", field="shift_days") from error
    if any(value.year > LATEST_YEAR for value in moved.values()):
        raise InvalidInputError(f"No date may be after the year {LATEST_YEAR}.", field="shift_days")
    return moved


async def _require_taught(session: AsyncSession, actor: Actor, class_ids: Sequence[UUID]) -> None:
    statement = visible_classes(actor).with_only_columns(SchoolClass.id).where(SchoolClass.id.in_(class_ids))
    if len(list(await session.scalars(statement))) != len(class_ids):
        raise NotFoundError(field="class_ids")


async def _copy_questions(
    session: AsyncSession, actor: Actor, source: Assignment, copies: Sequence[Assignment]
) -> None:
    statement = queries.questions_of(actor, source.id).with_only_columns(Question.id)
    question_ids = list(await session.scalars(statement))
    pairs = [(question_id, copy.id, new_id()) for copy in copies for question_id in question_ids]
    if pairs:
        await session.execute(queries.copy_questions(actor, pairs))
        await session.execute(queries.copy_concepts(actor, pairs))

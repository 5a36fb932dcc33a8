"""A teacher's word on grades: entered, overridden, excused, called missing or late, posted."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from sqlalchemy import Row
from sqlalchemy.ext.asyncio import AsyncSession

from api.assignments.service import find_own_assignment
from api.grades.facts import Cells, Facts, read_facts
from api.grades.queries import visible_grades
from api.grades.settling import Cause, SettledGrade, settle_facts
from api.grades.telling import grade_tellings, tell_of_grades
from api.grading.errors import (
    LetterUnknownError,
    NotEnrolledError,
    NotGradeableError,
    OneMeasureError,
    PostsAutomaticallyError,
    ScoreTooHighError,
)
from api.grading.schemas import (
    EntriesIn,
    EntryResult,
    Measure,
    OverrideIn,
    Published,
    PublishIn,
    WordIn,
    WordOut,
)
from core.domain.letters import UnknownLetterError, percent_of_letter
from core.errors import AppError, NotFoundError
from core.models import Assignment, Grade, GradePosting, GradeStatus
from core.notifications import Notice, NotificationKind, write_notifications
from core.tenancy import Actor
from core.user_events import Telling, record_user_events

FULL = Decimal(100)
MOST_TIMES_WORTH = 10
Word = dict[str, Any]


@dataclass(frozen=True)
class _Book:
    """The held facts of some students and one assignment."""

    facts: Facts
    assignment: Row[Any]
    cells: Cells


async def enter_scores(
    session: AsyncSession, actor: Actor, body: EntriesIn, *, now: datetime
) -> list[EntryResult]:
    """Write a column of scores; one that does not fit keeps nothing back from the others.

    Raises NotFoundError or NotGradeableError.
    """
    assignment = await find_own_assignment(session, actor, body.assignment_id)
    book = await _book(session, assignment, tuple(entry.student_id for entry in body.entries))
    words, refused = {}, {}
    for entry in body.entries:
        try:
            words[entry.student_id, assignment.id] = _entered(book, entry.student_id, entry)
        except AppError as error:
            refused[entry.student_id] = error.code
    cause = Cause(body.reason or "score entered", now, actor.user_id)
    await _say(session, book, words, cause)
    ids = await _grade_ids(session, actor, assignment.id, [entry.student_id for entry in body.entries])
    return [
        EntryResult(
            student_id=entry.student_id,
            status="rejected" if entry.student_id in refused else "accepted",
            code=refused.get(entry.student_id),
            grade_id=ids.get(entry.student_id),
        )
        for entry in body.entries
    ]


def _entered(book: _Book, student_id: UUID, measure: Measure) -> Word:
    if not book.facts.students.get(student_id):
        raise NotEnrolledError
    points = _points(book, measure)
    return {"is_entered": points is not None, "entered_score": points}


def _points(book: _Book, measure: Measure) -> Decimal | None:
    """Return the points a measure stands for; None where none is given."""
    given = measure.given
    if len(given) > 1:
        raise OneMeasureError(field=given[1])
    if not given:
        return None
    worth: Decimal = book.assignment.worth
    points = _in_points(book, measure, worth)
    if worth and points > MOST_TIMES_WORTH * worth:
        raise ScoreTooHighError(field=given[0])
    return points


def _in_points(book: _Book, measure: Measure, worth: Decimal) -> Decimal:
    if measure.score is not None:
        return measure.score
    if measure.passed is not None:
        return worth if measure.passed else Decimal(0)
    percent = measure.percent
    if percent is None:
        try:
            percent = percent_of_letter(str(measure.letter), book.facts.policy.letters)
        except UnknownLetterError as error:
            raise LetterUnknownError(field="letter") from error
    return worth * percent / FULL


async def override_grade(
    session: AsyncSession, actor: Actor, grade_id: UUID, body: OverrideIn, *, now: datetime
) -> WordOut:
    """Let a score stand over everything else.

    Raises NotFoundError, NotGradeableError, OneMeasureError, LetterUnknownError or ScoreTooHighError.
    """
    grade, book = await _held(session, actor, grade_id)
    points = _points(book, body)
    if points is None:
        raise OneMeasureError(field="score")
    word = {
        "override_score": points,
        "override_reason": body.reason,
        "overridden_by": actor.user_id,
        "overridden_at": now,
    }
    return await _word(session, actor, grade, book, word, Cause(body.reason, now, actor.user_id))


async def withdraw_override(session: AsyncSession, actor: Actor, grade_id: UUID, *, now: datetime) -> WordOut:
    """Let what was earned or entered count again. Raises NotFoundError or NotGradeableError."""
    grade, book = await _held(session, actor, grade_id)
    names = ("override_score", "override_reason", "overridden_by", "overridden_at")
    cause = Cause("override withdrawn", now, actor.user_id)
    return await _word(session, actor, grade, book, dict.fromkeys(names), cause)


async def judge_circumstances(
    session: AsyncSession, actor: Actor, grade_id: UUID, body: WordIn, *, now: datetime
) -> WordOut:
    """Excuse work, or say that it is missing or how late. Raises NotFoundError or NotGradeableError."""
    grade, book = await _held(session, actor, grade_id)
    columns = {"excused": "is_excused", "missing": "is_missing", "late_seconds": "late_seconds_override"}
    given = body.model_dump(exclude_unset=True, exclude={"reason"})
    word = {columns[name]: value for name, value in given.items()}
    if word.get("is_excused", False) is None:
        word["is_excused"] = False
    said = ", ".join(f"{name}: {value}" for name, value in given.items()) or "nothing changed"
    return await _word(session, actor, grade, book, word, Cause(body.reason or said, now, actor.user_id))


async def publish_grades(session: AsyncSession, actor: Actor, body: PublishIn, *, now: datetime) -> Published:
    """Show grades to their students, or hide them; tells those who see one for the first time.

    Raises NotFoundError, NotGradeableError or PostsAutomaticallyError.
    """
    assignment = await find_own_assignment(session, actor, body.assignment_id)
    if assignment.grade_posting is GradePosting.AUTOMATIC and not body.posted:
        raise PostsAutomaticallyError
    students = None if body.student_ids is None else tuple(body.student_ids)
    book = await _book(session, assignment, students)
    words = {
        cell: {"is_posted": body.posted}
        for cell, grade in book.facts.grades.items()
        if cell[1] == assignment.id
        and grade.is_posted != body.posted
        and grade.status != GradeStatus.IN_PROGRESS
    }
    reason = "published" if body.posted else "hidden"
    if not words:
        return Published(changed=0)
    cause = Cause(reason, now, actor.user_id)
    settled = await settle_facts(session, book.facts, book.cells, cause, words)
    changed = [grade for grade in settled if grade.is_posted == body.posted != grade.was_posted]
    tellings = await grade_tellings(session, book.facts.class_id, settled, cause)
    if body.posted:
        tellings += await _publication(session, assignment, changed, now)
    await record_user_events(session, tellings)
    return Published(changed=len(changed))


async def _publication(
    session: AsyncSession, assignment: Assignment, changed: Sequence[SettledGrade], now: datetime
) -> list[Telling]:
    """Write down for each student that the grade can be seen."""
    title, related = f"Graded: {assignment.title}", ("assignment", assignment.id)
    notice = Notice(NotificationKind.GRADE_PUBLISHED, title, related)
    students = [grade.student_id for grade in changed]
    telling = await write_notifications(session, students, notice, school_id=assignment.school_id, now=now)
    return [] if telling is None else [telling]


async def _book(session: AsyncSession, assignment: Assignment, students: tuple[UUID, ...] | None) -> _Book:
    """Hold the students' places and read their facts. Raises NotGradeableError."""
    cells = Cells(assignment.class_id, (assignment.id,), students)
    facts = await read_facts(session, cells)
    if facts is None:
        raise NotEnrolledError
    row = facts.assignments.get(assignment.id)
    if row is None:
        raise NotGradeableError
    return _Book(facts, row, cells)


async def _held(session: AsyncSession, actor: Actor, grade_id: UUID) -> tuple[Grade, _Book]:
    """Find a grade of the teacher's own class and hold its student's place."""
    grade = await session.scalar(visible_grades(actor).where(Grade.id == grade_id))
    if grade is None:
        raise NotFoundError
    assignment = await find_own_assignment(session, actor, grade.assignment_id)
    return grade, await _book(session, assignment, (grade.student_id,))


async def _word(
    session: AsyncSession, actor: Actor, grade: Grade, book: _Book, word: Word, cause: Cause
) -> WordOut:
    words = {(grade.student_id, grade.assignment_id): word}
    await _say(session, book, words, cause)
    statement = visible_grades(actor).where(Grade.id == grade.id).execution_options(populate_existing=True)
    fresh = (await session.scalars(statement)).one()
    return WordOut.model_validate({**vars(fresh), "grade_id": fresh.id})


async def _say(
    session: AsyncSession, book: _Book, words: Mapping[tuple[UUID, UUID], Word], cause: Cause
) -> list[SettledGrade]:
    if not words:
        return []
    changed = await settle_facts(session, book.facts, book.cells, cause, words)
    await tell_of_grades(session, book.facts.class_id, changed, cause)
    return changed


async def _grade_ids(
    session: AsyncSession, actor: Actor, assignment_id: UUID, student_ids: Sequence[UUID]
) -> dict[UUID, UUID]:
    statement = (
        visible_grades(actor)
        .where(Grade.assignment_id == assignment_id, Grade.student_id.in_(student_ids))
        .with_only_columns(Grade.student_id, Grade.id)
    )
    return {row.student_id: row.id for row in await session.execute(statement)}

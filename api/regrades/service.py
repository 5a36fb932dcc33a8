"""A wrong key put right: every answer judged anew, every grade settled once, in one transaction or in none."""

from collections.abc import Sequence
from datetime import datetime
from decimal import Decimal
from typing import Any, NoReturn
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from api.assignments.questions import find_question
from api.assignments.service import find_assignment, find_own_assignment
from api.etags import Precondition
from api.grades.settling import Cause, Cells, SettledGrade, settle_grades
from api.grades.telling import grade_tellings
from api.paging import PageRequest, fetch_page
from api.regrades import queries
from api.regrades.errors import NoKeyError, NoSuchOptionError, NotPublishedError
from api.regrades.queries import Target
from api.regrades.schemas import KeyIn, KeyVersionOut, RegradeOut, StudentDelta, difference
from api.submissions.scoring import rescore
from core.audit import record_audit
from core.db import run, savepoint
from core.domain.regrading import RegradePolicy
from core.ids import new_id
from core.models import (
    Assignment,
    AssignmentStatus,
    Question,
    QuestionKeyVersion,
    QuestionKind,
    Regrade,
)
from core.notifications import Notice, NotificationKind, write_notifications
from core.tenancy import Actor
from core.user_events import record_user_events


class _RehearsedError(Exception):
    """It was a rehearsal: what it did is taken back."""


async def change_key(
    session: AsyncSession, actor: Actor, target: Target, body: KeyIn, *, seen: Precondition, now: datetime
) -> RegradeOut:
    """Make another option right and treat the answers given so far as the policy says.

    A dry run does all of it and takes it back: what it answers is what applying answers. Raises NotFoundError,
    NotPublishedError, NoKeyError or NoSuchOptionError.
    """
    assignment = await find_own_assignment(session, actor, target[0])
    question = await find_question(session, actor, assignment, target[1])
    seen.require(assignment.version)
    _require_key(assignment, question, body)
    if not body.dry_run:
        return await _apply(session, actor, assignment, question, body, now=now)
    try:
        async with savepoint(session):
            result = await _apply(session, actor, assignment, question, body, now=now)
            _take_back()
    except _RehearsedError:
        return result


def _take_back() -> NoReturn:
    """End the savepoint around a rehearsal."""
    raise _RehearsedError


def _require_key(assignment: Assignment, question: Question, body: KeyIn) -> None:
    if assignment.status is AssignmentStatus.DRAFT:
        raise NotPublishedError
    if question.kind is not QuestionKind.MULTIPLE_CHOICE:
        raise NoKeyError
    if body.correct not in {option["id"] for option in question.options or []}:
        raise NoSuchOptionError(field="correct")


async def _apply(
    session: AsyncSession,
    actor: Actor,
    assignment: Assignment,
    question: Question,
    body: KeyIn,
    *,
    now: datetime,
) -> RegradeOut:
    keys = {
        "district_id": actor.district_id,
        "assignment_id": assignment.id,
        "class_id": assignment.class_id,
        "question_id": question.id,
    }
    attempts = list((await run(session, queries.LOCK_ATTEMPTS, keys)).scalars())
    before, percents = await _overall(session, keys), await _percents(session, keys)
    key = {
        "correct": body.correct,
        "policy": body.policy.value,
        "credits_everyone": body.policy is RegradePolicy.FULL_CREDIT,
    }
    version = (await run(session, queries.CHANGE_KEY, keys | key)).scalar_one()
    judged = keys | key | {"key_version": version}
    answers_changed = (await run(session, queries.REJUDGE, judged)).scalar_one()
    await rescore(session, attempts)
    cells = Cells(assignment.class_id, (assignment.id,))
    cause = Cause(f"answer key changed (version {version})", now, actor.user_id, is_regrade=True)
    settled = await settle_grades(session, cells, cause)
    after = await _overall(session, keys)
    await _record(session, actor, assignment, question, body, (version, answers_changed), now=now)
    await _tell(session, assignment, settled, cause)
    return RegradeOut(
        question_id=question.id,
        key_version=version,
        correct=body.correct,
        policy=body.policy,
        dry_run=body.dry_run,
        answers_changed=answers_changed,
        students=[_delta(grade, percents, before, after) for grade in settled],
    )


async def _overall(session: AsyncSession, keys: dict[str, Any]) -> dict[UUID, Decimal | None]:
    rows = await run(session, queries.OVERALL, keys)
    return {row.student_id: row.all_final_percent for row in rows}


async def _percents(session: AsyncSession, keys: dict[str, Any]) -> dict[UUID, Decimal | None]:
    rows = await run(session, queries.PERCENTS, keys)
    return {row.student_id: row.percent for row in rows}


def _delta(
    grade: SettledGrade,
    percents: dict[UUID, Decimal | None],
    before: dict[UUID, Decimal | None],
    after: dict[UUID, Decimal | None],
) -> StudentDelta:
    return StudentDelta(
        student_id=grade.student_id,
        old_score=grade.old_score,
        new_score=grade.score,
        old_percent=percents.get(grade.student_id),
        new_percent=grade.percent,
        difference=difference(grade.old_score, grade.score),
        old_final_percent=before.get(grade.student_id),
        new_final_percent=after.get(grade.student_id),
    )


async def _record(
    session: AsyncSession,
    actor: Actor,
    assignment: Assignment,
    question: Question,
    body: KeyIn,
    outcome: tuple[int, int],
    *,
    now: datetime,
) -> None:
    version, answers_changed = outcome
    session.add(
        Regrade(
            district_id=assignment.district_id,
            school_id=assignment.school_id,
            id=new_id(),
            assignment_id=assignment.id,
            question_id=question.id,
            key_version=version,
            policy=body.policy.value,
            answers_changed=answers_changed,
            applied_by=actor.user_id,
            applied_at=now,
        )
    )
    assignment.version += 1
    details = {"policy": body.policy.value, "key_version": version, "answers_changed": answers_changed}
    await record_audit(session, actor, "regraded", ("question", question.id), now=now, details=details)
    await session.flush()


async def _tell(
    session: AsyncSession, assignment: Assignment, settled: Sequence[SettledGrade], cause: Cause
) -> None:
    """Tell whoever sees another score than before, once: an event, and a word to read later."""
    seen = [grade for grade in settled if grade.is_posted and grade.score != grade.old_score]
    notice = Notice(
        NotificationKind.GRADE_CHANGED, f"Graded anew: {assignment.title}", ("assignment", assignment.id)
    )
    students = [grade.student_id for grade in seen]
    school_id = assignment.school_id
    written = await write_notifications(session, students, notice, school_id=school_id, now=cause.now)
    tellings = [] if written is None else [written]
    tellings += await grade_tellings(session, assignment.class_id, seen, cause)
    await record_user_events(session, tellings)


async def list_keys(
    session: AsyncSession, actor: Actor, target: Target, page: PageRequest
) -> tuple[list[KeyVersionOut], str | None]:
    """Return a page of what has been right, oldest first. Raises NotFoundError."""
    assignment = await find_assignment(session, actor, target[0])
    question = await find_question(session, actor, assignment, target[1])
    statement = queries.key_versions(actor, question)
    rows, cursor = await fetch_page(session, statement, QuestionKeyVersion.version, page)
    return [_shown(*row[:3]) for row in rows], cursor


def _shown(version: QuestionKeyVersion, policy: str | None, answers_changed: int | None) -> KeyVersionOut:
    return KeyVersionOut(
        version=version.version,
        correct=version.correct_option,
        points=version.points,
        changed_by=version.changed_by,
        changed_at=version.created_at,
        policy=policy,
        answers_changed=answers_changed,
    )

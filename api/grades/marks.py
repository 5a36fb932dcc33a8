"""What one grade is, from its facts: pure, no session. Precedence: override, entered, earned, missing."""

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from sqlalchemy import Row

from api.grades.facts import Attempt, Facts, HeldGrade, attempt_policy_of
from core.domain.feedback_release import is_released
from core.domain.gradebook import Item
from core.domain.grading import AttemptPolicy, grade_of_attempts, percent
from core.domain.late_work import late_deduction, missing_score
from core.models import GradePosting, GradeSource, GradeStatus, GradingType

ZERO = Decimal(0)


@dataclass(frozen=True, slots=True)
class Mark:
    """The columns of a grade that follow from facts."""

    submission_id: UUID | None
    entered_score: Decimal | None
    deduction: Decimal
    late_seconds: int
    status: GradeStatus
    source: GradeSource
    score: Decimal | None
    possible: Decimal
    percent: Decimal | None
    is_posted: bool


@dataclass(frozen=True, slots=True)
class _Earned:
    """What stands before any override."""

    score: Decimal | None
    status: GradeStatus
    source: GradeSource
    deduction: Decimal = ZERO
    late_seconds: int = 0
    submission_id: UUID | None = None


def mark_of(facts: Facts, student_id: UUID, assignment: Row[Any], now: datetime) -> Mark | None:
    """Return what a student's grade for an assignment is now; None where there is nothing to grade by."""
    grade = facts.grades.get((student_id, assignment.id))
    earned = _earned(facts, student_id, assignment, grade, now)
    if earned is None and grade is None:
        return None
    if earned is None:
        earned = _Earned(None, GradeStatus.NO_SCORE, GradeSource.AUTOMATIC)
    override = None if grade is None else grade.override_score
    score = override if override is not None else _less(earned)
    return Mark(
        submission_id=earned.submission_id,
        entered_score=earned.score,
        deduction=earned.deduction,
        late_seconds=earned.late_seconds,
        status=earned.status if override is None else GradeStatus.GRADED,
        source=earned.source if override is None else GradeSource.OVERRIDE,
        score=score,
        possible=assignment.worth,
        percent=None if score is None else percent(score, assignment.worth, places=facts.policy.places),
        is_posted=_is_posted(facts, student_id, assignment, grade, now),
    )


def _less(earned: _Earned) -> Decimal | None:
    return None if earned.score is None else earned.score - earned.deduction


def _earned(
    facts: Facts, student_id: UUID, assignment: Row[Any], grade: HeldGrade | None, now: datetime
) -> _Earned | None:
    late_override = None if grade is None else grade.late_seconds_override
    attempts = facts.handed_in(student_id, assignment, late_override=late_override)
    if grade is not None and grade.is_entered:
        return _typed(facts, assignment, grade, attempts)
    if attempts:
        return _from_attempts(facts, assignment, attempts, is_excused=grade is not None and grade.is_excused)
    if facts.has_open_attempt(student_id, assignment.id):
        return _in_progress(grade)
    return _missing(facts, student_id, assignment, grade, now)


def _typed(facts: Facts, assignment: Row[Any], grade: HeldGrade, attempts: list[Attempt]) -> _Earned:
    """What a teacher typed; it is late when the teacher says so, or the newest attempt was."""
    late_by = grade.late_seconds_override
    if late_by is None:
        late_by = attempts[-1].late_by if attempts else 0
    lost = late_deduction(
        grade.entered_score, assignment.worth, late_by, facts.policy.late, is_excused=grade.is_excused
    )
    submission_id = attempts[-1].row.id if attempts else None
    return _Earned(grade.entered_score, GradeStatus.GRADED, GradeSource.TEACHER, lost, late_by, submission_id)


def _from_attempts(
    facts: Facts, assignment: Row[Any], attempts: list[Attempt], *, is_excused: bool
) -> _Earned | None:
    policy = attempt_policy_of(assignment)
    penalised = [
        attempt.penalised(assignment.worth, facts.policy.late, is_excused=is_excused) for attempt in attempts
    ]
    chosen = grade_of_attempts(penalised, policy)
    if chosen is None:
        return None
    standing = next(attempt for attempt in attempts if attempt.row.attempt_number == chosen.number)
    waiting = attempts if policy is AttemptPolicy.AVERAGE else [standing]
    waits = any(attempt.row.waits for attempt in waiting)
    return _Earned(
        chosen.score,
        GradeStatus.AWAITING_TEACHER if waits else GradeStatus.GRADED,
        standing.source,
        chosen.deduction,
        standing.late_by,
        standing.row.id,
    )


def _in_progress(grade: HeldGrade | None) -> _Earned | None:
    """An open first attempt: its running score is kept, and counts for nothing yet."""
    if grade is None:
        return None
    if grade.status != GradeStatus.IN_PROGRESS:
        return _Earned(None, GradeStatus.NO_SCORE, GradeSource.AUTOMATIC)
    return _Earned(
        grade.entered_score,
        GradeStatus.IN_PROGRESS,
        GradeSource.AUTOMATIC,
        submission_id=grade.submission_id,
    )


def _missing(
    facts: Facts, student_id: UUID, assignment: Row[Any], grade: HeldGrade | None, now: datetime
) -> _Earned | None:
    """Work that never came gets the policy's score, where the policy has one; the teacher's word comes first."""
    deduction = facts.policy.missing_deduction
    said = None if grade is None else grade.is_missing
    is_missing = facts.is_due(student_id, assignment, now) if said is None else said
    if deduction is None or not is_missing or not facts.students.get(student_id):
        return None
    is_pass_fail = assignment.grading_type == GradingType.PASS_FAIL
    score = missing_score(assignment.worth, deduction, is_pass_fail=is_pass_fail)
    return _Earned(score, GradeStatus.GRADED, GradeSource.MISSING)


def _is_posted(
    facts: Facts, student_id: UUID, assignment: Row[Any], grade: HeldGrade | None, now: datetime
) -> bool:
    """Follow the release of the feedback; where only its teacher posts, stay as the teacher left it.

    An open attempt takes nothing back: what an earlier one earned has been seen. A score that was entered before its
    release waits for it as well, or the overall grade would tell it.
    """
    if assignment.grade_posting == GradePosting.MANUAL:
        return grade is not None and grade.is_posted and grade.status != GradeStatus.IN_PROGRESS
    attempts = facts.attempts.get((student_id, assignment.id), ())
    submitted = not attempts or any(row.submitted_at is not None for row in attempts)
    due_at = facts.dates(student_id, assignment).due_at
    return is_released(assignment.feedback_release, submitted=submitted, due_at=due_at, now=now)


def item_of(
    facts: Facts, student_id: UUID, assignment: Row[Any], mark: Mark | HeldGrade | None
) -> Item | None:
    """Return the line of the gradebook; None for one that is no zero: left behind by a student who has gone."""
    grade = facts.grades.get((student_id, assignment.id))
    counts = mark is not None and mark.status in {GradeStatus.GRADED, GradeStatus.AWAITING_TEACHER}
    score = mark.score if mark is not None and counts else None
    if score is None and not facts.students[student_id]:
        return None
    return Item(
        id=assignment.id,
        category=None if assignment.category is None else facts.category_id(assignment.category),
        score=score,
        possible=assignment.worth,
        posted=score is None or mark is None or mark.is_posted,
        awaiting_review=mark is not None and mark.status == GradeStatus.AWAITING_TEACHER,
        excused=grade is not None and grade.is_excused,
        omitted=assignment.omit_from_final,
        never_drop=assignment.never_drop,
    )

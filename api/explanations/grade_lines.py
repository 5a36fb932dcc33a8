"""One grade, told in lines that add up to its score."""

from decimal import Decimal
from fractions import Fraction
from typing import Any

from sqlalchemy import Row

from api.explanations.late_lines import late_arithmetic
from api.explanations.schemas import (
    ExplainedAttempt,
    GradeExplanation,
    GradeLine,
    LateArithmetic,
    LineOfGrade,
)
from api.grades.facts import Attempt, Facts
from api.grades.schemas import AWAITING_RELEASE
from core.domain.gradebook import GradingPolicy
from core.domain.grading import AttemptPolicy
from core.models import Grade

ZERO = Decimal(0)


def explain_to_nobody_yet(grade: Grade, attempt_policy: AttemptPolicy) -> GradeExplanation:
    """Return that there will be a grade, and nothing that moves with it."""
    return GradeExplanation(
        **_whose(grade),
        status=AWAITING_RELEASE,
        source=None,
        score=None,
        percent=None,
        unrounded=None,
        lines=[],
        attempt_policy=attempt_policy,
        attempts=[],
        entered_late=None,
        is_excused=grade.is_excused,
        is_missing=None,
        override_reason=None,
        score_before_regrade=None,
        policy_version=None,
        version=None,
    )


def explain_grade(
    grade: Grade, facts: Facts, assignment: Row[Any], policy: GradingPolicy
) -> GradeExplanation:
    """Return how a stored grade came about; `policy` is the version that made it."""
    attempts = [
        _attempt(attempt, grade, assignment, policy)
        for attempt in facts.handed_in(
            grade.student_id, assignment, late_override=grade.late_seconds_override
        )
    ]
    return GradeExplanation(
        **_whose(grade),
        status=grade.status,
        source=grade.source,
        score=grade.score,
        percent=grade.percent,
        unrounded=_unrounded(grade),
        lines=list(lines_of(grade)),
        attempt_policy=AttemptPolicy(assignment.attempt_policy),
        attempts=attempts,
        entered_late=_entered_late(grade, policy),
        is_excused=grade.is_excused,
        is_missing=grade.is_missing,
        override_reason=grade.override_reason,
        score_before_regrade=grade.score_before_regrade,
        policy_version=grade.policy_version,
        version=grade.version,
    )


def lines_of(grade: Grade) -> list[GradeLine]:
    """Return what was earned or entered, what being late took, and what an override changed."""
    lines = []
    if grade.entered_score is not None:
        lines.append(_first_line(grade, grade.entered_score))
    if grade.deduction:
        text = f"handed in {grade.late_seconds} seconds late"
        lines.append(GradeLine(what=LineOfGrade.LATE, points=-grade.deduction, text=text))
    if grade.override_score is not None:
        before = sum((line.points for line in lines), ZERO)
        text = "overridden by the teacher"
        points = grade.override_score - before
        lines.append(GradeLine(what=LineOfGrade.OVERRIDE, points=points, text=text))
    return lines


def _first_line(grade: Grade, points: Decimal) -> GradeLine:
    if grade.is_entered:
        return GradeLine(what=LineOfGrade.ENTERED, points=points, text="entered by the teacher")
    if grade.submission_id is None:
        return GradeLine(what=LineOfGrade.MISSING, points=points, text="missing work, by the policy")
    return GradeLine(what=LineOfGrade.EARNED, points=points, text="earned by answers")


def _attempt(attempt: Attempt, grade: Grade, assignment: Row[Any], policy: GradingPolicy) -> ExplainedAttempt:
    row = attempt.row
    late = late_arithmetic(
        attempt.score, assignment.worth, attempt.late_by, policy.late, is_excused=grade.is_excused
    )
    stands = assignment.attempt_policy == AttemptPolicy.AVERAGE or row.id == grade.submission_id
    return ExplainedAttempt(
        submission_id=row.id,
        attempt_number=row.attempt_number,
        handed_in_at=row.submitted_at,
        earned=row.score,
        earned_of=row.possible,
        scaled=attempt.score,
        late=late,
        score=attempt.score - late.deduction,
        awaiting_review=row.waits,
        graded_by=attempt.source,
        counts=stands and not grade.is_entered,
    )


def _entered_late(grade: Grade, policy: GradingPolicy) -> LateArithmetic | None:
    if not grade.is_entered or grade.entered_score is None:
        return None
    return late_arithmetic(
        grade.entered_score, grade.possible, grade.late_seconds, policy.late, is_excused=grade.is_excused
    )


def _unrounded(grade: Grade) -> Fraction | None:
    if grade.score is None or grade.possible == ZERO:
        return None
    return 100 * Fraction(grade.score) / Fraction(grade.possible)


def _whose(grade: Grade) -> dict[str, Any]:
    names = ("assignment_id", "class_id", "student_id", "possible")
    return {"grade_id": grade.id} | {name: getattr(grade, name) for name in names}

"""Grades as their student sees them: one that is not released yet waits, and tells nothing by how it moves."""

from datetime import datetime

from sqlalchemy import Row

from api.grades.queries import WithRelease
from api.grades.schemas import AWAITING_RELEASE, GradeOut
from api.submissions.terms import Terms
from core.models import Grade, GradePosting


def is_released(found: Row[WithRelease], now: datetime) -> bool:
    """Tell whether a student may see the grade: no open attempt adds to it unseen, and its release has come.

    Where only its teacher posts, that has to have happened as well.
    """
    grade, assignment, extension, accommodation, is_open, *_ = found
    if assignment.grade_posting is GradePosting.MANUAL and not grade.is_posted:
        return False
    terms = Terms.of(assignment, extension, accommodation)
    return terms.is_released(submitted=not is_open, now=now)


def show_to_student(found: Row[WithRelease], now: datetime) -> GradeOut:
    """Return the grade, or that there will be one.

    Score, version, time and the attempt it stands for all change when an answer was right and stay when it was not.
    """
    grade = found[0]
    if is_released(found, now):
        return GradeOut.model_validate(grade)
    return _waiting(grade)


def _waiting(grade: Grade) -> GradeOut:
    return GradeOut(
        id=grade.id,
        assignment_id=grade.assignment_id,
        class_id=grade.class_id,
        student_id=grade.student_id,
        submission_id=None,
        score=None,
        possible=grade.possible,
        percent=None,
        status=AWAITING_RELEASE,
        version=None,
        updated_at=None,
    )

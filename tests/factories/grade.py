from datetime import UTC, datetime
from decimal import Decimal

from sqlalchemy.orm import Session

from core.ids import new_id
from core.models import Grade, GradeHistory, GradeSource, GradeStatus, StudentSubmission
from tests.factories.saving import canary, saved


def make_grade(session: Session, submission: StudentSubmission, score: Decimal = Decimal(2)) -> Grade:
    """The grade of a submission, with the one history row that explains it."""
    grade = Grade(
        district_id=submission.district_id,
        school_id=submission.school_id,
        id=new_id(),
        assignment_id=submission.assignment_id,
        class_id=submission.class_id,
        student_id=submission.student_id,
        submission_id=submission.id,
        score=score,
        possible=submission.possible,
        percent=round(100 * score / submission.possible, 2),
        status=GradeStatus.IN_PROGRESS,
    )
    saved(session, grade)
    _record_history(session, grade)
    return grade


def _record_history(session: Session, grade: Grade) -> None:
    history = GradeHistory(
        district_id=grade.district_id,
        school_id=grade.school_id,
        grade_id=grade.id,
        version=1,
        new_score=grade.score,
        possible=grade.possible,
        new_status=GradeStatus.IN_PROGRESS.value,
        source=GradeSource.AUTOMATIC,
        actor_id=grade.student_id,
        reason=f"answer {canary(grade.district_id, grade.school_id)}",
        changed_at=datetime.now(UTC),
    )
    saved(session, history)

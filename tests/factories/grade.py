from datetime import UTC, datetime
from decimal import Decimal

from sqlalchemy.orm import Session

from core.ids import new_id
from core.models import (
    ClassGrade,
    Grade,
    GradeStatus,
    GradingPolicyVersion,
    Question,
    Regrade,
    SchoolClass,
    StudentSubmission,
    User,
)
from tests.factories.saving import canary, saved


def make_grade(session: Session, submission: StudentSubmission, score: Decimal = Decimal(2)) -> Grade:
    """The grade of a submission; the database writes the line of history that explains it."""
    grade = Grade(
        district_id=submission.district_id,
        school_id=submission.school_id,
        id=new_id(),
        assignment_id=submission.assignment_id,
        class_id=submission.class_id,
        student_id=submission.student_id,
        submission_id=submission.id,
        score=score,
        entered_score=score,
        possible=submission.possible,
        percent=round(100 * score / submission.possible, 2),
        status=GradeStatus.IN_PROGRESS,
        change_reason=f"answer {canary(submission.district_id, submission.school_id)}",
        changed_by=submission.student_id,
        changed_at=datetime.now(UTC),
    )
    return saved(session, grade)


def make_class_grade(session: Session, school_class: SchoolClass, student: User) -> ClassGrade:
    """An overall grade of 50 percent in everything."""
    half, letter = Decimal("50.00"), "F"
    grade = ClassGrade(
        district_id=school_class.district_id,
        school_id=school_class.school_id,
        id=new_id(),
        class_id=school_class.id,
        student_id=student.id,
        current_percent=half,
        current_letter=letter,
        final_percent=half,
        final_letter=letter,
        all_current_percent=half,
        all_current_letter=letter,
        all_final_percent=half,
        all_final_letter=letter,
        categories=[],
        change_reason=f"handed in {canary(school_class.district_id, school_class.school_id)}",
        changed_at=datetime.now(UTC),
    )
    return saved(session, grade)


def make_grading_policy(
    session: Session, school_class: SchoolClass, version: int = 1
) -> GradingPolicyVersion:
    """A policy of points, with one category named after its school."""
    name = f"Homework {canary(school_class.district_id, school_class.school_id)}"
    policy = GradingPolicyVersion(
        district_id=school_class.district_id,
        school_id=school_class.school_id,
        class_id=school_class.id,
        version=version,
        content={"categories": [{"id": str(new_id()), "name": name, "weight": "100"}]},
        created_by=school_class.teacher_id,
    )
    return saved(session, policy)


def make_regrade(session: Session, question: Question, teacher: User) -> Regrade:
    regrade = Regrade(
        district_id=question.district_id,
        school_id=question.school_id,
        id=new_id(),
        assignment_id=question.assignment_id,
        question_id=question.id,
        key_version=question.key_version + 100,
        policy="full_credit",
        answers_changed=1,
        applied_by=teacher.id,
        applied_at=datetime.now(UTC),
    )
    return saved(session, regrade)

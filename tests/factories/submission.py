from datetime import UTC, datetime
from decimal import Decimal

from sqlalchemy.orm import Session

from core.ids import new_id
from core.models import (
    AiGrading,
    AiGradingState,
    AnswerDraft,
    AnswerGrader,
    AnswerStatus,
    Assignment,
    GenerationMode,
    Question,
    QuestionKind,
    StudentAnswer,
    StudentSubmission,
    SubmissionStatus,
    User,
)
from tests.factories.assignment import CORRECT_OPTION
from tests.factories.saving import canary, saved


def make_submission(
    session: Session,
    assignment: Assignment,
    student: User,
    possible: Decimal = Decimal(4),
    *,
    attempt_number: int = 1,
) -> StudentSubmission:
    """An attempt in progress."""
    submission = StudentSubmission(
        district_id=assignment.district_id,
        school_id=assignment.school_id,
        id=new_id(),
        assignment_id=assignment.id,
        class_id=assignment.class_id,
        student_id=student.id,
        attempt_number=attempt_number,
        status=SubmissionStatus.IN_PROGRESS,
        started_at=datetime.now(UTC),
        possible=possible,
    )
    return saved(session, submission)


def make_answer(session: Session, submission: StudentSubmission, question: Question) -> StudentAnswer:
    """A right choice, or a free response that waits for the teacher."""
    is_choice = question.kind is QuestionKind.MULTIPLE_CHOICE
    mark = canary(submission.district_id, submission.school_id)
    answer = StudentAnswer(
        district_id=submission.district_id,
        school_id=submission.school_id,
        id=new_id(),
        submission_id=submission.id,
        assignment_id=submission.assignment_id,
        question_id=question.id,
        student_id=submission.student_id,
        client_seq=1,
        answer={"option_id": CORRECT_OPTION} if is_choice else {"text": f"Essay {mark}"},
        status=AnswerStatus.GRADED if is_choice else AnswerStatus.AWAITING_TEACHER,
        is_correct=True if is_choice else None,
        score=question.points if is_choice else None,
        possible=question.points,
        feedback=f"Well done {mark}",
        time_spent_ms=20_000,
        counts=True,
        answered_at=datetime.now(UTC),
        graded_at=datetime.now(UTC) if is_choice else None,
        graded_by=AnswerGrader.AUTOMATIC if is_choice else None,
    )
    return saved(session, answer)


def make_draft(session: Session, submission: StudentSubmission, question: Question) -> AnswerDraft:
    """What a student has written so far."""
    draft = AnswerDraft(
        district_id=submission.district_id,
        school_id=submission.school_id,
        id=new_id(),
        submission_id=submission.id,
        assignment_id=submission.assignment_id,
        question_id=question.id,
        student_id=submission.student_id,
        client_seq=1,
        answer={"text": f"Half an essay {canary(submission.district_id, submission.school_id)}"},
        saved_at=datetime.now(UTC),
    )
    return saved(session, draft)


def make_ai_grading(session: Session, submission: StudentSubmission, answer: StudentAnswer) -> AiGrading:
    """A model's proposal that waits for the teacher."""
    mark = canary(answer.district_id, answer.school_id)
    grading = AiGrading(
        district_id=answer.district_id,
        school_id=answer.school_id,
        id=new_id(),
        class_id=submission.class_id,
        assignment_id=answer.assignment_id,
        question_id=answer.question_id,
        student_id=answer.student_id,
        answer_id=answer.id,
        rubric_version=1,
        mode=GenerationMode.AI,
        model="a-model",
        prompt_version="grade_answer/1",
        criteria=[
            {"criterion": f"Clear {mark}", "points": "1", "possible": "2", "quote": "Essay", "reason": mark}
        ],
        score=Decimal(1),
        possible=answer.possible,
        confidence=Decimal("0.5"),
        feedback=f"A good start {mark}",
        suspicions=[],
        state=AiGradingState.WAITING,
        graded_at=datetime.now(UTC),
    )
    return saved(session, grading)

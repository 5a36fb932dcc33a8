"""How tries are shown: a student sees the key and the explanation only when no attempt is left to use them in."""

from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from api.assignments.queries import assignment_of
from api.submissions import queries
from api.submissions.schemas import AnswerRecord
from core.domain.grading import verdict
from core.models import AnswerStatus, Assignment, Question, StudentAnswer, StudentSubmission
from core.tenancy import Actor


async def present_answers(
    session: AsyncSession, actor: Actor, submission: StudentSubmission
) -> list[AnswerRecord]:
    """Return every try of an attempt in the order of its questions (two statements)."""
    assignment: Assignment = (await session.scalars(assignment_of(actor, submission.assignment_id))).one()
    revealed = not actor.is_student or submission.attempt_number >= assignment.max_attempts
    rows = await session.execute(queries.answers_of(actor, submission.id))
    return [_record(answer, question, revealed=revealed) for answer, question in rows]


async def present_answer(
    session: AsyncSession, actor: Actor, submission_id: UUID, answer_id: UUID, *, revealed: bool
) -> AnswerRecord:
    """Return one try as its student may see it."""
    statement = queries.answers_of(actor, submission_id).where(StudentAnswer.id == answer_id)
    answer, question = (await session.execute(statement)).one()
    return _record(answer, question, revealed=revealed)


def _record(answer: StudentAnswer, question: Question, *, revealed: bool) -> AnswerRecord:
    shows_key = revealed and answer.status is AnswerStatus.GRADED
    return AnswerRecord.model_validate(
        {
            "id": answer.id,
            "question_id": answer.question_id,
            "client_seq": answer.client_seq,
            "status": answer.status,
            "verdict": verdict(answer.score, answer.possible),
            "score": answer.score,
            "possible": answer.possible,
            "counts": answer.counts,
            "feedback": answer.feedback,
            "explanation": question.explanation if shows_key else None,
            "correct_option_id": question.correct_option if shows_key else None,
            "answered_at": answer.answered_at,
            "answer": answer.answer,
        }
    )

"""How attempts and tries are shown: to staff everything at once, to their student what the terms have released."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from api.submissions import queries
from api.submissions.schemas import AnswerRecord, DraftOut, SubmissionOut, SubmissionWithAnswers
from api.submissions.terms import Terms
from core.domain.grading import verdict
from core.models import AnswerStatus, Question, StudentAnswer, StudentSubmission, SubmissionStatus
from core.tenancy import Actor


@dataclass(frozen=True)
class Insight:
    """What of an attempt its reader may see at the moment."""

    verdicts: bool
    keys: bool


def insight(actor: Actor, submission: StudentSubmission, terms: Terms, *, now: datetime) -> Insight:
    """Return what the actor may see of an attempt now."""
    if not actor.is_student:
        return Insight(verdicts=True, keys=True)
    submitted = submission.status is not SubmissionStatus.IN_PROGRESS
    return Insight(
        verdicts=terms.is_released(submitted=submitted, now=now),
        keys=terms.is_key_released(submission.attempt_number, submitted=submitted, now=now),
    )


def show_submission(
    actor: Actor, submission: StudentSubmission, terms: Terms, *, now: datetime
) -> SubmissionOut:
    """Return an attempt with its student's own times, and its score where the actor may see it."""
    visible = insight(actor, submission, terms, now=now).verdicts
    return SubmissionOut(
        id=submission.id,
        assignment_id=submission.assignment_id,
        class_id=submission.class_id,
        student_id=submission.student_id,
        attempt_number=submission.attempt_number,
        status=submission.status,
        started_at=submission.started_at,
        due_at=terms.dates.due_at,
        ends_at=terms.ends_at(submission.started_at),
        submitted_at=submission.submitted_at,
        handed_in_by=submission.handed_in_by,
        is_late=terms.is_late(submission.started_at, submission.submitted_at or now),
        feedback_released=terms.is_released(
            submitted=submission.status is not SubmissionStatus.IN_PROGRESS, now=now
        ),
        score=submission.score if visible else None,
        possible=submission.possible,
        active_ms=submission.active_ms,
        seconds_left=_seconds_left(submission, terms, now),
        server_time=now,
    )


def _seconds_left(submission: StudentSubmission, terms: Terms, now: datetime) -> int | None:
    end = terms.ends_at(submission.started_at)
    if end is None or submission.status is not SubmissionStatus.IN_PROGRESS:
        return None
    return max(0, int((end - now).total_seconds()))


async def show_with_answers(
    session: AsyncSession, actor: Actor, submission: StudentSubmission, terms: Terms, *, now: datetime
) -> SubmissionWithAnswers:
    """Return an attempt with every try in the order of its questions, and its standing drafts (two statements)."""
    seen = insight(actor, submission, terms, now=now)
    rows = await session.execute(queries.answers_of(actor, submission.id))
    answers = [_record(answer, question, seen) for answer, question in rows]
    drafts = await session.scalars(queries.standing_drafts(actor.district_id, submission.id))
    shown = show_submission(actor, submission, terms, now=now)
    return SubmissionWithAnswers(
        **shown.model_dump(),
        answers=answers,
        drafts=[DraftOut.model_validate(draft) for draft in drafts],
    )


async def show_answer(
    session: AsyncSession, actor: Actor, submission_id: UUID, answer_id: UUID, *, seen: Insight
) -> AnswerRecord:
    """Return one try as its reader may see it."""
    statement = queries.answers_of(actor, submission_id).where(StudentAnswer.id == answer_id)
    answer, question = (await session.execute(statement)).one()
    return _record(answer, question, seen)


def _record(answer: StudentAnswer, question: Question, seen: Insight) -> AnswerRecord:
    shows_key = seen.keys and answer.status is AnswerStatus.GRADED
    return AnswerRecord.model_validate(
        {
            "id": answer.id,
            "question_id": answer.question_id,
            "client_seq": answer.client_seq,
            "status": answer.status,
            "verdict": verdict(answer.score, answer.possible) if seen.verdicts else None,
            "score": answer.score if seen.verdicts else None,
            "possible": answer.possible,
            "counts": answer.counts,
            "feedback": answer.feedback if seen.verdicts else None,
            "explanation": question.explanation if shows_key else None,
            "correct_option_id": question.correct_option if shows_key else None,
            "model_answer": question.model_answer if shows_key else None,
            "rubric": question.rubric if shows_key else None,
            "answered_at": answer.answered_at,
            "answer": answer.answer,
        }
    )

"""Handing in: what is still a draft becomes an answer, the attempt is added up, its grade settles."""

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from api.grades.queries import grade_of
from api.grades.schemas import AWAITING_RELEASE
from api.grades.settling import Cause, Cells, settle_grades
from api.grades.telling import grade_tellings
from api.jobs.service import create_job
from api.submissions import queries
from api.submissions.activity import count_trace
from api.submissions.presentation import show_submission
from api.submissions.schemas import SubmittedOut
from api.submissions.scoring import rescore
from api.submissions.tasks import TRIAGE_KIND, triage_free_response
from api.submissions.telling import answer_tellings
from api.submissions.terms import Terms
from api.submissions.traces import answered_event, event_of
from core.domain.grading import multiple_choice_score
from core.errors import NotFoundError
from core.events import record_events
from core.ids import new_id
from core.jobs import enqueue
from core.models import (
    AnswerDraft,
    AnswerGrader,
    AnswerStatus,
    Grade,
    HandedInBy,
    Question,
    QuestionKind,
    StudentAnswer,
    StudentSubmission,
    SubmissionStatus,
)
from core.tenancy import Actor
from core.user_events import record_user_events


@dataclass(frozen=True)
class HandIn:
    """Who ends an attempt: its student, or the clock, at whose moment it ends however much later that is seen."""

    by: HandedInBy
    moment: datetime
    now: datetime


async def submit(session: AsyncSession, actor: Actor, submission_id: UUID, *, now: datetime) -> SubmittedOut:
    """Hand an attempt in and settle its grade; handing in again answers the same. Raises NotFoundError."""
    statement = queries.with_terms(queries.visible_submission(actor, submission_id))
    found = (await session.execute(statement.with_for_update(of=StudentSubmission))).one_or_none()
    if found is None:
        raise NotFoundError
    submission, terms = found[0], Terms.of(*found[1:])
    if submission.status is SubmissionStatus.IN_PROGRESS:
        await count_trace(session, actor, submission.id, now=now)
        await hand_in(session, actor, submission, HandIn(HandedInBy.STUDENT, now, now))
    shown = show_submission(actor, submission, terms, now=now)
    grade: Grade = (await session.scalars(grade_of(actor, submission.assignment_id, actor.user_id))).one()
    released = shown.feedback_released and grade.is_posted
    return SubmittedOut(
        **shown.model_dump(),
        grade_id=grade.id,
        percent=grade.percent if released else None,
        grade_status=grade.status if released else AWAITING_RELEASE,
    )


async def hand_in(session: AsyncSession, actor: Actor, submission: StudentSubmission, act: HandIn) -> None:
    """End an open attempt of `actor` that the caller holds: answers from drafts, score, grade, events."""
    submission.submitted_at, submission.handed_in_by = act.moment, act.by
    given = await _answers_from_drafts(session, actor, submission, act)
    await session.flush()
    await rescore(session, [submission.id])
    await session.refresh(submission)
    events = [answered_event(submission, answer) for answer in given]
    await record_events(session, actor, [*events, event_of("submitted", submission, act.moment)], act.now)
    cells = Cells(submission.class_id, (submission.assignment_id,), (submission.student_id,))
    machine = act.by is not HandedInBy.STUDENT
    cause = Cause("time was up" if machine else "handed in", act.now, None if machine else actor.user_id)
    changed = await settle_grades(session, cells, cause)
    scored = [answer for answer in given if answer.score is not None]
    tellings = await answer_tellings(session, scored, now=act.now, is_news=False)
    tellings += await grade_tellings(session, submission.class_id, changed, cause)
    await record_user_events(session, tellings)


async def _answers_from_drafts(
    session: AsyncSession, actor: Actor, submission: StudentSubmission, act: HandIn
) -> list[StudentAnswer]:
    """Give what was written and not given; where a question has been tried, the tries stand."""
    rows = await session.execute(queries.unanswered_drafts(submission))
    pairs = [(draft, question) for draft, question in rows if not _is_empty(draft)]
    answers = [_answer(submission, draft, question, act) for draft, question in pairs]
    session.add_all(answers)
    await session.flush()
    for answer in answers:
        if answer.status is AnswerStatus.PENDING:
            job_id = await create_job(session, actor, TRIAGE_KIND, subject_id=answer.id)
            await enqueue(session, triage_free_response, answer_id=answer.id, job_id=job_id)
    return answers


def _is_empty(draft: AnswerDraft) -> bool:
    return "text" in draft.answer and not draft.answer["text"].strip()


def _answer(
    submission: StudentSubmission, draft: AnswerDraft, question: Question, act: HandIn
) -> StudentAnswer:
    score, feedback = _judge(draft, question)
    graded = score is not None
    return StudentAnswer(
        district_id=submission.district_id,
        school_id=submission.school_id,
        id=new_id(),
        submission_id=submission.id,
        assignment_id=submission.assignment_id,
        question_id=question.id,
        student_id=submission.student_id,
        client_seq=draft.client_seq,
        answer=_as_given(draft.answer),
        status=AnswerStatus.GRADED if graded else AnswerStatus.PENDING,
        is_correct=score == question.points if graded else None,
        score=score,
        possible=question.points,
        feedback=feedback,
        time_spent_ms=0,
        counts=True,
        answered_at=act.moment,
        graded_at=act.now if graded else None,
        graded_by=AnswerGrader.AUTOMATIC if graded else None,
        key_version=question.key_version,
    )


def _as_given(answer: dict[str, Any]) -> dict[str, Any]:
    return {"text": answer["text"].strip()} if "text" in answer else answer


def _judge(draft: AnswerDraft, question: Question) -> tuple[Decimal | None, str | None]:
    """Return score and feedback from the server's key; no score for a free response yet."""
    if question.kind is QuestionKind.FREE_RESPONSE:
        return (question.points if question.credits_everyone else None), None
    feedback = {option["id"]: option["feedback"] for option in question.options or []}
    selected = draft.answer.get("option_id", "")
    score = multiple_choice_score(selected, correct=question.correct_option or "", points=question.points)
    return question.points if question.credits_everyone else score, feedback.get(selected)

"""Answering: the verdict, the answer, its grade, its event and the student's own event in one transaction."""

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from sqlalchemy import Row
from sqlalchemy.ext.asyncio import AsyncSession

from api.jobs.queries import job_about
from api.jobs.service import create_job
from api.schemas import exact
from api.submissions import queries
from api.submissions.errors import (
    AnswerDoesNotFitError,
    ClientSeqReusedError,
    NotAvailableYetError,
    SubmissionClosedError,
    TimeIsUpError,
)
from api.submissions.grades import GradeChange, Standing, set_grade
from api.submissions.presentation import Insight, show_answer
from api.submissions.schemas import AnswerIn, AnswerOut, ChosenOption, WrittenText
from api.submissions.tasks import TRIAGE_KIND, triage_free_response
from api.submissions.terms import Terms
from core.db import run
from core.domain.grading import multiple_choice_score, verdict
from core.errors import NotFoundError
from core.events import InteractionEvent, record_events
from core.ids import new_id
from core.jobs import enqueue
from core.models import AnswerGrader, AnswerStatus, GradePosting, GradeStatus, QuestionKind, SubmissionStatus
from core.tenancy import Actor
from core.user_events import UserEventDraft, record_user_event


@dataclass(frozen=True)
class Try:
    """One try at one question, with the server's verdict; `score` is None while it waits."""

    actor: Actor
    submission_id: UUID
    answer_id: UUID
    body: AnswerIn
    place: Row[Any]
    """The attempt and the question it belongs to (`queries.ANSWERING`)."""
    score: Decimal | None
    feedback: str | None
    seen: Insight
    """What of it the student may see before the attempt is handed in."""
    now: datetime

    @property
    def status(self) -> AnswerStatus:
        return AnswerStatus.PENDING if self.score is None else AnswerStatus.GRADED

    @property
    def counts(self) -> bool:
        """The first try with a verdict counts; until there is one, the newest does."""
        settled: bool = self.place.counting_status == AnswerStatus.GRADED
        return not settled

    @property
    def gained(self) -> Decimal:
        """Points this try adds to its attempt."""
        return self.score if self.counts and self.score is not None else Decimal(0)

    @property
    def shows_grade(self) -> bool:
        """Whether the student may see the running grade as well."""
        return self.seen.verdicts and self.place.grade_posting == GradePosting.AUTOMATIC

    @property
    def shown_verdict(self) -> str | None:
        return verdict(self.score, self.place.points) if self.seen.verdicts else None

    @property
    def shown_score(self) -> Decimal | None:
        return self.score if self.seen.verdicts else None


async def answer_question(
    session: AsyncSession, actor: Actor, submission_id: UUID, body: AnswerIn, *, now: datetime
) -> AnswerOut:
    """Record one try and return its verdict; the same `client_seq` again answers the same.

    Raises NotFoundError, SubmissionClosedError, NotAvailableYetError, TimeIsUpError, ClientSeqReusedError or
    AnswerDoesNotFitError.
    """
    answered, _ = await answer_once(session, actor, submission_id, body, now=now)
    return answered


async def answer_once(
    session: AsyncSession, actor: Actor, submission_id: UUID, body: AnswerIn, *, now: datetime
) -> tuple[AnswerOut, bool]:
    """Answer as `answer_question` does; returns also whether this try had arrived before."""
    place = await _place(session, actor, submission_id, body)
    terms = Terms.of_place(place)
    seen = _insight(place, terms, now)
    if place.repeated_id is not None:
        return await _repeat(session, actor, body, place, seen), True
    _require_open(place, terms, now)
    score, feedback = _judge(place, body)
    attempt = Try(
        actor, submission_id, new_id(), body, place=place, score=score, feedback=feedback, seen=seen, now=now
    )
    await _store(session, attempt)
    job_id = await _ask_for_grading(session, attempt) if score is None else None
    grade = await _move_grade(session, attempt)
    await record_events(session, actor, [_event(attempt)], now)
    await _tell_student(session, attempt, grade)
    return _shown(attempt, job_id), False


async def _place(session: AsyncSession, actor: Actor, submission_id: UUID, body: AnswerIn) -> Row[Any]:
    attempt = {
        "district_id": actor.district_id,
        "submission_id": submission_id,
        "student_id": actor.user_id,
    }
    await run(session, queries.LOCK_ATTEMPT, attempt)
    question = {"question_id": body.question_id, "client_seq": body.client_seq}
    place = (await run(session, queries.ANSWERING, attempt | question)).one_or_none()
    if place is None:
        raise NotFoundError
    return place


def _insight(place: Row[Any], terms: Terms, now: datetime) -> Insight:
    submitted = place.submission_status != SubmissionStatus.IN_PROGRESS
    return Insight(
        verdicts=terms.is_released(submitted=submitted, now=now),
        keys=terms.is_key_released(place.attempt_number, submitted=submitted, now=now),
    )


def _require_open(place: Row[Any], terms: Terms, now: datetime) -> None:
    if place.submission_status != SubmissionStatus.IN_PROGRESS:
        raise SubmissionClosedError
    if terms.dates.available_at is not None and now < terms.dates.available_at:
        raise NotAvailableYetError  # its teacher moved the opening after the attempt had begun
    if terms.is_time_up(place.started_at, now):
        raise TimeIsUpError


async def _repeat(
    session: AsyncSession, actor: Actor, body: AnswerIn, place: Row[Any], seen: Insight
) -> AnswerOut:
    """Answer a retry as the first time; another answer under the same number is a client's mistake."""
    earlier = await show_answer(session, actor, place.submission_id, place.repeated_id, seen=seen)
    if earlier.answer != body.answer.model_dump():
        raise ClientSeqReusedError(field="client_seq")
    job_id = await session.scalar(job_about(actor, earlier.id))
    return AnswerOut(
        **earlier.model_dump(exclude={"answer", "model_answer", "rubric", "job_id"}), job_id=job_id
    )


def _judge(place: Row[Any], body: AnswerIn) -> tuple[Decimal | None, str | None]:
    """Return score and feedback from the server's key; no score for a free response yet."""
    if place.kind == QuestionKind.FREE_RESPONSE:
        if not isinstance(body.answer, WrittenText):
            raise AnswerDoesNotFitError(field="answer")
        return (place.points if place.credits_everyone else None), None
    if not isinstance(body.answer, ChosenOption):
        raise AnswerDoesNotFitError(field="answer")
    feedback = {option["id"]: option["feedback"] for option in place.options}
    selected = body.answer.option_id
    if selected not in feedback:
        raise AnswerDoesNotFitError("There is no such option.", field="answer.option_id")
    score = multiple_choice_score(selected, correct=place.correct_option, points=place.points)
    if place.credits_everyone:
        score = place.points
    return score, feedback[selected]


async def _store(session: AsyncSession, attempt: Try) -> None:
    """Insert the try and add its points; where it replaces one that still waited, that one stops counting first."""
    place, graded = attempt.place, attempt.score is not None
    tenant = {"district_id": attempt.actor.district_id}
    if attempt.counts and place.counting_id is not None:
        await run(session, queries.REPLACE_WAITING, tenant | {"answer_id": place.counting_id})
    row = {
        "school_id": place.school_id,
        "answer_id": attempt.answer_id,
        "submission_id": attempt.submission_id,
        "assignment_id": place.assignment_id,
        "question_id": attempt.body.question_id,
        "student_id": attempt.actor.user_id,
        "client_seq": attempt.body.client_seq,
        "answer": attempt.body.answer.model_dump_json(),
        "status": attempt.status.value,
        "is_correct": attempt.score == place.points if graded else None,
        "score": attempt.score,
        "possible": place.points,
        "feedback": attempt.feedback,
        "time_spent_ms": attempt.body.time_spent_ms,
        "counts": attempt.counts,
        "answered_at": attempt.now,
        "graded_at": attempt.now if graded else None,
        "graded_by": AnswerGrader.AUTOMATIC.value if graded else None,
        "key_version": place.key_version,
        "gained": attempt.gained,
        "now": attempt.now,
    }
    await run(session, queries.STORE, tenant | row)


def _shown(attempt: Try, job_id: UUID | None) -> AnswerOut:
    """Show what was just stored as `presentation` shows it later, without reading it again."""
    place = attempt.place
    shows_key = attempt.seen.keys and attempt.score is not None
    return AnswerOut.model_validate(
        {
            "id": attempt.answer_id,
            "question_id": attempt.body.question_id,
            "client_seq": attempt.body.client_seq,
            "status": attempt.status,
            "verdict": attempt.shown_verdict,
            "score": attempt.shown_score,
            "possible": place.points,
            "counts": attempt.counts,
            "feedback": attempt.feedback if attempt.seen.verdicts else None,
            "explanation": place.explanation if shows_key else None,
            "correct_option_id": place.correct_option if shows_key else None,
            "answered_at": attempt.now,
            "job_id": job_id,
        }
    )


async def _ask_for_grading(session: AsyncSession, attempt: Try) -> UUID:
    job_id = await create_job(session, attempt.actor, TRIAGE_KIND, subject_id=attempt.answer_id)
    await enqueue(session, triage_free_response, answer_id=attempt.answer_id, job_id=job_id)
    return job_id


async def _move_grade(session: AsyncSession, attempt: Try) -> Standing:
    """Let the grade follow what this try earned."""
    change = GradeChange(
        attempt.submission_id,
        attempt.place.score + attempt.gained,
        attempt.place.possible,
        GradeStatus.IN_PROGRESS,
        reason="answered",
        answer_id=attempt.answer_id,
        is_posted=attempt.shows_grade,
    )
    return await set_grade(session, attempt.actor, attempt.place, change, now=attempt.now)


async def _tell_student(session: AsyncSession, attempt: Try, grade: Standing) -> None:
    """Tell what is released; the rest waits in the grade and is read there when its time has come."""
    shows_grade, score = attempt.shows_grade, attempt.shown_score
    payload = {
        "answer_id": str(attempt.answer_id),
        "submission_id": str(attempt.submission_id),
        "assignment_id": str(attempt.place.assignment_id),
        "question_id": str(attempt.body.question_id),
        "status": attempt.status.value,
        "verdict": attempt.shown_verdict,
        "score": None if score is None else exact(score),
        "possible": exact(attempt.place.points),
        "grade": {
            "id": str(grade.id),
            "score": exact(grade.score) if shows_grade and grade.score is not None else None,
            "percent": exact(grade.percent) if shows_grade and grade.percent is not None else None,
        },
    }
    draft = UserEventDraft("answer:graded", payload, attempt.now, attempt.actor.school_id)
    await record_user_event(session, [attempt.actor.user_id], draft)


def _event(attempt: Try) -> InteractionEvent:
    return InteractionEvent(
        event_id=new_id(),
        verb="answered",
        object_type="question",
        object_id=attempt.body.question_id,
        occurred_at=attempt.now,
        client_seq=attempt.body.client_seq,
        duration_ms=attempt.body.time_spent_ms,
        class_id=attempt.place.class_id,
        assignment_id=attempt.place.assignment_id,
        submission_id=attempt.submission_id,
        question_id=attempt.body.question_id,
        payload={
            "answer_id": str(attempt.answer_id),
            "attempt_number": attempt.place.attempt_number,
            "client_seq": attempt.body.client_seq,
            "status": attempt.status.value,
            "is_correct": None if attempt.score is None else attempt.score == attempt.place.points,
            "score": None if attempt.score is None else str(attempt.score),
            "possible": str(attempt.place.points),
        },
    )

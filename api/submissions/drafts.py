"""Drafts: what a student has written and not yet given. Each state is kept; the highest `client_seq` stands."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from api.paging import PageRequest, fetch_page
from api.submissions import queries
from api.submissions.activity import count_trace
from api.submissions.errors import AnswerDoesNotFitError, ClientSeqReusedError
from api.submissions.schemas import ChosenOption, DraftIn, DraftOut, DraftSaved
from api.submissions.terms import Terms
from core.errors import NotFoundError
from core.events import InteractionEvent, record_events
from core.ids import new_id
from core.models import AnswerDraft, Question, QuestionKind, StudentSubmission
from core.tenancy import Actor


async def save_draft(
    session: AsyncSession, actor: Actor, place: tuple[UUID, UUID], body: DraftIn, *, now: datetime
) -> DraftSaved:
    """Keep one state of an answer; `place` is attempt and question. An older one never takes a newer one's place.

    The same `client_seq` again answers the same. Raises NotFoundError, ClientSeqReusedError, SubmissionClosedError,
    NotAvailableYetError, TimeIsUpError or AnswerDoesNotFitError.
    """
    submission, terms = await _at_work(session, actor, place[0])
    question = await _question(session, submission, place[1])
    drafts = queries.same_and_standing_draft(actor.district_id, place, body.client_seq)
    known = list(await session.scalars(drafts))
    mine = next((draft for draft in known if draft.client_seq == body.client_seq), None)
    if mine is None:
        terms.require_open(submission.status, submission.started_at, now)
        mine = await _keep(session, actor, (submission, question), body, now=now)
    elif mine.answer != body.answer.model_dump():
        raise ClientSeqReusedError(field="client_seq")
    standing = max([*known, mine], key=lambda draft: draft.client_seq)
    return DraftSaved(stands=standing is mine, standing=DraftOut.model_validate(standing))


async def _at_work(
    session: AsyncSession, actor: Actor, submission_id: UUID
) -> tuple[StudentSubmission, Terms]:
    """Hold the attempt: its drafts, answers and hand-in come one after another."""
    statement = queries.with_terms(queries.attempt_at_work(actor, submission_id))
    held = statement.with_for_update(of=StudentSubmission, key_share=True)
    found = (await session.execute(held)).one_or_none()
    if found is None:
        raise NotFoundError
    return found[0], Terms.of(*found[1:])


async def _question(session: AsyncSession, submission: StudentSubmission, question_id: UUID) -> Question:
    question: Question | None = await session.scalar(queries.question_of(submission, question_id))
    if question is None:
        raise NotFoundError
    return question


async def _keep(
    session: AsyncSession,
    actor: Actor,
    place: tuple[StudentSubmission, Question],
    body: DraftIn,
    *,
    now: datetime,
) -> AnswerDraft:
    """Insert the draft with its event; what is written stays out of the event."""
    submission, question = place
    _require_fit(question, body)
    draft = AnswerDraft(
        district_id=submission.district_id,
        school_id=submission.school_id,
        id=new_id(),
        submission_id=submission.id,
        assignment_id=submission.assignment_id,
        question_id=question.id,
        student_id=submission.student_id,
        client_seq=body.client_seq,
        answer=body.answer.model_dump(),
        saved_at=now,
    )
    session.add(draft)
    await session.flush()
    await count_trace(session, actor, submission.id, now=now)
    await record_events(session, actor, [_event(submission, draft, now)], now)
    return draft


def _require_fit(question: Question, body: DraftIn) -> None:
    chosen = body.answer if isinstance(body.answer, ChosenOption) else None
    if (question.kind is QuestionKind.MULTIPLE_CHOICE) != (chosen is not None):
        raise AnswerDoesNotFitError(field="answer")
    if chosen is not None and chosen.option_id not in {option["id"] for option in question.options or []}:
        raise AnswerDoesNotFitError("There is no such option.", field="answer.option_id")


def _event(submission: StudentSubmission, draft: AnswerDraft, now: datetime) -> InteractionEvent:
    chosen = draft.answer.get("option_id")
    payload: dict[str, Any] = {"characters": len(draft.answer.get("text", ""))}
    return InteractionEvent(
        event_id=new_id(),
        verb="typed" if chosen is None else "changed",
        object_type="question",
        object_id=draft.question_id,
        occurred_at=now,
        client_seq=draft.client_seq,
        class_id=submission.class_id,
        assignment_id=submission.assignment_id,
        submission_id=submission.id,
        question_id=draft.question_id,
        payload=payload if chosen is None else {"option_id": chosen},
    )


async def list_states(
    session: AsyncSession, actor: Actor, place: tuple[UUID, UUID], page: PageRequest
) -> tuple[UUID, list[DraftOut], str | None]:
    """Return whose draft it is, its kept states, oldest first, and the next page's cursor. Raises NotFoundError."""
    submission = await session.scalar(queries.visible_submission(actor, place[0]))
    if submission is None:
        raise NotFoundError
    await _question(session, submission, place[1])
    statement = queries.drafts_at(actor.district_id, place)
    rows, cursor = await fetch_page(session, statement, AnswerDraft.client_seq, page)
    return submission.student_id, [DraftOut.model_validate(row) for row in rows], cursor

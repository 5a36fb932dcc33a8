"""Asking for questions, and what became of them: seen, adopted, replaced."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from api.assignments.questions import QuestionBody, add_questions, find_draft, find_question, saved
from api.assignments.schemas import QuestionSaved
from api.assignments.service import find_assignment, new_draft
from api.classes.service import find_taught_class
from api.concepts.service import require_concepts
from api.generation import queries
from api.generation.errors import (
    CandidateSettledError,
    NoSourceError,
)
from api.generation.schemas import (
    CandidateOut,
    GenerateIn,
    GenerationOut,
    GenerationStarted,
)
from api.generation.sources import text_of
from api.generation.tasks import REPLACE_KIND, WRITE_KIND, write_questions
from api.jobs.service import create_job
from api.paging import PageRequest, fetch_page
from core.audit import record_audit
from core.errors import ForbiddenError, NotFoundError
from core.ids import new_id
from core.jobs import enqueue
from core.models import (
    Assignment,
    CandidateState,
    QuestionCandidate,
    QuestionKind,
    QuizGeneration,
)
from core.tenancy import Actor


async def start_generation(
    session: AsyncSession, actor: Actor, body: GenerateIn, *, now: datetime
) -> GenerationStarted:
    """Make an empty draft and the job that fills it, together.

    Raises NotFoundError, and what `text_of` raises.
    """
    text = await text_of(session, actor, body.source)
    school_class = await find_taught_class(session, actor, body.class_id)
    await require_concepts(session, actor, body.concept_ids)
    fields = {"class_id": school_class.id, "title": body.title or _title_of(text)}
    assignment = new_draft(actor, school_class.school_id, fields, now=now)
    session.add(assignment)
    await session.flush()
    request = {
        "counts": body.counts.model_dump(),
        "difficulty": body.difficulty,
        "concept_ids": [str(concept) for concept in body.concept_ids],
    }
    job_id = await _enqueue(session, actor, assignment, text, request)
    await record_audit(session, actor, "created", ("assignment", assignment.id), now=now)
    return GenerationStarted(job_id=job_id, assignment_id=assignment.id)


async def start_replacement(
    session: AsyncSession, actor: Actor, assignment_id: UUID, question_id: UUID
) -> GenerationStarted:
    """Have one question of a draft written anew from the same source; while that is done, asking again asks nothing.

    Raises NotFoundError, AssignmentPublishedError or NoSourceError.
    """
    assignment = await find_draft(session, actor, assignment_id)
    question = await find_question(session, actor, assignment, question_id)
    source: QuizGeneration | None = await session.scalar(queries.newest_generation(actor, assignment_id))
    if source is None:
        raise NoSourceError
    under_way: UUID | None = await session.scalar(queries.replacement_under_way(actor, question.id))
    if under_way is not None:  # whoever asks at the same time waited for the draft's lock
        return GenerationStarted(job_id=under_way, assignment_id=assignment_id)
    is_choice = question.kind is QuestionKind.MULTIPLE_CHOICE
    request = {
        **source.request,
        "counts": {"multiple_choice": int(is_choice), "free_response": int(not is_choice)},
    }
    job_id = await _enqueue(session, actor, assignment, source.source_text, request, replaces=question.id)
    return GenerationStarted(job_id=job_id, assignment_id=assignment_id)


async def read_generation(session: AsyncSession, actor: Actor, assignment_id: UUID) -> GenerationOut | None:
    """Return how the writing of a draft went; None for one written by hand. Raises NotFoundError."""
    await _require_staff_reader(session, actor, assignment_id)
    generation: QuizGeneration | None = await session.scalar(queries.newest_generation(actor, assignment_id))
    if generation is None:
        return None
    rows = await session.execute(queries.counts_of(actor, generation.id))
    counted = {row.state: row.counted for row in rows}
    shown = {
        name: getattr(generation, name)
        for name in GenerationOut.model_fields
        if name not in {"passed", "quarantined"}
    }
    return GenerationOut(
        **shown,
        passed=counted.get(CandidateState.PASSED, 0),
        quarantined=counted.get(CandidateState.QUARANTINED, 0),
    )


async def list_candidates(
    session: AsyncSession,
    actor: Actor,
    assignment_id: UUID,
    *,
    state: CandidateState | None,
    page: PageRequest,
) -> tuple[list[CandidateOut], str | None]:
    await _require_staff_reader(session, actor, assignment_id)
    statement = queries.candidates_at(actor, assignment_id, state)
    rows, cursor = await fetch_page(session, statement, QuestionCandidate.id, page)
    return [CandidateOut.model_validate(row) for row in rows], cursor


async def adopt_candidate(
    session: AsyncSession, actor: Actor, target: tuple[UUID, UUID], body: QuestionBody, *, now: datetime
) -> QuestionSaved:
    """Take a question out of the quarantine, mended by its teacher; `target` is assignment and candidate.

    Raises NotFoundError, AssignmentPublishedError or CandidateSettledError.
    """
    assignment_id, candidate_id = target
    assignment = await find_draft(session, actor, assignment_id)
    candidate = await _held_candidate(session, actor, assignment_id, candidate_id)
    if candidate.state is not CandidateState.QUARANTINED:
        raise CandidateSettledError
    origin = {"origin": "ai", "generation_id": str(candidate.generation_id), "adopted": str(candidate.id)}
    (question,) = await add_questions(session, actor, assignment, [body], provenance=[origin])
    question.reviewed_by, question.reviewed_at = actor.user_id, now
    candidate.state, candidate.question_id = CandidateState.ADOPTED, question.id
    await session.flush()
    await record_audit(session, actor, "adopted", ("question", question.id), now=now)
    return saved(assignment, question, body.concept_ids)


async def _held_candidate(
    session: AsyncSession, actor: Actor, assignment_id: UUID, candidate_id: UUID
) -> QuestionCandidate:
    statement = queries.candidates_at(actor, assignment_id, None).where(QuestionCandidate.id == candidate_id)
    candidate: QuestionCandidate | None = await session.scalar(statement.with_for_update())
    if candidate is None:
        raise NotFoundError
    return candidate


async def _require_staff_reader(session: AsyncSession, actor: Actor, assignment_id: UUID) -> None:
    if actor.is_student:
        raise ForbiddenError
    await find_assignment(session, actor, assignment_id)


async def _enqueue(
    session: AsyncSession,
    actor: Actor,
    assignment: Assignment,
    text: str,
    request: dict[str, Any],
    *,
    replaces: UUID | None = None,
) -> UUID:
    generation_id = new_id()
    kind = WRITE_KIND if replaces is None else REPLACE_KIND
    job_id = await create_job(session, actor, kind, subject_id=assignment.id)
    session.add(
        QuizGeneration(
            district_id=actor.district_id,
            school_id=assignment.school_id,
            id=generation_id,
            assignment_id=assignment.id,
            class_id=assignment.class_id,
            requested_by=actor.user_id,
            job_id=job_id,
            replaces_question_id=replaces,
            source_text=text,
            request=request,
        )
    )
    await session.flush()
    await enqueue(session, write_questions, generation_id=generation_id, job_id=job_id)
    return job_id


def _title_of(text: str) -> str:
    """Return the source's first line, as far as a title goes."""
    first = next(line.strip() for line in text.splitlines() if line.strip())
    return first if len(first) <= 80 else first[:79].rsplit(" ", 1)[0] + "…"

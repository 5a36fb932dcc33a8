"""From what was written to a draft: candidates stored batch by batch, questions put in all at once at the end."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from typing import Any
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from api.assignments.questions import add_questions, find_draft, find_question
from api.generation import queries
from api.generation.bodies import body_of_written
from api.generation.positions import spread_keys
from api.generation.replies import WrittenQuestion
from api.generation.writing import Judged
from api.questions.content import columns_of
from core.ids import new_id
from core.models import CandidateState, GenerationMode, QuestionCandidate, QuizGeneration, ReviewStatus
from core.tenancy import Actor, Role, TenantContext


def store_candidates(
    session: AsyncSession, generation: QuizGeneration, batch: int, judged: Sequence[Judged]
) -> None:
    """Keep what was written for one batch, passed or not."""
    session.add_all(
        QuestionCandidate(
            district_id=generation.district_id,
            school_id=generation.school_id,
            id=new_id(),
            generation_id=generation.id,
            batch=batch,
            attempt=entry.attempt,
            position=position,
            content=_content(entry),
            findings=[asdict(finding) for finding in entry.findings],
            state=entry.state,
        )
        for position, entry in enumerate(judged)
    )


def _content(entry: Judged) -> dict[str, Any]:
    written = {} if entry.question is None else entry.question.model_dump()
    return {"question": written, "origin": entry.origin}


def question_in(candidate: QuestionCandidate) -> WrittenQuestion:
    return WrittenQuestion.model_validate(candidate.content["question"])


async def fill_draft(
    session: AsyncSession, generation: QuizGeneration, candidates: Sequence[QuestionCandidate]
) -> int:
    """Put everything that passed into the draft, or into the place of the question to be replaced.

    Returns how many. Raises NotFoundError or AssignmentPublishedError when the draft has gone, or been published.
    """
    context: TenantContext = session.info["context"]
    passed = [candidate for candidate in candidates if candidate.state is CandidateState.PASSED]
    concepts = await _concepts(session, context, generation)
    questions = spread_keys([question_in(candidate) for candidate in passed], generation.id)
    bodies = [body_of_written(question, concepts) for question in questions]
    origins = [_provenance(generation, candidate) for candidate in passed]
    actor = _teacher(context, generation)
    if generation.replaces_question_id is not None:
        return await _replace(session, actor, generation, bodies[:1], origins)
    assignment = await find_draft(session, actor, generation.assignment_id)
    stored = await add_questions(
        session, actor, assignment, bodies, review=ReviewStatus.UNREVIEWED, provenance=origins
    )
    for candidate, question in zip(passed, stored, strict=True):
        candidate.question_id = question.id
    await session.flush()
    return len(stored)


async def _replace(
    session: AsyncSession,
    actor: Actor,
    generation: QuizGeneration,
    bodies: Sequence[Any],
    origins: Sequence[dict[str, Any]],
) -> int:
    """Write the new content over the old one; the question keeps its id, its place and its key's history."""
    assignment = await find_draft(session, actor, generation.assignment_id)
    if not bodies or generation.replaces_question_id is None:
        return 0
    question = await find_question(session, actor, assignment, generation.replaces_question_id)
    for column, value in columns_of(bodies[0]).items():
        setattr(question, column, value)
    question.provenance = origins[0]
    question.review_status, question.reviewed_by, question.reviewed_at = ReviewStatus.UNREVIEWED, None, None
    assignment.version += 1
    await session.flush()
    return 1


def _teacher(context: TenantContext, generation: QuizGeneration) -> Actor:
    """On whose behalf the draft is filled: what they may no longer do, the job may not either."""
    return Actor(
        generation.requested_by,
        Role.TEACHER,
        tenant=context.tenant,
        school_id=generation.school_id,
        session_id=generation.job_id,
    )


async def _concepts(
    session: AsyncSession, context: TenantContext, generation: QuizGeneration
) -> Mapping[str, UUID]:
    wanted = [UUID(concept) for concept in generation.request.get("concept_ids", [])]
    if not wanted:
        return {}
    found = await session.scalars(queries.concepts_named(context, wanted))
    return {concept.name: concept.id for concept in found}


def _provenance(generation: QuizGeneration, candidate: QuestionCandidate) -> dict[str, Any]:
    """Who wrote it, and what it passed. What no model wrote does not say that one did."""
    origin = candidate.content["origin"]
    by = GenerationMode.AI if "model" in origin else GenerationMode.OFFLINE
    return {
        "origin": by.value,
        "generation_id": str(generation.id),
        "candidate_id": str(candidate.id),
        **origin,
        "gate": [finding["check"] for finding in candidate.findings],
    }

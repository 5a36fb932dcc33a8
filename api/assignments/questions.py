"""The questions of an assignment: adding, changing, ordering and taking them away while it is a draft."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import insert
from sqlalchemy.ext.asyncio import AsyncSession

from api.assignments import queries
from api.assignments.errors import (
    AssignmentPublishedError,
    NotAPermutationError,
    TooManyQuestionsError,
)
from api.assignments.presentation import for_teacher, show_assignment
from api.assignments.schemas import (
    MAXIMUM_QUESTIONS,
    AssignmentOut,
    AssignmentWithQuestions,
    KeyVersionOut,
    QuestionSaved,
)
from api.assignments.service import find_assignment, find_own_assignment, show_with_questions
from api.concepts.service import require_concepts
from api.etags import Precondition
from api.paging import PageRequest, fetch_page
from api.questions.content import columns_of
from api.questions.schemas import FreeResponseIn, MultipleChoiceIn
from core.errors import NotFoundError
from core.ids import new_id
from core.models import (
    Assignment,
    AssignmentStatus,
    Question,
    QuestionConcept,
    QuestionKeyVersion,
    ReviewStatus,
)
from core.tenancy import Actor

QuestionBody = MultipleChoiceIn | FreeResponseIn


async def find_draft(
    session: AsyncSession, actor: Actor, assignment_id: UUID, seen: Precondition | None = None
) -> Assignment:
    """Return an assignment of the actor's whose questions may change, locked.

    Raises NotFoundError, what `seen` raises for another version, or AssignmentPublishedError.
    """
    assignment = await find_own_assignment(session, actor, assignment_id)
    require_draft(assignment, seen)
    return assignment


def require_draft(assignment: Assignment, seen: Precondition | None = None) -> None:
    """Raise what `seen` raises for another version, or AssignmentPublishedError for what is no draft."""
    if seen is not None:
        seen.require(assignment.version)
    if assignment.status is not AssignmentStatus.DRAFT:
        raise AssignmentPublishedError


async def add_questions(
    session: AsyncSession,
    actor: Actor,
    assignment: Assignment,
    bodies: Sequence[QuestionBody],
    *,
    review: ReviewStatus = ReviewStatus.ACCEPTED,
    provenance: Sequence[dict[str, Any] | None] | None = None,
) -> list[Question]:
    """Append questions to a draft, with a constant number of statements; `provenance` goes with `bodies`.

    Raises NotFoundError for a concept the district does not have, TooManyQuestionsError beyond 200.
    """
    await require_concepts(session, actor, [concept for body in bodies for concept in body.concept_ids])
    count, _ = (await session.execute(queries.question_totals(actor, assignment.id))).one()
    if count + len(bodies) > MAXIMUM_QUESTIONS:
        raise TooManyQuestionsError
    origins = provenance or [None] * len(bodies)
    questions = [
        _new_question(assignment, body, position=count + number, review_status=review, provenance=origin)
        for number, (body, origin) in enumerate(zip(bodies, origins, strict=True), start=1)
    ]
    session.add_all(questions)
    assignment.version += 1
    await session.flush()
    concepts = {question: body.concept_ids for question, body in zip(questions, bodies, strict=True)}
    await _tag(session, concepts)
    return questions


async def add_question(
    session: AsyncSession, actor: Actor, assignment_id: UUID, body: QuestionBody
) -> QuestionSaved:
    """Append a question to a draft. Raises as `find_draft` and `add_questions` do."""
    assignment = await find_draft(session, actor, assignment_id)
    (question,) = await add_questions(session, actor, assignment, [body])
    return saved(assignment, question, body.concept_ids)


async def find_question(
    session: AsyncSession, actor: Actor, assignment: Assignment, question_id: UUID
) -> Question:
    """Return a question of an assignment already found. Raises NotFoundError."""
    question: Question | None = await session.scalar(queries.question_of(actor, assignment.id, question_id))
    if question is None:
        raise NotFoundError
    return question


async def change_question(
    session: AsyncSession,
    actor: Actor,
    target: tuple[UUID, UUID],
    body: QuestionBody,
    *,
    seen: Precondition,
    now: datetime,
) -> QuestionSaved:
    """Put another content in a question's place; who writes it stands behind it.

    `target` is the assignment's and the question's id. Raises as `find_draft` does.
    """
    assignment = await find_own_assignment(session, actor, target[0])
    question = await find_question(session, actor, assignment, target[1])
    require_draft(assignment, seen)
    await require_concepts(session, actor, body.concept_ids)
    for column, value in columns_of(body).items():
        setattr(question, column, value)
    mark_accepted(question, actor, now)
    assignment.version += 1
    await session.flush()
    await _retag(session, question, body.concept_ids)
    await session.refresh(question)  # a trigger counts the versions of the key
    return saved(assignment, question, body.concept_ids)


async def delete_question(
    session: AsyncSession, actor: Actor, target: tuple[UUID, UUID], *, seen: Precondition, now: datetime
) -> AssignmentOut:
    """Take a question out of a draft; those behind it move up. Raises as `find_draft` does."""
    assignment = await find_own_assignment(session, actor, target[0])
    question = await find_question(session, actor, assignment, target[1])
    require_draft(assignment, seen)
    question.deleted_at = now
    assignment.version += 1
    await session.flush()
    await session.execute(queries.close_gap(question), execution_options={"synchronize_session": False})
    return show_assignment(assignment)


async def order_questions(
    session: AsyncSession,
    actor: Actor,
    assignment_id: UUID,
    question_ids: Sequence[UUID],
    *,
    seen: Precondition,
) -> AssignmentWithQuestions:
    """Give the questions of a draft their order. Raises NotAPermutationError, or as `find_draft` does."""
    assignment = await find_draft(session, actor, assignment_id, seen)
    statement = queries.questions_of(actor, assignment_id).with_only_columns(Question.id)
    if sorted(await session.scalars(statement)) != sorted(question_ids):
        raise NotAPermutationError(field="question_ids")
    await session.execute(
        queries.renumber(actor, assignment_id, question_ids),
        execution_options={"synchronize_session": False},
    )
    assignment.version += 1
    return await show_with_questions(session, actor, assignment)


async def list_key_versions(
    session: AsyncSession, actor: Actor, target: tuple[UUID, UUID], page: PageRequest
) -> tuple[list[KeyVersionOut], str | None]:
    """List what has been right for a question, oldest first. Raises NotFoundError."""
    assignment = await find_assignment(session, actor, target[0])
    question = await find_question(session, actor, assignment, target[1])
    statement = queries.key_versions(actor, question.id)
    rows, cursor = await fetch_page(session, statement, QuestionKeyVersion.version, page)
    return [KeyVersionOut.model_validate(row) for row in rows], cursor


def mark_accepted(question: Question, actor: Actor, now: datetime) -> None:
    """Note who stands behind a question a machine wrote; one that a person stands behind stays as it is."""
    if question.review_status is ReviewStatus.ACCEPTED:
        return
    question.review_status = ReviewStatus.ACCEPTED
    question.reviewed_by = actor.user_id
    question.reviewed_at = now


def saved(assignment: Assignment, question: Question, concept_ids: Sequence[UUID]) -> QuestionSaved:
    """Return a question as its teacher sees it, with the version of the assignment that holds it."""
    shown = for_teacher(question, concept_ids)
    return QuestionSaved(**shown.model_dump(), assignment_version=assignment.version)


def _new_question(assignment: Assignment, body: QuestionBody, **more: Any) -> Question:
    return Question(
        district_id=assignment.district_id,
        id=new_id(),
        school_id=assignment.school_id,
        assignment_id=assignment.id,
        **columns_of(body),
        **more,
    )


async def _retag(session: AsyncSession, question: Question, concept_ids: list[UUID]) -> None:
    await session.execute(queries.untag(question))
    await _tag(session, {question: concept_ids})


async def _tag(session: AsyncSession, concepts: Mapping[Question, Sequence[UUID]]) -> None:
    rows = [
        {
            "district_id": question.district_id,
            "school_id": question.school_id,
            "question_id": question.id,
            "concept_id": concept_id,
        }
        for question, concept_ids in concepts.items()
        for concept_id in sorted(set(concept_ids))
    ]
    if rows:
        await session.execute(insert(QuestionConcept), rows)

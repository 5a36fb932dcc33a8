"""The questions of an assignment."""

from collections import defaultdict
from uuid import UUID

from sqlalchemy import insert
from sqlalchemy.ext.asyncio import AsyncSession

from api.assignments import queries
from api.concepts.service import require_concepts
from api.questions.content import columns_of
from api.questions.schemas import FreeResponseIn, MultipleChoiceIn, QuestionForStudent, QuestionForTeacher
from core.errors import ConflictError
from core.ids import new_id
from core.models import Assignment, Question, QuestionConcept
from core.tenancy import Actor

MAXIMUM_QUESTIONS = 200


class TooManyQuestionsError(ConflictError):
    """An assignment holds at most 200 questions."""

    code = "too_many_questions"


async def add_question(
    session: AsyncSession, actor: Actor, assignment: Assignment, body: MultipleChoiceIn | FreeResponseIn
) -> QuestionForTeacher:
    """Append a question to a draft. Raises NotFoundError for a concept the district does not have."""
    await require_concepts(session, actor, body.concept_ids)
    count, _ = (await session.execute(queries.question_totals(actor, assignment.id))).one()
    if count >= MAXIMUM_QUESTIONS:
        raise TooManyQuestionsError
    question = Question(
        district_id=assignment.district_id,
        id=new_id(),
        school_id=assignment.school_id,
        assignment_id=assignment.id,
        position=count + 1,
        **columns_of(body),
    )
    session.add(question)
    await session.flush()
    await _tag(session, question, body.concept_ids)
    return _for_teacher(question, body.concept_ids)


async def present_questions(
    session: AsyncSession, actor: Actor, assignment_id: UUID
) -> list[QuestionForTeacher | QuestionForStudent]:
    """Return an assignment's questions in order; to a student without anything that gives the answer away."""
    questions = list(await session.scalars(queries.questions_of(actor, assignment_id)))
    if actor.is_student:
        return [QuestionForStudent.model_validate(question) for question in questions]
    concepts: dict[UUID, list[UUID]] = defaultdict(list)
    statement = queries.concepts_of(actor, [question.id for question in questions])
    for question_id, concept_id in await session.execute(statement):
        concepts[question_id].append(concept_id)
    return [_for_teacher(question, concepts[question.id]) for question in questions]


async def _tag(session: AsyncSession, question: Question, concept_ids: list[UUID]) -> None:
    if not concept_ids:
        return
    rows = [
        {
            "district_id": question.district_id,
            "school_id": question.school_id,
            "question_id": question.id,
            "concept_id": concept_id,
        }
        for concept_id in sorted(set(concept_ids))
    ]
    await session.execute(insert(QuestionConcept), rows)


def _for_teacher(question: Question, concept_ids: list[UUID]) -> QuestionForTeacher:
    shown = QuestionForTeacher.model_validate(question)
    return shown.model_copy(update={"concept_ids": sorted(set(concept_ids))})

"""One student for their teachers: what each concept's number rests on, what was answered, how long it took."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from api.analytics.marts import ask, with_assignment_titles, with_concept_names
from api.analytics.schemas import ConceptMasteryOut
from api.analytics.students import find_student
from api.class_analytics.queries import questions_by_id
from api.paging import PageRequest, encode_cursor
from api.student_analytics.schemas import (
    AnswerPage,
    AssignmentTime,
    ConceptDetail,
    Evidence,
    MasteryDay,
    StudentAnswer,
    StudentConcepts,
    TimePage,
)
from core.domain.mastery import STRUGGLING
from core.domain.mastery_explanation import sentence
from core.errors import NotFoundError
from core.tenancy import Actor
from warehouse import student_queries as marts
from warehouse.folder import Warehouse

EVIDENCE_SHOWN = 6


async def read_mastery(
    session: AsyncSession, warehouse: Warehouse, actor: Actor, student_id: UUID
) -> StudentConcepts:
    """Return what is known of a student on each concept of the classes in common. Raises NotFoundError."""
    student = await find_student(session, actor, student_id)
    served = await ask(warehouse, actor, marts.student_concepts(student_id, list(student.classes)))
    named = await with_concept_names(session, actor, served.rows)
    return StudentConcepts(
        student_id=student.id,
        student_name=student.name,
        items=[_mastery(row) for row in named],
        **served.age,
    )


async def read_concept(
    session: AsyncSession, warehouse: Warehouse, actor: Actor, student_id: UUID, concept_id: UUID
) -> ConceptDetail:
    """Return why one number is what it is, and how it has moved. Raises NotFoundError.

    Of a concept that none of the classes in common has practised, nothing is told but its name.
    """
    student = await find_student(session, actor, student_id)
    class_ids = list(student.classes)
    named = await with_concept_names(session, actor, [{"concept_id": str(concept_id)}])
    if not named:
        raise NotFoundError
    served = await ask(warehouse, actor, marts.student_concepts(student_id, class_ids))
    known = [row for row in served.rows if row["concept_id"] == str(concept_id)]
    query = marts.concept_evidence(student_id, concept_id, class_ids, limit=EVIDENCE_SHOWN)
    answers = (await ask(warehouse, actor, query)).rows
    moved = (await ask(warehouse, actor, marts.concept_history(student_id, concept_id))).rows if known else []
    return ConceptDetail(
        student_id=student.id,
        concept_id=concept_id,
        concept_name=named[0]["concept_name"],
        mastery=_mastery(known[0] | named[0]) if known else None,
        explanation=_explanation(student.name, answers),
        evidence=[Evidence(**row) for row in await _with_texts(session, actor, answers)],
        history=[MasteryDay(**row) for row in moved],
        **served.age,
    )


async def read_answers(
    session: AsyncSession,
    warehouse: Warehouse,
    actor: Actor,
    student_id: UUID,
    page: PageRequest,
    *,
    concept_id: UUID | None,
) -> AnswerPage:
    """Return a page of the student's counting answers, newest first. Raises NotFoundError."""
    student = await find_student(session, actor, student_id)
    query = marts.student_answers(
        student_id,
        list(student.classes),
        concept_id=concept_id,
        before=page.after_id,
        limit=page.limit + 1,
    )
    served = await ask(warehouse, actor, query)
    rows = served.rows[: page.limit]
    return AnswerPage(
        student_id=student.id,
        items=[StudentAnswer(**row) for row in await _with_texts(session, actor, rows)],
        next_cursor=encode_cursor(rows[-1]["answer_id"]) if len(served.rows) > page.limit else None,
        **served.age,
    )


async def read_time(
    session: AsyncSession, warehouse: Warehouse, actor: Actor, student_id: UUID, page: PageRequest
) -> TimePage:
    """Return a page of assignments with the student's time at work. Raises NotFoundError."""
    student = await find_student(session, actor, student_id)
    query = marts.student_time(student_id, list(student.classes), after=page.after_id, limit=page.limit + 1)
    served = await ask(warehouse, actor, query)
    rows = served.rows[: page.limit]
    return TimePage(
        student_id=student.id,
        items=[AssignmentTime(**row) for row in await with_assignment_titles(session, actor, rows)],
        next_cursor=encode_cursor(rows[-1]["assignment_id"]) if len(served.rows) > page.limit else None,
        **served.age,
    )


async def _with_texts(
    session: AsyncSession, actor: Actor, rows: Sequence[dict[str, Any]]
) -> list[dict[str, Any]]:
    """Add the words of the question; questions that are gone take their rows along."""
    wanted = sorted({UUID(row["question_id"]) for row in rows})
    found = await session.scalars(questions_by_id(actor, wanted))
    texts = {str(question.id): question.prompt for question in found}
    return [{**row, "text": texts[row["question_id"]]} for row in rows if row["question_id"] in texts]


def _explanation(name: str, answers: Sequence[dict[str, Any]]) -> str | None:
    if not answers:
        return None
    expected = sum(row["typical_outcome"] for row in answers)
    gained = sum(row["outcome"] for row in answers)
    return sentence(name, count=len(answers), expected=expected, gained=gained)


def _mastery(row: dict[str, Any]) -> ConceptMasteryOut:
    return ConceptMasteryOut.model_validate({**row, "struggling": row["band"] == STRUGGLING})

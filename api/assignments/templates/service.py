"""Templates: an assignment kept with its questions as they were, to be used again."""

from collections import defaultdict
from datetime import datetime
from typing import Any
from uuid import UUID

from pydantic import TypeAdapter
from sqlalchemy.ext.asyncio import AsyncSession

from api.assignments.duplication import settings_of
from api.assignments.errors import UnreviewedQuestionsError
from api.assignments.provenance import copied_from
from api.assignments.queries import concepts_of, questions_of
from api.assignments.questions import QuestionBody, add_questions
from api.assignments.schemas import AssignmentWithQuestions, date_problem
from api.assignments.service import find_own_assignment, new_draft, show_with_questions
from api.assignments.templates import queries
from api.assignments.templates.schemas import (
    KeptAssignment,
    TemplateCreate,
    TemplateOut,
    TemplateUpdate,
    TemplateUse,
    TemplateWithContent,
)
from api.classes.service import find_taught_class
from api.concepts.queries import concepts_by_id
from api.paging import PageRequest, fetch_page
from api.questions.content import body_of
from api.questions.schemas import QuestionIn
from core.audit import record_audit
from core.errors import InvalidInputError, NotFoundError
from core.ids import new_id
from core.models import Assignment, AssignmentTemplate, Concept, Question, ReviewStatus
from core.tenancy import Actor

_BODIES: TypeAdapter[list[QuestionBody]] = TypeAdapter(list[QuestionIn])


async def create_template(
    session: AsyncSession, actor: Actor, body: TemplateCreate, *, now: datetime
) -> TemplateOut:
    """Keep an assignment the actor teaches. Raises NotFoundError, or UnreviewedQuestionsError.

    A template does not know who looked at a question: it takes only what somebody stands behind.
    """
    assignment = await find_own_assignment(session, actor, body.assignment_id)
    template = AssignmentTemplate(
        district_id=assignment.district_id,
        school_id=assignment.school_id,
        id=new_id(),
        owner_id=actor.user_id,
        title=body.title or assignment.title,
        is_shared=body.is_shared,
        content=await _content_of(session, actor, assignment),
        created_at=now,
    )
    session.add(template)
    await session.flush()
    await record_audit(session, actor, "created", ("assignment_template", template.id), now=now)
    return _shown(actor, template)


async def list_templates(
    session: AsyncSession, actor: Actor, page: PageRequest
) -> tuple[list[TemplateOut], str | None]:
    """List one's own templates and those the school shares, oldest first."""
    rows, cursor = await fetch_page(session, queries.listed_templates(actor), AssignmentTemplate.id, page)
    shown = [
        TemplateOut(
            id=row.id,
            title=row.title,
            is_shared=row.is_shared,
            is_own=row.owner_id == actor.user_id,
            question_count=row.question_count,
            created_at=row.created_at,
        )
        for row in rows
    ]
    return shown, cursor


async def read_template(session: AsyncSession, actor: Actor, template_id: UUID) -> TemplateWithContent:
    """Return a template with its questions and their keys. Raises NotFoundError."""
    template = await _find_usable(session, actor, template_id)
    return TemplateWithContent(
        **_shown(actor, template).model_dump(),
        assignment=KeptAssignment.model_validate(template.content["assignment"]),
        questions=_BODIES.validate_python(template.content["questions"]),
    )


async def update_template(
    session: AsyncSession, actor: Actor, template_id: UUID, body: TemplateUpdate
) -> TemplateOut:
    """Rename or share a template of one's own. Raises NotFoundError."""
    template = await _find_own(session, actor, template_id)
    for field, value in body.model_dump(exclude_unset=True).items():
        setattr(template, field, value)
    return _shown(actor, template)


async def delete_template(
    session: AsyncSession, actor: Actor, template_id: UUID, *, now: datetime
) -> TemplateOut:
    """Take a template of one's own away; what was made of it stays. Raises NotFoundError."""
    template = await _find_own(session, actor, template_id)
    template.deleted_at = now
    await record_audit(session, actor, "deleted", ("assignment_template", template_id), now=now)
    return _shown(actor, template)


async def use_template(
    session: AsyncSession, actor: Actor, template_id: UUID, body: TemplateUse, *, now: datetime
) -> AssignmentWithQuestions:
    """Make a draft of a template in a class the actor teaches; concepts that are gone stay away.

    Raises NotFoundError, or InvalidInputError for dates that contradict each other.
    """
    if problem := date_problem(body.available_at, body.due_at, body.available_until):
        raise InvalidInputError(problem[1], field=problem[0])
    template = await _find_usable(session, actor, template_id)
    school_class = await find_taught_class(session, actor, body.class_id)
    kept = KeptAssignment.model_validate(template.content["assignment"])
    given = body.model_dump(exclude_unset=True)
    fields = {**kept.model_dump(), "title": template.title, **given}
    assignment = new_draft(actor, school_class.school_id, fields, now=now)
    session.add(assignment)
    await session.flush()
    await _add_kept_questions(session, actor, assignment, template)
    details = {"template_id": str(template.id)}
    await record_audit(session, actor, "created", ("assignment", assignment.id), now=now, details=details)
    return await show_with_questions(session, actor, assignment)


async def _add_kept_questions(
    session: AsyncSession, actor: Actor, assignment: Assignment, template: AssignmentTemplate
) -> None:
    bodies = _BODIES.validate_python(template.content["questions"])
    if not bodies:
        return
    named = {concept_id for body in bodies for concept_id in body.concept_ids}
    known = set(await session.scalars(concepts_by_id(actor, list(named)).with_only_columns(Concept.id)))
    bodies = [body.model_copy(update={"concept_ids": [*known & set(body.concept_ids)]}) for body in bodies]
    earlier = template.content.get("provenance") or [None] * len(bodies)
    origins = [copied_from("template", before, template_id=template.id) for before in earlier]
    await add_questions(session, actor, assignment, bodies, provenance=origins)


async def _content_of(session: AsyncSession, actor: Actor, assignment: Assignment) -> dict[str, Any]:
    questions = list(await session.scalars(questions_of(actor, assignment.id)))
    if any(question.review_status is ReviewStatus.UNREVIEWED for question in questions):
        raise UnreviewedQuestionsError("Accept every question before you keep the assignment as a template.")
    kept = KeptAssignment.model_validate(settings_of(assignment))
    return {
        "assignment": kept.model_dump(mode="json"),
        "questions": await _bodies_of(session, actor, questions),
        "provenance": [question.provenance for question in questions],
    }


async def _bodies_of(session: AsyncSession, actor: Actor, questions: list[Question]) -> list[dict[str, Any]]:
    concepts: dict[UUID, list[UUID]] = defaultdict(list)
    statement = concepts_of(actor, [question.id for question in questions])
    for question_id, concept_id in await session.execute(statement):
        concepts[question_id].append(concept_id)
    return [body_of(question, concepts[question.id]).model_dump(mode="json") for question in questions]


async def _find_usable(session: AsyncSession, actor: Actor, template_id: UUID) -> AssignmentTemplate:
    template: AssignmentTemplate | None = await session.scalar(queries.usable_template(actor, template_id))
    if template is None:
        raise NotFoundError
    return template


async def _find_own(session: AsyncSession, actor: Actor, template_id: UUID) -> AssignmentTemplate:
    template: AssignmentTemplate | None = await session.scalar(queries.own_template(actor, template_id))
    if template is None:
        raise NotFoundError
    return template


def _shown(actor: Actor, template: AssignmentTemplate) -> TemplateOut:
    return TemplateOut(
        id=template.id,
        title=template.title,
        is_shared=template.is_shared,
        is_own=template.owner_id == actor.user_id,
        question_count=len(template.content["questions"]),
        created_at=template.created_at,
    )

"""Questions taken from banks: copies, so that a bank may change while an assignment stays as it is."""

from collections import defaultdict
from collections.abc import Sequence
from typing import Any
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from api.assignments import queries
from api.assignments.provenance import copied_from, is_unread
from api.assignments.questions import add_questions, find_draft
from api.assignments.schemas import AssignmentWithQuestions
from api.assignments.service import show_with_questions
from api.questions.content import body_of
from core.errors import NotFoundError
from core.models import BankQuestion, ReviewStatus
from core.tenancy import Actor


async def add_from_banks(
    session: AsyncSession, actor: Actor, assignment_id: UUID, question_ids: Sequence[UUID]
) -> AssignmentWithQuestions:
    """Append copies of bank questions to a draft, in the given order.

    Raises NotFoundError unless each stands in a bank the actor may read, and as `find_draft` and
    `add_questions` do.
    """
    assignment = await find_draft(session, actor, assignment_id)
    wanted = list(dict.fromkeys(question_ids))
    found = {
        question.id: question for question in await session.scalars(queries.bank_questions(actor, wanted))
    }
    if len(found) != len(wanted):
        raise NotFoundError(field="question_ids")
    concepts = await _concepts_of(session, actor, wanted)
    questions = [found[question_id] for question_id in wanted]
    bodies = [body_of(question, concepts[question.id]) for question in questions]
    origins = [_origin(question) for question in questions]
    copies = await add_questions(session, actor, assignment, bodies, provenance=origins)
    for copy, question in zip(copies, questions, strict=True):
        if is_unread(question.provenance):
            copy.review_status = ReviewStatus.UNREVIEWED
    await session.flush()
    return await show_with_questions(session, actor, assignment)


def _origin(question: BankQuestion) -> dict[str, Any]:
    return copied_from("bank", question.provenance, bank_id=question.bank_id, question_id=question.id)


async def _concepts_of(
    session: AsyncSession, actor: Actor, question_ids: Sequence[UUID]
) -> dict[UUID, list[UUID]]:
    concepts: dict[UUID, list[UUID]] = defaultdict(list)
    for question_id, concept_id in await session.execute(queries.bank_concepts(actor, question_ids)):
        concepts[question_id].append(concept_id)
    return concepts

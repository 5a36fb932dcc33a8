"""Questions kept from assignments: copies, so that both may change."""

from collections import defaultdict
from collections.abc import Sequence
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from api.assignments.provenance import copied_from
from api.assignments.service import find_own_assignment
from api.question_banks import queries
from api.question_banks.errors import NotYetAcceptedError
from api.question_banks.questions import show_questions
from api.question_banks.schemas import AddedQuestions, FromAssignmentIn
from api.question_banks.service import BankQuestionDraft, add_bank_questions, find_writable_bank
from api.questions.content import body_of
from core.errors import NotFoundError
from core.models import BankQuestion, Question, ReviewStatus
from core.tenancy import Actor


async def add_from_assignment(
    session: AsyncSession, actor: Actor, bank_id: UUID, body: FromAssignmentIn
) -> AddedQuestions:
    """Copy questions of an assignment the actor teaches into a bank of their own, in the given order.

    Raises NotFoundError for either or a question, NotYetAcceptedError for what no person stands behind: a bank
    does not remember that, and an assignment that takes the copy would show it as accepted.
    """
    bank = await find_writable_bank(session, actor, bank_id)
    questions = await _wanted_questions(session, actor, body)
    concepts = await _concepts_of(session, actor, [question.id for question in questions])
    drafts = [_draft(question, concepts[question.id]) for question in questions]
    ids = await add_bank_questions(session, actor, bank, drafts)
    copies = await session.scalars(
        queries.questions_of_bank(actor, bank_id).where(BankQuestion.id.in_(ids)).order_by(BankQuestion.id)
    )
    return AddedQuestions(questions=await show_questions(session, actor, copies.all()))


async def _wanted_questions(session: AsyncSession, actor: Actor, body: FromAssignmentIn) -> list[Question]:
    assignment = await find_own_assignment(session, actor, body.assignment_id)
    wanted = list(dict.fromkeys(body.question_ids))
    statement = queries.questions_of_assignment(actor, assignment.id, wanted)
    found = {question.id: question for question in await session.scalars(statement)}
    if len(found) != len(wanted):
        raise NotFoundError(field="question_ids")
    if any(question.review_status is ReviewStatus.UNREVIEWED for question in found.values()):
        raise NotYetAcceptedError(field="question_ids")
    return [found[question_id] for question_id in wanted]


async def _concepts_of(
    session: AsyncSession, actor: Actor, question_ids: Sequence[UUID]
) -> defaultdict[UUID, list[UUID]]:
    concepts: defaultdict[UUID, list[UUID]] = defaultdict(list)
    for question_id, concept_id in await session.execute(queries.concepts_of_assigned(actor, question_ids)):
        concepts[question_id].append(concept_id)
    return concepts


def _draft(question: Question, concept_ids: Sequence[UUID]) -> BankQuestionDraft:
    origin = copied_from(
        "assignment",
        question.provenance,
        assignment_id=question.assignment_id,
        question_id=question.id,
    )
    return BankQuestionDraft(None, body_of(question, concept_ids), origin)

"""Many questions at once: each is taken or refused for itself."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from pydantic import TypeAdapter, ValidationError
from pydantic_core import ErrorDetails
from sqlalchemy.ext.asyncio import AsyncSession

from api.concepts.queries import concepts_by_id
from api.envelope import ErrorItem
from api.question_banks.schemas import BankQuestionIn, BulkAnswer, BulkResult, NamedQuestion
from api.question_banks.service import BankQuestionDraft, add_bank_questions, find_writable_bank
from core.errors import NotFoundError
from core.models import Concept
from core.tenancy import Actor

_QUESTION: TypeAdapter[NamedQuestion] = TypeAdapter(BankQuestionIn)

Faults = list[ErrorItem]


async def add_many(session: AsyncSession, actor: Actor, bank_id: UUID, bodies: Sequence[Any]) -> BulkAnswer:
    """Add every question that is right, and say of each what became of it. Raises NotFoundError for the bank."""
    bank = await find_writable_bank(session, actor, bank_id)
    read = [_read(body) for body in bodies]
    known = await _known_concepts(session, actor, read)
    judged = [item if isinstance(item, list) else _with_known_concepts(item, known) for item in read]
    drafts = [BankQuestionDraft(item.name, item) for item in judged if not isinstance(item, list)]
    ids = iter(await add_bank_questions(session, actor, bank, drafts))
    return BulkAnswer(
        added=len(drafts),
        results=[
            BulkResult(index=index, id=None, errors=item)
            if isinstance(item, list)
            else BulkResult(index=index, id=next(ids), errors=[])
            for index, item in enumerate(judged)
        ],
    )


def _read(body: Any) -> NamedQuestion | Faults:
    try:
        return _QUESTION.validate_python(body)
    except ValidationError as error:
        return [_fault(detail) for detail in error.errors(include_url=False, include_input=False)]


def _fault(detail: ErrorDetails) -> ErrorItem:
    """Say what is wrong as the refusal of a single question does."""
    path = ".".join(str(part) for part in detail["loc"][1:])  # the first part is the kind
    return ErrorItem(code=f"invalid_{detail['type']}", message=detail["msg"], field=path or None)


async def _known_concepts(
    session: AsyncSession, actor: Actor, read: Sequence[NamedQuestion | Faults]
) -> set[UUID]:
    named = {concept for item in read if not isinstance(item, list) for concept in item.concept_ids}
    if not named:
        return set()
    statement = concepts_by_id(actor, list(named)).with_only_columns(Concept.id)
    return set(await session.scalars(statement))


def _with_known_concepts(question: NamedQuestion, known: set[UUID]) -> NamedQuestion | Faults:
    if known.issuperset(question.concept_ids):
        return question
    unknown = NotFoundError(field="concept_ids")
    return [ErrorItem(code=unknown.code, message=unknown.message, field=unknown.field)]

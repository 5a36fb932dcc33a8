"""Banks: made, found, changed, hidden; and the two doors through which many questions go in and out."""

from collections import defaultdict
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import insert
from sqlalchemy.ext.asyncio import AsyncSession

from api.concepts.service import require_concepts
from api.paging import PageRequest, fetch_page
from api.question_banks import queries
from api.question_banks.schemas import BankCreate, BankOut, BankUpdate, BankWithCount
from api.questions.content import body_of, columns_of
from api.questions.schemas import FreeResponseIn, MultipleChoiceIn
from core.audit import record_audit
from core.errors import NotFoundError
from core.ids import new_id
from core.models import BankQuestion, BankQuestionConcept, Concept, QuestionBank
from core.tenancy import Actor

BATCH = 500
"""Questions read at a time when a whole bank is wanted."""

QuestionBody = MultipleChoiceIn | FreeResponseIn


@dataclass(frozen=True, slots=True)
class BankQuestionDraft:
    """A question that is to enter a bank; `provenance` null: written by its teacher."""

    name: str | None
    body: QuestionBody
    provenance: dict[str, Any] | None = None


@dataclass(frozen=True, slots=True)
class StoredQuestion:
    """A question of a bank with the concepts it practises."""

    id: UUID
    name: str | None
    body: QuestionBody
    concepts: tuple[Concept, ...]


@dataclass(frozen=True, slots=True)
class Filters:
    """Which banks to list; None leaves a filter out."""

    subject: str | None = None
    mine: bool | None = None


async def create_bank(session: AsyncSession, actor: Actor, body: BankCreate, *, now: datetime) -> BankOut:
    """Create an empty bank of the teacher's own."""
    bank = QuestionBank(
        district_id=actor.district_id,
        school_id=actor.school_id,
        id=new_id(),
        owner_id=actor.user_id,
        **body.model_dump(),
    )
    session.add(bank)
    await session.flush()
    await record_audit(session, actor, "created", ("question_bank", bank.id), now=now)
    await session.refresh(bank)
    return BankOut.model_validate(bank)


async def list_banks(
    session: AsyncSession, actor: Actor, filters: Filters, page: PageRequest
) -> tuple[list[BankOut], str | None]:
    """Return a page of the banks the actor may read, oldest first."""
    statement = queries.readable_banks(actor)
    if filters.subject is not None:
        statement = statement.where(QuestionBank.subject == filters.subject)
    if filters.mine is not None:
        is_own = QuestionBank.owner_id == actor.user_id
        statement = statement.where(is_own if filters.mine else ~is_own)
    rows, cursor = await fetch_page(session, statement, QuestionBank.id, page)
    return [BankOut.model_validate(row) for row in rows], cursor


async def find_readable_bank(session: AsyncSession, actor: Actor, bank_id: UUID) -> QuestionBank:
    """Return a bank of the actor's own or one that is shared with them. Raises NotFoundError."""
    bank: QuestionBank | None = await session.scalar(queries.readable_bank(actor, bank_id))
    if bank is None:
        raise NotFoundError
    return bank


async def find_writable_bank(session: AsyncSession, actor: Actor, bank_id: UUID) -> QuestionBank:
    """Return a bank of the actor's own, locked. Raises NotFoundError."""
    bank: QuestionBank | None = await session.scalar(queries.writable_bank(actor, bank_id))
    if bank is None:
        raise NotFoundError
    return bank


async def read_bank(session: AsyncSession, actor: Actor, bank_id: UUID) -> BankWithCount:
    """Return a bank with the number of its questions. Raises NotFoundError."""
    bank = await find_readable_bank(session, actor, bank_id)
    return await _counted(session, actor, bank)


async def update_bank(
    session: AsyncSession, actor: Actor, bank_id: UUID, body: BankUpdate, *, now: datetime
) -> BankWithCount:
    """Change what is given. Raises NotFoundError."""
    bank = await find_writable_bank(session, actor, bank_id)
    changes = body.model_dump(exclude_unset=True)
    for field, value in changes.items():
        setattr(bank, field, value)
    await session.flush()
    details = {"fields": sorted(changes)}
    await record_audit(session, actor, "changed", ("question_bank", bank_id), now=now, details=details)
    return await _counted(session, actor, bank)


async def delete_bank(session: AsyncSession, actor: Actor, bank_id: UUID, *, now: datetime) -> BankOut:
    """Hide a bank with its questions; copies in assignments stay. Raises NotFoundError."""
    bank = await find_writable_bank(session, actor, bank_id)
    bank.deleted_at = now
    await session.flush()
    await record_audit(session, actor, "deleted", ("question_bank", bank_id), now=now)
    return BankOut.model_validate(bank)


async def add_bank_questions(
    session: AsyncSession, actor: Actor, bank: QuestionBank, drafts: Sequence[BankQuestionDraft]
) -> list[UUID]:
    """Add questions to a bank found by `find_writable_bank`; the same few statements for one as for thousands.

    Returns their ids in the order of the drafts. Raises NotFoundError for a concept the district does not have.
    """
    await require_concepts(
        session, actor, [concept for draft in drafts for concept in draft.body.concept_ids]
    )
    place = {"district_id": bank.district_id, "school_id": bank.school_id, "bank_id": bank.id}
    ids = sorted(new_id() for _ in drafts)  # a bank keeps the order in which its questions came
    rows = [
        {**place, "id": id_, "name": draft.name, "provenance": draft.provenance, **columns_of(draft.body)}
        for id_, draft in zip(ids, drafts, strict=True)
    ]
    if rows:
        await session.execute(insert(BankQuestion), rows)
    concepts = [(id_, draft.body.concept_ids) for id_, draft in zip(ids, drafts, strict=True)]
    await tag_questions(session, bank, concepts)
    return ids


async def tag_questions(
    session: AsyncSession, bank: QuestionBank, concepts: Sequence[tuple[UUID, Sequence[UUID]]]
) -> None:
    """Say which concepts questions of a bank practise; pairs of a question and its concepts."""
    place = {"district_id": bank.district_id, "school_id": bank.school_id, "bank_id": bank.id}
    rows = [
        {**place, "question_id": question_id, "concept_id": concept_id}
        for question_id, concept_ids in concepts
        for concept_id in sorted(set(concept_ids))
    ]
    if rows:
        await session.execute(insert(BankQuestionConcept), rows)


async def stream_questions(
    session: AsyncSession, actor: Actor, bank_id: UUID
) -> AsyncIterator[StoredQuestion]:
    """Yield every question of a readable bank, oldest first, with its concepts; two statements for 500.

    Raises NotFoundError.
    """
    await find_readable_bank(session, actor, bank_id)
    after: UUID | None = None
    while True:
        statement = queries.questions_of_bank(actor, bank_id).order_by(BankQuestion.id).limit(BATCH)
        if after is not None:
            statement = statement.where(BankQuestion.id > after)
        batch = (await session.scalars(statement)).all()
        concepts = await concepts_by_question(session, actor, [question.id for question in batch])
        for question in batch:
            yield _stored(question, concepts[question.id])
            session.expunge(question)
        if len(batch) < BATCH:
            return
        after = batch[-1].id


async def concepts_by_question(
    session: AsyncSession, actor: Actor, question_ids: Sequence[UUID]
) -> defaultdict[UUID, list[Concept]]:
    """Return the concepts of some questions of banks: one statement, none where there is no question."""
    concepts: defaultdict[UUID, list[Concept]] = defaultdict(list)
    if question_ids:
        for question_id, concept in await session.execute(queries.concepts_of(actor, question_ids)):
            concepts[question_id].append(concept)
    return concepts


def _stored(question: BankQuestion, concepts: Sequence[Concept]) -> StoredQuestion:
    body = body_of(question, [concept.id for concept in concepts])
    return StoredQuestion(question.id, question.name, body, tuple(concepts))


async def _counted(session: AsyncSession, actor: Actor, bank: QuestionBank) -> BankWithCount:
    count = await session.scalar(queries.size_of_bank(actor, bank.id))
    return BankWithCount(**BankOut.model_validate(bank).model_dump(), question_count=count or 0)

"""The questions of a bank: searching, adding, changing and taking them away."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import Select, false
from sqlalchemy.ext.asyncio import AsyncSession

from api.concepts.service import require_concepts
from api.paging import PageRequest, fetch_page
from api.question_banks import queries
from api.question_banks.schemas import NamedQuestion
from api.question_banks.service import (
    BankQuestionDraft,
    add_bank_questions,
    concepts_by_question,
    find_readable_bank,
    find_writable_bank,
    tag_questions,
)
from api.questions.content import columns_of
from api.questions.schemas import BankQuestionOut
from api.users.search import MOST_WORDS, TooManyWordsError
from core.errors import NotFoundError
from core.models import BankQuestion, Difficulty, QuestionKind
from core.tenancy import Actor


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which questions to look for; what is None leaves a filter out, all that is given must fit."""

    text: str = ""
    concept_id: UUID | None = None
    difficulty: Difficulty | None = None
    kind: QuestionKind | None = None


async def find_questions(
    session: AsyncSession, actor: Actor, bank_id: UUID, wanted: Wanted, page: PageRequest
) -> tuple[list[BankQuestionOut], str | None]:
    """Return a page of a readable bank's questions, newest first.

    Raises NotFoundError, or TooManyWordsError for more than eight words.
    """
    words = await _words_for_bank(session, actor, bank_id, wanted.text)
    statement = matching(actor, bank_id, wanted, words)
    rows, cursor = await fetch_page(session, statement, BankQuestion.id, page, newest_first=True)
    return await show_questions(session, actor, rows), cursor


def matching(
    actor: Actor, bank_id: UUID, wanted: Wanted, words: Sequence[str]
) -> Select[tuple[BankQuestion]]:
    """Every word begins one of the question's; signs alone ("%") find nothing."""
    statement = queries.questions_of_bank(actor, bank_id)
    if wanted.difficulty is not None:
        statement = statement.where(BankQuestion.difficulty == wanted.difficulty)
    if wanted.kind is not None:
        statement = statement.where(BankQuestion.kind == wanted.kind)
    if wanted.concept_id is not None:
        statement = statement.where(queries.practises(actor, bank_id, wanted.concept_id))
    if wanted.text and not words:
        return statement.where(false())
    for word in words:
        statement = statement.where(queries.has_word(actor, bank_id, word))
    return statement


async def read_question(
    session: AsyncSession, actor: Actor, bank_id: UUID, question_id: UUID
) -> BankQuestionOut:
    """Return a question of a readable bank. Raises NotFoundError."""
    await find_readable_bank(session, actor, bank_id)
    question = await _find_question(session, actor, bank_id, question_id)
    return (await show_questions(session, actor, [question]))[0]


async def add_question(
    session: AsyncSession, actor: Actor, bank_id: UUID, body: NamedQuestion
) -> BankQuestionOut:
    """Add a question to a bank of one's own. Raises NotFoundError for it or a concept."""
    bank = await find_writable_bank(session, actor, bank_id)
    (question_id,) = await add_bank_questions(session, actor, bank, [BankQuestionDraft(body.name, body)])
    question = await _find_question(session, actor, bank_id, question_id)
    return (await show_questions(session, actor, [question]))[0]


async def change_question(
    session: AsyncSession, actor: Actor, target: tuple[UUID, UUID], body: NamedQuestion
) -> BankQuestionOut:
    """Put another content in a question's place; `target` is the bank's and its id. Raises NotFoundError."""
    bank = await find_writable_bank(session, actor, target[0])
    question = await _find_question(session, actor, *target)
    await require_concepts(session, actor, body.concept_ids)
    for column, value in {"name": body.name, **columns_of(body)}.items():
        setattr(question, column, value)
    await session.flush()
    await session.execute(queries.untag(question))
    await tag_questions(session, bank, [(question.id, body.concept_ids)])
    return (await show_questions(session, actor, [question]))[0]


async def delete_question(
    session: AsyncSession, actor: Actor, target: tuple[UUID, UUID], *, now: datetime
) -> BankQuestionOut:
    """Hide a question; copies in assignments stay. `target` is the bank's and its id. Raises NotFoundError."""
    await find_writable_bank(session, actor, target[0])
    question = await _find_question(session, actor, *target)
    question.deleted_at = now
    await session.flush()
    return (await show_questions(session, actor, [question]))[0]


async def show_questions(
    session: AsyncSession, actor: Actor, questions: Sequence[BankQuestion]
) -> list[BankQuestionOut]:
    """Return questions as teachers see them, with their concepts: one statement for all."""
    concepts = await concepts_by_question(session, actor, [question.id for question in questions])
    return [_shown(question, [concept.id for concept in concepts[question.id]]) for question in questions]


async def _find_question(
    session: AsyncSession, actor: Actor, bank_id: UUID, question_id: UUID
) -> BankQuestion:
    statement = queries.question_of_bank(actor, bank_id, question_id)
    question: BankQuestion | None = await session.scalar(statement)
    if question is None:
        raise NotFoundError
    return question


async def _words_for_bank(session: AsyncSession, actor: Actor, bank_id: UUID, text: str) -> list[str]:
    """Return the distinct words to search a readable bank for. Raises NotFoundError or TooManyWordsError."""
    row = (await session.execute(queries.bank_and_words(actor, bank_id, text))).one_or_none()
    if row is None:
        raise NotFoundError
    words = sorted(row[1])
    if len(words) > MOST_WORDS:
        raise TooManyWordsError(field="q")
    return words


def _shown(question: BankQuestion, concept_ids: list[UUID]) -> BankQuestionOut:
    shown = BankQuestionOut.model_validate(question)
    shown.concept_ids = concept_ids
    return shown

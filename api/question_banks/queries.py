"""Which banks an actor may read and change, and which of their questions fit a search."""

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import ARRAY, ColumnElement, Delete, Select, Text, delete, func, or_, select, tuple_
from sqlalchemy.orm import aliased

from api.users.queries import LAST_CHARACTER
from core.models import (
    BankQuestion,
    BankQuestionConcept,
    BankQuestionTerm,
    Concept,
    Question,
    QuestionBank,
    QuestionConcept,
)
from core.tenancy import Actor


def readable_banks(actor: Actor) -> Select[tuple[QuestionBank]]:
    """A teacher's own and those that colleagues share; for an admin, all of the school or the district."""
    statement = select(QuestionBank).where(
        QuestionBank.district_id == actor.district_id, QuestionBank.deleted_at.is_(None)
    )
    if actor.school_id is not None:
        statement = statement.where(QuestionBank.school_id == actor.school_id)
    if actor.is_admin:
        return statement
    return statement.where(or_(QuestionBank.owner_id == actor.user_id, QuestionBank.is_shared))


def readable_bank(actor: Actor, bank_id: UUID) -> Select[tuple[QuestionBank]]:
    return readable_banks(actor).where(QuestionBank.id == bank_id)


def writable_bank(actor: Actor, bank_id: UUID) -> Select[tuple[QuestionBank]]:
    """For a change, locked: a colleague's shared bank is read, never written."""
    return readable_bank(actor, bank_id).where(QuestionBank.owner_id == actor.user_id).with_for_update()


def questions_of_bank(actor: Actor, bank_id: UUID) -> Select[tuple[BankQuestion]]:
    return select(BankQuestion).where(
        BankQuestion.district_id == actor.district_id,
        BankQuestion.bank_id == bank_id,
        BankQuestion.deleted_at.is_(None),
    )


def question_of_bank(actor: Actor, bank_id: UUID, question_id: UUID) -> Select[tuple[BankQuestion]]:
    return questions_of_bank(actor, bank_id).where(BankQuestion.id == question_id)


def size_of_bank(actor: Actor, bank_id: UUID) -> Select[tuple[int]]:
    return questions_of_bank(actor, bank_id).with_only_columns(func.count())


def bank_and_words(actor: Actor, bank_id: UUID, text: str) -> Select[tuple[QuestionBank, list[str]]]:
    """A readable bank, and the words of a search folded as those of the questions are: one round trip for both."""
    words = select(func.app.words(text, type_=Text).column_valued("word"))
    return readable_bank(actor, bank_id).add_columns(func.array(words.scalar_subquery(), type_=ARRAY(Text)))


def has_word(actor: Actor, bank_id: UUID, word: str) -> ColumnElement[bool]:
    """A word of the question begins so. A range, never LIKE: under row security LIKE loses its index."""
    terms = aliased(BankQuestionTerm)
    found = select(terms.question_id).where(
        terms.district_id == actor.district_id,
        terms.bank_id == bank_id,
        terms.term >= word,
        terms.term < word + LAST_CHARACTER,
    )
    return BankQuestion.id.in_(found)


def practises(actor: Actor, bank_id: UUID, concept_id: UUID) -> ColumnElement[bool]:
    tagged = select(BankQuestionConcept.question_id).where(
        BankQuestionConcept.district_id == actor.district_id,
        BankQuestionConcept.bank_id == bank_id,
        BankQuestionConcept.concept_id == concept_id,
    )
    return BankQuestion.id.in_(tagged)


def concepts_of(actor: Actor, question_ids: Sequence[UUID]) -> Select[tuple[UUID, Concept]]:
    """The concepts of a bank's questions that the district still has."""
    return (
        select(BankQuestionConcept.question_id, Concept)
        .join(Concept, Concept.id == BankQuestionConcept.concept_id)
        .where(
            BankQuestionConcept.district_id == actor.district_id,
            Concept.district_id == actor.district_id,
            Concept.deleted_at.is_(None),
            BankQuestionConcept.question_id.in_(question_ids),
        )
        .order_by(BankQuestionConcept.question_id, BankQuestionConcept.concept_id)
    )


def untag(question: BankQuestion) -> Delete:
    return delete(BankQuestionConcept).where(
        BankQuestionConcept.district_id == question.district_id,
        BankQuestionConcept.question_id == question.id,
    )


def questions_of_assignment(
    actor: Actor, assignment_id: UUID, question_ids: Sequence[UUID]
) -> Select[tuple[Question]]:
    return select(Question).where(
        Question.district_id == actor.district_id,
        Question.assignment_id == assignment_id,
        Question.id.in_(question_ids),
        Question.deleted_at.is_(None),
    )


def concepts_of_assigned(actor: Actor, question_ids: Sequence[UUID]) -> Select[tuple[UUID, UUID]]:
    """The concepts of an assignment's questions that the district still has."""
    return (
        select(QuestionConcept.question_id, QuestionConcept.concept_id)
        .join(Concept, Concept.id == QuestionConcept.concept_id)
        .where(
            QuestionConcept.district_id == actor.district_id,
            Concept.district_id == actor.district_id,
            Concept.deleted_at.is_(None),
            QuestionConcept.question_id.in_(question_ids),
        )
    )


def concepts_named(actor: Actor, names: Sequence[tuple[str, str]]) -> Select[tuple[UUID, str, str]]:
    """The district's concepts by subject and name."""
    return select(Concept.id, Concept.subject, Concept.name).where(
        Concept.district_id == actor.district_id,
        Concept.deleted_at.is_(None),
        tuple_(Concept.subject, Concept.name).in_(names),
    )

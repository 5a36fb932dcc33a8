"""Which assignments and questions an actor may see."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import (
    ARRAY,
    Delete,
    Insert,
    Select,
    TableValuedAlias,
    Update,
    Uuid,
    and_,
    bindparam,
    column,
    delete,
    func,
    insert,
    or_,
    select,
    update,
)
from sqlalchemy.sql.dml import ReturningUpdate

from api.classes.queries import visible_classes
from api.question_banks.queries import readable_banks
from api.questions.content import CONTENT_COLUMNS
from core.models import (
    Accommodation,
    Assignment,
    AssignmentExtension,
    AssignmentStatus,
    BankQuestion,
    BankQuestionConcept,
    Concept,
    Question,
    QuestionBank,
    QuestionConcept,
    QuestionKeyVersion,
    ReviewStatus,
    SchoolClass,
    StudentSubmission,
)
from core.tenancy import Actor


def visible_assignments(actor: Actor) -> Select[tuple[Assignment]]:
    """Assignments of the actor's classes; students see what is or was published, never a draft."""
    classes = visible_classes(actor).with_only_columns(SchoolClass.id)
    statement = select(Assignment).where(
        Assignment.district_id == actor.district_id,
        Assignment.deleted_at.is_(None),
        Assignment.class_id.in_(classes),
    )
    if not actor.is_student:
        return statement
    was_published = and_(Assignment.status == AssignmentStatus.ARCHIVED, Assignment.published_at.is_not(None))
    return statement.where(or_(Assignment.status == AssignmentStatus.PUBLISHED, was_published))


def visible_assignment(actor: Actor, assignment_id: UUID) -> Select[tuple[Assignment]]:
    return visible_assignments(actor).where(Assignment.id == assignment_id)


def with_own_exceptions(
    actor: Actor, statement: Select[tuple[Assignment]]
) -> Select[tuple[Assignment, AssignmentExtension | None, Accommodation | None]]:
    """Beside each assignment what the student at hand is granted for it, and needs in its class."""
    extended = and_(
        AssignmentExtension.district_id == Assignment.district_id,
        AssignmentExtension.assignment_id == Assignment.id,
        AssignmentExtension.student_id == actor.user_id,
    )
    accommodated = and_(
        Accommodation.district_id == Assignment.district_id,
        Accommodation.class_id == Assignment.class_id,
        Accommodation.student_id == actor.user_id,
    )
    return (
        statement.outerjoin(AssignmentExtension, extended)
        .outerjoin(Accommodation, accommodated)
        .add_columns(AssignmentExtension, Accommodation)
    )


def questions_of(actor: Actor, assignment_id: UUID) -> Select[tuple[Question]]:
    """An assignment's questions in order; at most 200 by the rule that adds them."""
    return (
        select(Question)
        .where(
            Question.district_id == actor.district_id,
            Question.assignment_id == assignment_id,
            Question.deleted_at.is_(None),
        )
        .order_by(Question.position, Question.id)
    )


def question_of(actor: Actor, assignment_id: UUID, question_id: UUID) -> Select[tuple[Question]]:
    return questions_of(actor, assignment_id).where(Question.id == question_id)


def unreviewed_questions(actor: Actor, assignment_id: UUID) -> Select[tuple[UUID]]:
    return (
        questions_of(actor, assignment_id)
        .with_only_columns(Question.id)
        .where(Question.review_status == ReviewStatus.UNREVIEWED)
    )


def accept_all(actor: Actor, assignment_id: UUID, now: datetime) -> ReturningUpdate[tuple[UUID]]:
    return (
        update(Question)
        .where(
            Question.district_id == actor.district_id,
            Question.assignment_id == assignment_id,
            Question.deleted_at.is_(None),
            Question.review_status == ReviewStatus.UNREVIEWED,
        )
        .values(review_status=ReviewStatus.ACCEPTED, reviewed_by=actor.user_id, reviewed_at=now)
        .returning(Question.id)
    )


def concepts_of(actor: Actor, question_ids: Sequence[UUID]) -> Select[tuple[UUID, UUID]]:
    return (
        select(QuestionConcept.question_id, QuestionConcept.concept_id)
        .where(
            QuestionConcept.district_id == actor.district_id, QuestionConcept.question_id.in_(question_ids)
        )
        .order_by(QuestionConcept.question_id, QuestionConcept.concept_id)
    )


def untag(question: Question) -> Delete:
    return delete(QuestionConcept).where(
        QuestionConcept.district_id == question.district_id, QuestionConcept.question_id == question.id
    )


def question_totals(actor: Actor, assignment_id: UUID) -> Select[tuple[int, Any]]:
    """How many questions an assignment has, and their points."""
    return select(func.count(), func.coalesce(func.sum(Question.points), 0)).where(
        Question.district_id == actor.district_id,
        Question.assignment_id == assignment_id,
        Question.deleted_at.is_(None),
    )


def close_gap(question: Question) -> Update:
    """Move up what stands behind a question that goes."""
    return (
        update(Question)
        .where(
            Question.district_id == question.district_id,
            Question.assignment_id == question.assignment_id,
            Question.position > question.position,
            Question.deleted_at.is_(None),
        )
        .values(position=Question.position - 1)
    )


def renumber(actor: Actor, assignment_id: UUID, question_ids: Sequence[UUID]) -> Update:
    """Give each question the place its id has in the list, with one statement."""
    return (
        update(Question)
        .where(
            Question.district_id == actor.district_id,
            Question.assignment_id == assignment_id,
            Question.deleted_at.is_(None),
        )
        .values(position=func.array_position(list(question_ids), Question.id))
    )


def key_versions(actor: Actor, question_id: UUID) -> Select[tuple[QuestionKeyVersion]]:
    return select(QuestionKeyVersion).where(
        QuestionKeyVersion.district_id == actor.district_id, QuestionKeyVersion.question_id == question_id
    )


def attempts_at(actor: Actor, assignment_id: UUID) -> Select[tuple[UUID]]:
    """One attempt of anybody's, if there is any."""
    return (
        select(StudentSubmission.id)
        .where(
            StudentSubmission.district_id == actor.district_id,
            StudentSubmission.assignment_id == assignment_id,
            StudentSubmission.deleted_at.is_(None),
        )
        .limit(1)
    )


def assignment_of(actor: Actor, assignment_id: UUID) -> Select[tuple[Assignment]]:
    """The assignment of an attempt the actor may see, deleted or not: the attempt outlives it."""
    return select(Assignment).where(
        Assignment.district_id == actor.district_id, Assignment.id == assignment_id
    )


Pair = tuple[UUID, UUID, UUID]
"""A question, the assignment that gets a copy of it, and the copy's own id."""


def copy_questions(actor: Actor, pairs: Sequence[Pair]) -> Insert:
    """Copy questions as they are, reviews and provenance included, with one statement."""
    copy = _pairs(pairs)
    same = ("school_id", "position", "provenance", "review_status", "reviewed_by", "reviewed_at")
    columns = [getattr(Question, name) for name in (*same, *CONTENT_COLUMNS)]
    source = (
        select(Question.district_id, copy.c.copy_id, copy.c.assignment_id, *columns)
        .join(copy, copy.c.question_id == Question.id)
        .where(Question.district_id == actor.district_id)
    )
    names = ["district_id", "id", "assignment_id", *same, *CONTENT_COLUMNS]
    return insert(Question).from_select(names, source)


def copy_concepts(actor: Actor, pairs: Sequence[Pair]) -> Insert:
    copy = _pairs(pairs)
    source = (
        select(
            QuestionConcept.district_id,
            QuestionConcept.school_id,
            copy.c.copy_id,
            QuestionConcept.concept_id,
        )
        .join(copy, copy.c.question_id == QuestionConcept.question_id)
        .where(QuestionConcept.district_id == actor.district_id)
    )
    names = ["district_id", "school_id", "question_id", "concept_id"]
    return insert(QuestionConcept).from_select(names, source)


def _pairs(pairs: Sequence[Pair]) -> TableValuedAlias:
    """The pairs as rows, sent as three arrays whatever their number."""
    names = ("question_id", "assignment_id", "copy_id")
    arrays = [bindparam(None, list(ids), type_=ARRAY(Uuid())) for ids in zip(*pairs, strict=True)]
    return func.unnest(*arrays).table_valued(*(column(name, Uuid()) for name in names)).render_derived()


def bank_questions(actor: Actor, question_ids: Sequence[UUID]) -> Select[tuple[BankQuestion]]:
    """Questions of the actor's own banks and of those shared in the school."""
    banks = readable_banks(actor).with_only_columns(QuestionBank.id)
    return select(BankQuestion).where(
        BankQuestion.district_id == actor.district_id,
        BankQuestion.id.in_(question_ids),
        BankQuestion.bank_id.in_(banks),
        BankQuestion.deleted_at.is_(None),
    )


def bank_concepts(actor: Actor, question_ids: Sequence[UUID]) -> Select[tuple[UUID, UUID]]:
    """The concepts of bank questions that the district still has."""
    return (
        select(BankQuestionConcept.question_id, BankQuestionConcept.concept_id)
        .join(
            Concept,
            and_(
                Concept.district_id == BankQuestionConcept.district_id,
                Concept.id == BankQuestionConcept.concept_id,
            ),
        )
        .where(
            BankQuestionConcept.district_id == actor.district_id,
            BankQuestionConcept.question_id.in_(question_ids),
            Concept.deleted_at.is_(None),
        )
        .order_by(BankQuestionConcept.question_id, BankQuestionConcept.concept_id)
    )

"""Which answers wait for a person, and what was proposed for them."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Select, and_, func, select, update
from sqlalchemy.sql.dml import Update

from api.classes.queries import visible_classes
from core.models import (
    AiGrading,
    AiGradingState,
    AnswerStatus,
    GenerationMode,
    Question,
    SchoolClass,
    StudentAnswer,
    StudentSubmission,
    User,
)
from core.tenancy import Actor

WithProposal = tuple[StudentAnswer, StudentSubmission, Question, str, AiGrading | None]
"""An answer, its attempt, its question, its student's name and the newest proposal."""
MOST_PROMPTS = 20


def reviewable(actor: Actor) -> Select[WithProposal]:
    """Counting answers of the actor's classes, with what was proposed for them."""
    classes = visible_classes(actor).with_only_columns(SchoolClass.id)
    newest = (
        select(AiGrading.id)
        .where(AiGrading.district_id == StudentAnswer.district_id, AiGrading.answer_id == StudentAnswer.id)
        .order_by(AiGrading.rubric_version.desc())
        .limit(1)
        .correlate(StudentAnswer)
        .scalar_subquery()
    )
    statement: Select[Any] = (
        select(StudentAnswer, StudentSubmission, Question, User.name, AiGrading)
        .join(StudentSubmission, _same(StudentSubmission, StudentAnswer.submission_id))
        .join(Question, _same(Question, StudentAnswer.question_id))
        .join(User, _same(User, StudentAnswer.student_id))
        .outerjoin(
            AiGrading, and_(AiGrading.district_id == StudentAnswer.district_id, AiGrading.id == newest)
        )
        .where(
            StudentAnswer.district_id == actor.district_id,
            StudentAnswer.counts,
            StudentSubmission.class_id.in_(classes),
            StudentSubmission.deleted_at.is_(None),
        )
    )
    return statement


def _same(entity: Any, column: Any) -> ColumnElement[bool]:
    return and_(entity.district_id == StudentAnswer.district_id, entity.id == column)


def waiting(statement: Select[WithProposal], *, include_pending: bool) -> Select[WithProposal]:
    """Those a person has to decide on; on request also those a machine is still to look at."""
    statuses = [AnswerStatus.AWAITING_TEACHER, *([AnswerStatus.PENDING] if include_pending else [])]
    # The first condition is the index's own: it holds only what is not graded.
    return statement.where(StudentAnswer.status != AnswerStatus.GRADED, StudentAnswer.status.in_(statuses))


def released(statement: Select[WithProposal]) -> Select[WithProposal]:
    """Those a model's score counts for, to look over its shoulder."""
    return statement.where(AiGrading.state == AiGradingState.RELEASED)


def suspicious(statement: Select[WithProposal], *, wanted: bool) -> Select[WithProposal]:
    signs = func.jsonb_array_length(func.coalesce(AiGrading.suspicions, func.jsonb_build_array()))
    return statement.where(signs > 0 if wanted else signs == 0)


def decided_by_person(
    actor: Actor, answer_ids: Sequence[UUID], scores: ColumnElement[Any], values: dict[str, Any]
) -> Update:
    """Write the person's word beside the proposals that are not overtaken."""
    return (
        update(AiGrading)
        .where(
            AiGrading.district_id == actor.district_id,
            AiGrading.answer_id.in_(answer_ids),
            AiGrading.state != AiGradingState.OVERTAKEN,
        )
        .values(human_score=scores, **values)
        .execution_options(synchronize_session=False)
    )


def decided_proposals(
    actor: Actor, *, assignment_id: UUID | None, class_id: UUID | None
) -> Select[tuple[str | None, str | None, Any, Any, Any, int]]:
    """Proposals of models with a person's score beside them, counted by prompt and pair of scores."""
    classes = visible_classes(actor).with_only_columns(SchoolClass.id)
    statement = select(
        AiGrading.model,
        AiGrading.prompt_version,
        AiGrading.score,
        AiGrading.human_score,
        AiGrading.possible,
        func.count(),
    ).where(
        AiGrading.district_id == actor.district_id,
        AiGrading.mode == GenerationMode.AI,
        AiGrading.state.in_([AiGradingState.ACCEPTED, AiGradingState.CHANGED]),
        AiGrading.human_score.is_not(None),
        AiGrading.class_id.in_(classes),
    )
    if assignment_id is not None:
        statement = statement.where(AiGrading.assignment_id == assignment_id)
    if class_id is not None:
        statement = statement.where(AiGrading.class_id == class_id)
    return statement.group_by(
        AiGrading.model, AiGrading.prompt_version, AiGrading.score, AiGrading.human_score, AiGrading.possible
    )

"""Generations and candidates of assignments the actor teaches."""

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import Select, func, select

from core.models import (
    BackgroundJob,
    CandidateState,
    Concept,
    Question,
    QuestionCandidate,
    QuizGeneration,
    SchoolClass,
)
from core.tenancy import Actor, TenantContext


def generation_with_class(
    context: TenantContext, generation_id: UUID
) -> Select[tuple[QuizGeneration, SchoolClass]]:
    return (
        select(QuizGeneration, SchoolClass)
        .join(
            SchoolClass,
            (SchoolClass.district_id == QuizGeneration.district_id)
            & (SchoolClass.id == QuizGeneration.class_id),
        )
        .where(QuizGeneration.district_id == context.tenant.value, QuizGeneration.id == generation_id)
    )


def generation_of(context: TenantContext, generation_id: UUID) -> Select[tuple[QuizGeneration]]:
    return select(QuizGeneration).where(
        QuizGeneration.district_id == context.tenant.value, QuizGeneration.id == generation_id
    )


def held_job(context: TenantContext, job_id: UUID) -> Select[tuple[BackgroundJob]]:
    """The job's row, locked: whoever cancels it comes wholly before or after us."""
    return (
        select(BackgroundJob)
        .where(BackgroundJob.district_id == context.tenant.value, BackgroundJob.id == job_id)
        .with_for_update()
    )


def candidates_of(context: TenantContext, generation_id: UUID) -> Select[tuple[QuestionCandidate]]:
    """What was written, in order; some hundred at most, by the rule that asks for 50 questions."""
    return (
        select(QuestionCandidate)
        .where(
            QuestionCandidate.district_id == context.tenant.value,
            QuestionCandidate.generation_id == generation_id,
        )
        .order_by(QuestionCandidate.batch, QuestionCandidate.attempt, QuestionCandidate.position)
    )


def prompts_of(context: TenantContext, assignment_id: UUID) -> Select[tuple[str]]:
    """What the assignment asks already; at most 200 by the rule that adds questions."""
    return (
        select(Question.prompt)
        .where(
            Question.district_id == context.tenant.value,
            Question.assignment_id == assignment_id,
            Question.deleted_at.is_(None),
        )
        .order_by(Question.position)
    )


def concepts_named(context: TenantContext, concept_ids: Sequence[UUID]) -> Select[tuple[Concept]]:
    return select(Concept).where(
        Concept.district_id == context.tenant.value,
        Concept.id.in_(concept_ids),
        Concept.deleted_at.is_(None),
    )


def newest_generation(actor: Actor, assignment_id: UUID) -> Select[tuple[QuizGeneration]]:
    return (
        select(QuizGeneration)
        .where(
            QuizGeneration.district_id == actor.district_id,
            QuizGeneration.assignment_id == assignment_id,
            QuizGeneration.replaces_question_id.is_(None),
        )
        .order_by(QuizGeneration.id.desc())
        .limit(1)
    )


def replacement_under_way(actor: Actor, question_id: UUID) -> Select[tuple[UUID]]:
    """The job that is writing another question for this one."""
    return (
        select(QuizGeneration.job_id)
        .join(
            BackgroundJob,
            (BackgroundJob.district_id == QuizGeneration.district_id)
            & (BackgroundJob.id == QuizGeneration.job_id),
        )
        .where(
            QuizGeneration.district_id == actor.district_id,
            QuizGeneration.replaces_question_id == question_id,
            BackgroundJob.user_id == actor.user_id,
            BackgroundJob.finished_at.is_(None),
        )
        .limit(1)
    )


def counts_of(actor: Actor, generation_id: UUID) -> Select[tuple[CandidateState, int]]:
    return (
        select(QuestionCandidate.state, func.count().label("counted"))
        .where(
            QuestionCandidate.district_id == actor.district_id,
            QuestionCandidate.generation_id == generation_id,
        )
        .group_by(QuestionCandidate.state)
    )


def candidates_at(
    actor: Actor, assignment_id: UUID, state: CandidateState | None
) -> Select[tuple[QuestionCandidate]]:
    generations = select(QuizGeneration.id).where(
        QuizGeneration.district_id == actor.district_id, QuizGeneration.assignment_id == assignment_id
    )
    statement = select(QuestionCandidate).where(
        QuestionCandidate.district_id == actor.district_id,
        QuestionCandidate.generation_id.in_(generations),
    )
    return statement if state is None else statement.where(QuestionCandidate.state == state)

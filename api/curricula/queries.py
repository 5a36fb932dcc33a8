"""Curricula of their owners with sections, files and versions; and what the worker reads of them."""

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import Select, func, select
from sqlalchemy.orm import defer

from core.models import (
    BankGeneration,
    BankGenerationBatch,
    BankQuestion,
    Concept,
    Curriculum,
    CurriculumFile,
    CurriculumRevision,
    CurriculumSection,
    QuestionBank,
    UploadedFile,
)
from core.tenancy import Actor, TenantContext


def own_curricula(actor: Actor) -> Select[tuple[Curriculum]]:
    return select(Curriculum).where(
        Curriculum.district_id == actor.district_id,
        Curriculum.school_id == actor.school_id,
        Curriculum.owner_id == actor.user_id,
        Curriculum.deleted_at.is_(None),
    )


def own_curriculum(actor: Actor, curriculum_id: UUID) -> Select[tuple[Curriculum]]:
    return own_curricula(actor).where(Curriculum.id == curriculum_id)


def stored_curriculum(context: TenantContext, curriculum_id: UUID) -> Select[tuple[Curriculum]]:
    """One curriculum, for the worker."""
    return select(Curriculum).where(
        Curriculum.district_id == context.tenant.value, Curriculum.id == curriculum_id
    )


def sections_of(district_id: UUID, curriculum_id: UUID) -> Select[tuple[CurriculumSection]]:
    """Sections in order with their texts; at most 100, by the rule that adds them."""
    return (
        select(CurriculumSection)
        .where(
            CurriculumSection.district_id == district_id,
            CurriculumSection.curriculum_id == curriculum_id,
            CurriculumSection.deleted_at.is_(None),
        )
        .order_by(CurriculumSection.position, CurriculumSection.id)
    )


def shown_sections(district_id: UUID, curriculum_id: UUID) -> Select[tuple[CurriculumSection]]:
    """Sections in order without their texts."""
    return sections_of(district_id, curriculum_id).options(
        defer(CurriculumSection.source_text, raiseload=True)
    )


def section_of(district_id: UUID, curriculum_id: UUID, section_id: UUID) -> Select[tuple[CurriculumSection]]:
    return sections_of(district_id, curriculum_id).where(CurriculumSection.id == section_id)


def files_of(district_id: UUID, curriculum_id: UUID) -> Select[tuple[CurriculumFile]]:
    """At most 20, by the rule that makes a curriculum."""
    return (
        select(CurriculumFile)
        .where(CurriculumFile.district_id == district_id, CurriculumFile.curriculum_id == curriculum_id)
        .order_by(CurriculumFile.position)
    )


def texts_of(context: TenantContext, curriculum_id: UUID) -> Select[tuple[CurriculumFile, UploadedFile]]:
    """The files of a curriculum with what was read in them."""
    return (
        select(CurriculumFile, UploadedFile)
        .join(
            UploadedFile,
            (UploadedFile.district_id == CurriculumFile.district_id)
            & (UploadedFile.id == CurriculumFile.file_id),
        )
        .where(
            CurriculumFile.district_id == context.tenant.value,
            CurriculumFile.curriculum_id == curriculum_id,
        )
        .order_by(CurriculumFile.position)
    )


def revisions_of(district_id: UUID, curriculum_id: UUID) -> Select[tuple[CurriculumRevision]]:
    return select(CurriculumRevision).where(
        CurriculumRevision.district_id == district_id, CurriculumRevision.curriculum_id == curriculum_id
    )


def listed_revisions(district_id: UUID, curriculum_id: UUID) -> Select[tuple[CurriculumRevision]]:
    """Without what each of them holds: a hundred sections in each of hundreds."""
    return revisions_of(district_id, curriculum_id).options(defer(CurriculumRevision.content, raiseload=True))


def stored_generation(context: TenantContext, generation_id: UUID) -> Select[tuple[BankGeneration]]:
    return select(BankGeneration).where(
        BankGeneration.district_id == context.tenant.value, BankGeneration.id == generation_id
    )


def batches_of(context: TenantContext, generation_id: UUID) -> Select[tuple[BankGenerationBatch]]:
    """What is done; some hundred at most."""
    return select(BankGenerationBatch).where(
        BankGenerationBatch.district_id == context.tenant.value,
        BankGenerationBatch.generation_id == generation_id,
    )


def stored_bank(context: TenantContext, bank_id: UUID) -> Select[tuple[QuestionBank]]:
    return select(QuestionBank).where(
        QuestionBank.district_id == context.tenant.value,
        QuestionBank.id == bank_id,
        QuestionBank.deleted_at.is_(None),
    )


def newest_prompts(context: TenantContext, bank_id: UUID, most: int) -> Select[tuple[str]]:
    """What a bank asks already."""
    return (
        select(BankQuestion.prompt)
        .where(
            BankQuestion.district_id == context.tenant.value,
            BankQuestion.bank_id == bank_id,
            BankQuestion.deleted_at.is_(None),
        )
        .order_by(BankQuestion.id.desc())
        .limit(most)
    )


def concepts_called(context: TenantContext, names: Sequence[str]) -> Select[tuple[Concept]]:
    """The district's concepts of these names; two of the same name in different subjects at most a few."""
    lowered = [name.lower() for name in names]
    return (
        select(Concept)
        .where(
            Concept.district_id == context.tenant.value,
            func.lower(Concept.name).in_(lowered),
            Concept.deleted_at.is_(None),
        )
        .order_by(Concept.id)
        .limit(100)
    )

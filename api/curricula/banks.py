"""Asking for a bank of questions on a curriculum."""

from datetime import datetime
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from api.curricula import queries
from api.curricula.errors import CurriculumEmptyError, CurriculumNotReadyError
from api.curricula.schemas import QuestionsIn, QuestionsStarted
from api.curricula.service import find_own
from api.curricula.tasks import BANK_KIND, write_bank
from api.generation.passages import letters_in
from api.generation.schemas import FEWEST_LETTERS
from api.jobs.service import create_job
from api.question_banks.schemas import BankCreate
from api.question_banks.service import create_bank
from core.errors import NotFoundError
from core.ids import new_id
from core.jobs import enqueue
from core.models import BankGeneration, Curriculum, CurriculumSection, CurriculumStatus
from core.tenancy import Actor


async def start_bank(
    session: AsyncSession, actor: Actor, curriculum_id: UUID, body: QuestionsIn, *, now: datetime
) -> QuestionsStarted:
    """Make an empty bank and the job that fills it, together.

    Raises NotFoundError, CurriculumNotReadyError, and CurriculumEmptyError when no section has enough text.
    """
    curriculum = await find_own(session, actor, curriculum_id)
    if curriculum.status not in {CurriculumStatus.DRAFT, CurriculumStatus.FINALIZED}:
        raise CurriculumNotReadyError
    asked = await _asked_sections(session, curriculum, body.section_ids)
    name = body.bank_name or curriculum.title
    bank = await create_bank(session, actor, BankCreate(name=name), now=now)
    generation_id = new_id()
    job_id = await create_job(session, actor, BANK_KIND, subject_id=bank.id)
    session.add(
        BankGeneration(
            district_id=curriculum.district_id,
            school_id=curriculum.school_id,
            id=generation_id,
            curriculum_id=curriculum.id,
            bank_id=bank.id,
            requested_by=actor.user_id,
            job_id=job_id,
            request={
                "counts": body.counts.model_dump(),
                "section_ids": [str(section.id) for section in asked],
                "difficulty": body.difficulty,
            },
        )
    )
    await session.flush()
    await enqueue(session, write_bank, generation_id=generation_id)
    return QuestionsStarted(bank_id=bank.id, job_id=job_id)


async def _asked_sections(
    session: AsyncSession, curriculum: Curriculum, wanted: list[UUID] | None
) -> list[CurriculumSection]:
    found = (await session.scalars(queries.sections_of(curriculum.district_id, curriculum.id))).all()
    if wanted is not None and not set(wanted) <= {section.id for section in found}:
        raise NotFoundError(field="section_ids")
    asked = [
        section
        for section in found
        if (wanted is None or section.id in wanted) and letters_in(section.source_text) >= FEWEST_LETTERS
    ]
    if not asked:
        raise CurriculumEmptyError
    return asked

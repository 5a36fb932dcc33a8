"""The sections of a draft: read, added, changed, put in order, removed, written anew."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from api.curricula import queries
from api.curricula.errors import (
    IncompleteOrderError,
    SectionTextTooShortError,
    TooManySectionsError,
)
from api.curricula.outline import MOST_SECTIONS
from api.curricula.schemas import (
    CurriculumDetail,
    JobStarted,
    SectionChanged,
    SectionCreate,
    SectionDetail,
    SectionOrder,
    SectionUpdate,
)
from api.curricula.service import find_editable, find_own, save_version, show
from api.curricula.tasks import REGENERATE_KIND, regenerate_section
from api.etags import Precondition
from api.generation.passages import letters_in
from api.generation.schemas import FEWEST_LETTERS
from api.jobs.service import create_job
from core.errors import NotFoundError
from core.ids import new_id
from core.jobs import enqueue
from core.models import Curriculum, CurriculumSection
from core.tenancy import Actor

WRITTEN_BY_TEACHER = {"mode": "teacher"}


async def read_section(
    session: AsyncSession, actor: Actor, curriculum_id: UUID, section_id: UUID
) -> SectionDetail:
    """Return a section with its text. Raises NotFoundError."""
    await find_own(session, actor, curriculum_id)
    return SectionDetail.model_validate(await _find(session, actor, curriculum_id, section_id))


async def add_section(
    session: AsyncSession,
    actor: Actor,
    curriculum_id: UUID,
    body: SectionCreate,
    *,
    seen: Precondition,
    now: datetime,
) -> SectionChanged:
    """Append a section. Raises TooManySectionsError, and as `find_editable` does."""
    curriculum = await find_editable(session, actor, curriculum_id, seen=seen)
    present = (await session.scalars(queries.shown_sections(actor.district_id, curriculum_id))).all()
    if len(present) >= MOST_SECTIONS:
        raise TooManySectionsError
    section = CurriculumSection(
        district_id=curriculum.district_id,
        school_id=curriculum.school_id,
        id=new_id(),
        curriculum_id=curriculum.id,
        position=len(present) + 1,
        spans=[],
        origin=WRITTEN_BY_TEACHER,
        **body.model_dump(),
    )
    session.add(section)
    await save_version(session, actor, curriculum, "section_added", now=now)
    return _changed(curriculum, section)


async def change_section(
    session: AsyncSession,
    actor: Actor,
    target: tuple[UUID, UUID],
    body: SectionUpdate,
    *,
    seen: Precondition,
    now: datetime,
) -> SectionChanged:
    """Change what is given; `target` is curriculum and section. Raises NotFoundError, and as `find_editable` does."""
    curriculum = await find_editable(session, actor, target[0], seen=seen)
    section = await _find(session, actor, *target)
    changes = {
        name: value for name, value in body.model_dump(exclude_unset=True).items() if value is not None
    }
    before = (
        _lost(section) if changes.get("source_text", section.source_text) != section.source_text else None
    )
    for name, value in changes.items():
        setattr(section, name, value)
    await save_version(session, actor, curriculum, "section_changed", now=now, before=before)
    return _changed(curriculum, section)


async def remove_section(
    session: AsyncSession, actor: Actor, target: tuple[UUID, UUID], *, seen: Precondition, now: datetime
) -> CurriculumDetail:
    """Take a section out; its row stays for the versions that had it. Raises as `change_section` does."""
    curriculum = await find_editable(session, actor, target[0], seen=seen)
    (await _find(session, actor, *target)).deleted_at = now
    await session.flush()
    remaining = await session.scalars(queries.shown_sections(actor.district_id, curriculum.id))
    for position, section in enumerate(remaining, start=1):
        section.position = position
    await save_version(session, actor, curriculum, "section_removed", now=now)
    return await show(session, curriculum)


async def order_sections(
    session: AsyncSession,
    actor: Actor,
    curriculum_id: UUID,
    body: SectionOrder,
    *,
    seen: Precondition,
    now: datetime,
) -> CurriculumDetail:
    """Put the sections in another order. Raises IncompleteOrderError, and as `find_editable` does."""
    curriculum = await find_editable(session, actor, curriculum_id, seen=seen)
    shown = await session.scalars(queries.shown_sections(actor.district_id, curriculum_id))
    present = {section.id: section for section in shown}
    if sorted(body.section_ids) != sorted(present):
        raise IncompleteOrderError(field="section_ids")
    for position, section_id in enumerate(body.section_ids, start=1):
        present[section_id].position = position
    await save_version(session, actor, curriculum, "reordered", now=now)
    return await show(session, curriculum)


async def start_regeneration(
    session: AsyncSession, actor: Actor, target: tuple[UUID, UUID], *, seen: Precondition
) -> JobStarted:
    """Have a section's title, objectives and concepts found anew in its text.

    Raises SectionTextTooShortError, and as `change_section` does.
    """
    curriculum = await find_editable(session, actor, target[0], seen=seen)
    section = await _find(session, actor, *target)
    if letters_in(section.source_text) < FEWEST_LETTERS:
        raise SectionTextTooShortError
    job_id = await create_job(session, actor, REGENERATE_KIND, subject_id=section.id)
    await enqueue(
        session, regenerate_section, curriculum_id=curriculum.id, section_id=section.id, job_id=job_id
    )
    return JobStarted(job_id=job_id)


async def _find(
    session: AsyncSession, actor: Actor, curriculum_id: UUID, section_id: UUID
) -> CurriculumSection:
    statement = queries.section_of(actor.district_id, curriculum_id, section_id)
    found: CurriculumSection | None = await session.scalar(statement)
    if found is None:
        raise NotFoundError
    return found


def _lost(section: CurriculumSection) -> dict[str, Any]:
    return {"section_id": str(section.id), "source_text": section.source_text}


def _changed(curriculum: Curriculum, section: CurriculumSection) -> SectionChanged:
    return SectionChanged(section=SectionDetail.model_validate(section), version=curriculum.version)

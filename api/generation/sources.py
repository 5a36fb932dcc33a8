"""The text that questions are written from: as it was sent, as it stands in files, or in a curriculum."""

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from api.curricula.errors import CurriculumNotReadyError, FileUnreadError
from api.curricula.outline import is_shown
from api.curricula.queries import own_curriculum, sections_of
from api.extraction.result import Extraction
from api.files.queries import own_files_named
from api.generation.errors import SourceTooLongError, SourceTooShortError
from api.generation.passages import letters_in
from api.generation.schemas import FEWEST_LETTERS, LONGEST_SOURCE, SourceIn
from core.errors import NotFoundError
from core.models import Curriculum, CurriculumStatus
from core.tenancy import Actor


async def text_of(session: AsyncSession, actor: Actor, source: SourceIn) -> str:
    """Return the text behind a source.

    Raises SourceTooShortError, SourceTooLongError, NotFoundError for what is not the actor's, FileUnreadError and
    CurriculumNotReadyError.
    """
    if source.file_ids is not None:
        field, text = "source.file_ids", await _text_of_files(session, actor, source.file_ids)
    elif source.curriculum_id is not None:
        field = "source.curriculum_id"
        text = await _text_of_curriculum(session, actor, source.curriculum_id, source.section_ids)
    else:
        field, text = "source.text", source.text or ""
    if letters_in(text) < FEWEST_LETTERS:
        raise SourceTooShortError(field=field)
    if len(text) > LONGEST_SOURCE:
        raise SourceTooLongError(field=field)
    return text


async def _text_of_files(session: AsyncSession, actor: Actor, file_ids: Sequence[UUID]) -> str:
    found = {file.id: file for file in await session.scalars(own_files_named(actor, file_ids))}
    if not set(file_ids) <= found.keys():
        raise NotFoundError(field="source.file_ids")
    read = [found[file_id].extraction for file_id in dict.fromkeys(file_ids)]
    texts = [_shown(Extraction.model_validate(one)) for one in read if one is not None]
    if len(texts) < len(read):
        raise FileUnreadError(field="source.file_ids")
    return "\n\n".join(texts)


async def _text_of_curriculum(
    session: AsyncSession, actor: Actor, curriculum_id: UUID, section_ids: Sequence[UUID] | None
) -> str:
    curriculum: Curriculum | None = await session.scalar(own_curriculum(actor, curriculum_id))
    if curriculum is None:
        raise NotFoundError(field="source.curriculum_id")
    if curriculum.status not in {CurriculumStatus.DRAFT, CurriculumStatus.FINALIZED}:
        raise CurriculumNotReadyError(field="source.curriculum_id")
    sections = (await session.scalars(sections_of(actor.district_id, curriculum_id))).all()
    if section_ids is not None and not set(section_ids) <= {section.id for section in sections}:
        raise NotFoundError(field="source.section_ids")
    wanted = [section for section in sections if section_ids is None or section.id in section_ids]
    return "\n\n".join(section.source_text for section in wanted if section.source_text)


def _shown(extraction: Extraction) -> str:
    """Return what a reader of the pages sees; white text is no source."""
    return "\n\n".join(block.text for block in extraction.blocks if is_shown(block))

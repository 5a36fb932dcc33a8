"""Curricula: asked for, shown, renamed, finalized, hidden; each change is a version that stays."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from api.curricula import queries
from api.curricula.errors import (
    CurriculumEmptyError,
    CurriculumFinalizedError,
    CurriculumNotReadyError,
    FileUnreadError,
)
from api.curricula.schemas import (
    CurriculumCreate,
    CurriculumDetail,
    CurriculumFileOut,
    CurriculumOut,
    CurriculumStarted,
    CurriculumUpdate,
    RevisionDetail,
    RevisionOut,
    SectionOut,
)
from api.curricula.tasks import OUTLINE_KIND, outline_curriculum
from api.etags import Precondition
from api.files.queries import own_files_named
from api.jobs.service import create_job, drop_job
from api.paging import PageRequest, fetch_page
from core.audit import record_audit
from core.errors import NotFoundError
from core.ids import new_id
from core.jobs import enqueue
from core.models import (
    Curriculum,
    CurriculumFile,
    CurriculumRevision,
    CurriculumSection,
    CurriculumStatus,
    FileStatus,
    UploadedFile,
)
from core.tenancy import Actor


async def create_curriculum(
    session: AsyncSession, actor: Actor, body: CurriculumCreate, *, now: datetime
) -> CurriculumStarted:
    """Write an empty curriculum and the job that finds its sections. Raises NotFoundError and FileUnreadError."""
    files = await _wanted_files(session, actor, list(dict.fromkeys(body.file_ids)))
    curriculum = Curriculum(
        district_id=actor.district_id,
        school_id=actor.school_id,
        id=new_id(),
        owner_id=actor.user_id,
        title=body.title,
        status=CurriculumStatus.OUTLINING,
        version=1,
    )
    curriculum.job_id = await create_job(session, actor, OUTLINE_KIND, subject_id=curriculum.id)
    session.add(curriculum)
    await session.flush()
    session.add_all(_place(curriculum, file, position) for position, file in enumerate(files, start=1))
    await record_audit(session, actor, "created", ("curriculum", curriculum.id), now=now)
    await session.flush()
    await enqueue(session, outline_curriculum, curriculum_id=curriculum.id)
    return CurriculumStarted(curriculum_id=curriculum.id, job_id=curriculum.job_id)


async def list_curricula(
    session: AsyncSession, actor: Actor, page: PageRequest
) -> tuple[list[CurriculumOut], str | None]:
    """Return what the actor made, the newest first."""
    statement = queries.own_curricula(actor)
    rows, cursor = await fetch_page(session, statement, Curriculum.id, page, newest_first=True)
    return [CurriculumOut.model_validate(row) for row in rows], cursor


async def read_curriculum(session: AsyncSession, actor: Actor, curriculum_id: UUID) -> CurriculumDetail:
    """Return a curriculum with its sections, by three statements. Raises NotFoundError."""
    return await show(session, await find_own(session, actor, curriculum_id))


async def update_curriculum(
    session: AsyncSession,
    actor: Actor,
    curriculum_id: UUID,
    body: CurriculumUpdate,
    *,
    seen: Precondition,
    now: datetime,
) -> CurriculumDetail:
    """Rename it. Raises as `find_editable` does."""
    curriculum = await find_editable(session, actor, curriculum_id, seen=seen)
    curriculum.title = body.title
    await save_version(session, actor, curriculum, "retitled", now=now)
    return await show(session, curriculum)


async def finalize_curriculum(
    session: AsyncSession, actor: Actor, curriculum_id: UUID, *, seen: Precondition, now: datetime
) -> CurriculumDetail:
    """Let it stay as it is; nothing is published by that.

    Raises CurriculumEmptyError, and as `find_editable` does.
    """
    curriculum = await find_editable(session, actor, curriculum_id, seen=seen)
    shown = await session.scalars(queries.shown_sections(actor.district_id, curriculum_id))
    if not shown.all():
        raise CurriculumEmptyError
    curriculum.status, curriculum.finalized_at = CurriculumStatus.FINALIZED, now
    await save_version(session, actor, curriculum, "finalized", now=now)
    return await show(session, curriculum)


async def delete_curriculum(
    session: AsyncSession, actor: Actor, curriculum_id: UUID, *, seen: Precondition, now: datetime
) -> CurriculumOut:
    """Hide it; banks and quizzes made of it stay. Raises NotFoundError, and what `seen.require` raises."""
    curriculum = await find_own(session, actor, curriculum_id, for_change=True)
    seen.require(curriculum.version)
    curriculum.deleted_at = now
    await drop_job(session, curriculum.job_id)
    await record_audit(session, actor, "deleted", ("curriculum", curriculum_id), now=now)
    await session.flush()
    return CurriculumOut.model_validate(curriculum)


async def list_versions(
    session: AsyncSession, actor: Actor, curriculum_id: UUID, page: PageRequest
) -> tuple[list[RevisionOut], str | None]:
    """Return what was done to a curriculum, the newest first. Raises NotFoundError."""
    await find_own(session, actor, curriculum_id)
    statement = queries.listed_revisions(actor.district_id, curriculum_id)
    rows, cursor = await fetch_page(session, statement, CurriculumRevision.id, page, newest_first=True)
    return [RevisionOut.model_validate(row) for row in rows], cursor


async def read_version(
    session: AsyncSession, actor: Actor, curriculum_id: UUID, version: int
) -> RevisionDetail:
    """Return a curriculum as it was. Raises NotFoundError."""
    await find_own(session, actor, curriculum_id)
    statement = queries.revisions_of(actor.district_id, curriculum_id)
    found = await session.scalar(statement.where(CurriculumRevision.version == version))
    if found is None:
        raise NotFoundError
    return RevisionDetail.model_validate(found)


async def find_own(
    session: AsyncSession, actor: Actor, curriculum_id: UUID, *, for_change: bool = False
) -> Curriculum:
    """Return one of the actor's curricula, locked where it is to change. Raises NotFoundError."""
    statement = queries.own_curriculum(actor, curriculum_id)
    found: Curriculum | None = await session.scalar(statement.with_for_update() if for_change else statement)
    if found is None:
        raise NotFoundError
    return found


async def find_editable(
    session: AsyncSession, actor: Actor, curriculum_id: UUID, *, seen: Precondition
) -> Curriculum:
    """Return one of the actor's drafts, locked.

    Raises NotFoundError, CurriculumFinalizedError, CurriculumNotReadyError, and what `seen.require` raises.
    """
    curriculum = await find_own(session, actor, curriculum_id, for_change=True)
    if curriculum.status is CurriculumStatus.FINALIZED:
        raise CurriculumFinalizedError
    if curriculum.status is not CurriculumStatus.DRAFT:
        raise CurriculumNotReadyError
    seen.require(curriculum.version)
    return curriculum


async def save_version(
    session: AsyncSession,
    actor: Actor,
    curriculum: Curriculum,
    what: str,
    *,
    now: datetime,
    before: dict[str, Any] | None = None,
) -> None:
    """Count a change, and keep the curriculum as it is now; `before` is what the change would lose."""
    curriculum.version += 1
    await session.flush()
    await keep_version(session, curriculum, what, saved_by=actor.user_id, before=before)
    await record_audit(
        session, actor, "changed", ("curriculum", curriculum.id), now=now, details={"what": what}
    )


async def keep_version(
    session: AsyncSession,
    curriculum: Curriculum,
    what: str,
    *,
    saved_by: UUID,
    before: dict[str, Any] | None = None,
) -> None:
    """Write down the curriculum as it is, without the sections' texts, which stay with the sections."""
    sections = await session.scalars(queries.shown_sections(curriculum.district_id, curriculum.id))
    content = {"title": curriculum.title, "sections": [_as_json(section) for section in sections]}
    session.add(
        CurriculumRevision(
            district_id=curriculum.district_id,
            school_id=curriculum.school_id,
            id=new_id(),
            curriculum_id=curriculum.id,
            version=curriculum.version,
            what=what,
            content=content if before is None else {**content, "before": before},
            saved_by=saved_by,
        )
    )
    await session.flush()


async def show(session: AsyncSession, curriculum: Curriculum) -> CurriculumDetail:
    sections = await session.scalars(queries.shown_sections(curriculum.district_id, curriculum.id))
    files = await session.scalars(queries.files_of(curriculum.district_id, curriculum.id))
    return CurriculumDetail(
        **CurriculumOut.model_validate(curriculum).model_dump(),
        files=[CurriculumFileOut.model_validate(file) for file in files],
        sections=[SectionOut.model_validate(section) for section in sections],
    )


def _as_json(section: CurriculumSection) -> dict[str, Any]:
    return SectionOut.model_validate(section).model_dump(mode="json")


async def _wanted_files(session: AsyncSession, actor: Actor, file_ids: Sequence[UUID]) -> list[UploadedFile]:
    """Return the actor's files in the order they were named. Raises NotFoundError and FileUnreadError."""
    found = {file.id: file for file in await session.scalars(own_files_named(actor, file_ids))}
    if len(found) != len(file_ids):
        raise NotFoundError(field="file_ids")
    files = [found[file_id] for file_id in file_ids]
    if any(file.status is not FileStatus.READY for file in files):
        raise FileUnreadError(field="file_ids")
    return files


def _place(curriculum: Curriculum, file: UploadedFile, position: int) -> CurriculumFile:
    return CurriculumFile(
        district_id=curriculum.district_id,
        school_id=curriculum.school_id,
        id=new_id(),
        curriculum_id=curriculum.id,
        file_id=file.id,
        position=position,
        name=file.name,
    )

"""Curricula: from files to sections, edited by their teacher, finalized, and asked about."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Path, Response

from api.curricula import banks, sections, service
from api.curricula.schemas import (
    CurriculumCreate,
    CurriculumDetail,
    CurriculumOut,
    CurriculumStarted,
    CurriculumUpdate,
    JobStarted,
    QuestionsIn,
    QuestionsStarted,
    RevisionDetail,
    RevisionOut,
    SectionChanged,
    SectionCreate,
    SectionDetail,
    SectionOrder,
    SectionUpdate,
)
from api.deps import Db, Now, allowed
from api.envelope import Envelope, Page, ok
from api.etags import IfMatch, show_version
from api.idempotency import Idempotent
from api.paging import Paging
from api.rate_limits import Bucket
from core.permissions import Permission
from core.tenancy import Actor

router = APIRouter(prefix="/curricula", tags=["curricula"])

Owner = Annotated[Actor, allowed(Permission.CURRICULUM_MANAGE)]
Asker = Annotated[Actor, allowed(Permission.CURRICULUM_MANAGE, Bucket.AI)]
Version = Annotated[int, Path(ge=1, le=1_000_000)]


@router.post("", status_code=202)
async def create_curriculum(
    body: CurriculumCreate, actor: Asker, db: Db, once: Idempotent, now: Now
) -> Envelope[CurriculumStarted]:
    """Make a curriculum of files that have been read: their sections are found in the background."""
    return ok(await once.run(CurriculumStarted, lambda: service.create_curriculum(db, actor, body, now=now)))


@router.get("")
async def list_curricula(actor: Owner, db: Db, page: Paging) -> Envelope[Page[CurriculumOut]]:
    """Your curricula, the newest first."""
    items, cursor = await service.list_curricula(db, actor, page)
    return ok(Page(items=items, next_cursor=cursor))


@router.get("/{curriculum_id}")
async def read_curriculum(
    curriculum_id: UUID, actor: Owner, db: Db, response: Response
) -> Envelope[CurriculumDetail]:
    """A curriculum with its sections, each with the files and pages it stands on."""
    shown = await service.read_curriculum(db, actor, curriculum_id)
    show_version(response, shown.version)
    return ok(shown)


@router.patch("/{curriculum_id}")
async def update_curriculum(
    *,
    curriculum_id: UUID,
    body: CurriculumUpdate,
    actor: Owner,
    db: Db,
    seen: IfMatch,
    response: Response,
    now: Now,
) -> Envelope[CurriculumDetail]:
    """Rename a draft."""
    changed = await service.update_curriculum(db, actor, curriculum_id, body, seen=seen, now=now)
    show_version(response, changed.version)
    return ok(changed)


@router.delete("/{curriculum_id}")
async def delete_curriculum(
    curriculum_id: UUID, actor: Owner, db: Db, seen: IfMatch, now: Now
) -> Envelope[CurriculumOut]:
    """Hide a curriculum; the banks and quizzes made of it stay."""
    return ok(await service.delete_curriculum(db, actor, curriculum_id, seen=seen, now=now))


@router.post("/{curriculum_id}/finalize")
async def finalize_curriculum(
    *, curriculum_id: UUID, actor: Owner, db: Db, seen: IfMatch, response: Response, now: Now
) -> Envelope[CurriculumDetail]:
    """Let a curriculum stay as it is. Nobody else sees it by that, and nothing is published."""
    final = await service.finalize_curriculum(db, actor, curriculum_id, seen=seen, now=now)
    show_version(response, final.version)
    return ok(final)


@router.post("/{curriculum_id}/questions", status_code=202)
async def write_questions(
    *, curriculum_id: UUID, body: QuestionsIn, actor: Asker, db: Db, once: Idempotent, now: Now
) -> Envelope[QuestionsStarted]:
    """Have a bank of questions written, so many of each section; only what passes the checks gets into it."""
    return ok(
        await once.run(QuestionsStarted, lambda: banks.start_bank(db, actor, curriculum_id, body, now=now))
    )


@router.put("/{curriculum_id}/sections/order")
async def order_sections(
    *,
    curriculum_id: UUID,
    body: SectionOrder,
    actor: Owner,
    db: Db,
    seen: IfMatch,
    response: Response,
    now: Now,
) -> Envelope[CurriculumDetail]:
    """Put the sections of a draft in another order."""
    changed = await sections.order_sections(db, actor, curriculum_id, body, seen=seen, now=now)
    show_version(response, changed.version)
    return ok(changed)


@router.post("/{curriculum_id}/sections", status_code=201)
async def add_section(
    *,
    curriculum_id: UUID,
    body: SectionCreate,
    actor: Owner,
    db: Db,
    once: Idempotent,
    seen: IfMatch,
    response: Response,
    now: Now,
) -> Envelope[SectionChanged]:
    """Add a section of your own at the end of a draft."""
    added = await once.run(
        SectionChanged,
        lambda: sections.add_section(db, actor, curriculum_id, body, seen=seen, now=now),
    )
    show_version(response, added.version)
    return ok(added)


@router.get("/{curriculum_id}/sections/{section_id}")
async def read_section(
    curriculum_id: UUID, section_id: UUID, actor: Owner, db: Db
) -> Envelope[SectionDetail]:
    """A section with its text."""
    return ok(await sections.read_section(db, actor, curriculum_id, section_id))


@router.patch("/{curriculum_id}/sections/{section_id}")
async def change_section(
    *,
    curriculum_id: UUID,
    section_id: UUID,
    body: SectionUpdate,
    actor: Owner,
    db: Db,
    seen: IfMatch,
    response: Response,
    now: Now,
) -> Envelope[SectionChanged]:
    """Change what is given of a section of a draft."""
    target = curriculum_id, section_id
    changed = await sections.change_section(db, actor, target, body, seen=seen, now=now)
    show_version(response, changed.version)
    return ok(changed)


@router.delete("/{curriculum_id}/sections/{section_id}")
async def remove_section(
    *,
    curriculum_id: UUID,
    section_id: UUID,
    actor: Owner,
    db: Db,
    seen: IfMatch,
    response: Response,
    now: Now,
) -> Envelope[CurriculumDetail]:
    """Take a section out of a draft; earlier versions keep it."""
    changed = await sections.remove_section(db, actor, (curriculum_id, section_id), seen=seen, now=now)
    show_version(response, changed.version)
    return ok(changed)


@router.post("/{curriculum_id}/sections/{section_id}/regenerate", status_code=202)
async def regenerate_section(
    *, curriculum_id: UUID, section_id: UUID, actor: Asker, db: Db, once: Idempotent, seen: IfMatch
) -> Envelope[JobStarted]:
    """Have a section's title, objectives and concepts found anew in its text."""
    target = curriculum_id, section_id
    return ok(await once.run(JobStarted, lambda: sections.start_regeneration(db, actor, target, seen=seen)))


@router.get("/{curriculum_id}/versions")
async def list_versions(
    curriculum_id: UUID, actor: Owner, db: Db, page: Paging
) -> Envelope[Page[RevisionOut]]:
    """What was done to a curriculum, the newest first."""
    items, cursor = await service.list_versions(db, actor, curriculum_id, page)
    return ok(Page(items=items, next_cursor=cursor))


@router.get("/{curriculum_id}/versions/{version}")
async def read_version(
    curriculum_id: UUID, version: Version, actor: Owner, db: Db
) -> Envelope[RevisionDetail]:
    """A curriculum as it was."""
    return ok(await service.read_version(db, actor, curriculum_id, version))

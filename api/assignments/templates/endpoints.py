"""Templates of assignments; this router stands before the assignments' own, whose ids would catch its path."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Response

from api.assignments.schemas import AssignmentWithQuestions
from api.assignments.templates import service
from api.assignments.templates.schemas import (
    TemplateCreate,
    TemplateOut,
    TemplateUpdate,
    TemplateUse,
    TemplateWithContent,
)
from api.deps import Db, Now, allowed
from api.envelope import Envelope, Page, ok
from api.etags import show_version
from api.idempotency import Idempotent
from api.paging import Paging
from core.permissions import Permission
from core.tenancy import Actor

router = APIRouter(prefix="/assignments/templates", tags=["assignments"])

Collector = Annotated[Actor, allowed(Permission.TEMPLATE_MANAGE)]


@router.post("", status_code=201)
async def create_template(
    body: TemplateCreate, actor: Collector, db: Db, once: Idempotent, now: Now
) -> Envelope[TemplateOut]:
    """Keep one of your assignments, with its questions as they are now, to use it again."""
    return ok(await once.run(TemplateOut, lambda: service.create_template(db, actor, body, now=now)))


@router.get("")
async def list_templates(actor: Collector, db: Db, page: Paging) -> Envelope[Page[TemplateOut]]:
    """List your templates and those your school shares, oldest first."""
    items, cursor = await service.list_templates(db, actor, page)
    return ok(Page(items=items, next_cursor=cursor))


@router.get("/{template_id}")
async def read_template(template_id: UUID, actor: Collector, db: Db) -> Envelope[TemplateWithContent]:
    """Read a template with its questions."""
    return ok(await service.read_template(db, actor, template_id))


@router.patch("/{template_id}")
async def update_template(
    template_id: UUID, body: TemplateUpdate, actor: Collector, db: Db
) -> Envelope[TemplateOut]:
    """Rename or share a template of your own."""
    return ok(await service.update_template(db, actor, template_id, body))


@router.delete("/{template_id}")
async def delete_template(template_id: UUID, actor: Collector, db: Db, now: Now) -> Envelope[TemplateOut]:
    """Take a template of your own away; assignments made of it stay."""
    return ok(await service.delete_template(db, actor, template_id, now=now))


@router.post("/{template_id}/use", status_code=201)
async def use_template(
    *,
    template_id: UUID,
    body: TemplateUse,
    actor: Collector,
    db: Db,
    once: Idempotent,
    now: Now,
    response: Response,
) -> Envelope[AssignmentWithQuestions]:
    """Make a draft of a template in a class you teach."""

    async def use() -> AssignmentWithQuestions:
        return await service.use_template(db, actor, template_id, body, now=now)

    made = await once.run(AssignmentWithQuestions, use)
    show_version(response, made.version)
    return ok(made)

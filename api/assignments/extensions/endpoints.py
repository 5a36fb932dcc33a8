"""What single students are granted for an assignment."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter

from api.assignments.extensions import service
from api.assignments.extensions.schemas import ExtensionIn, ExtensionOut
from api.deps import Db, Now, allowed
from api.disclosures import Disclosure, Record, discloses
from api.envelope import Envelope, Page, ok
from api.paging import Paging
from core.permissions import Permission
from core.tenancy import Actor

router = APIRouter(prefix="/assignments/{assignment_id}/extensions", tags=["assignments"])

Reader = Annotated[Actor, allowed(Permission.EXTENSION_READ)]
Granter = Annotated[Actor, allowed(Permission.EXTENSION_MANAGE)]
Read = Annotated[Disclosure, discloses(Record.EXTENSION, Permission.EXTENSION_READ)]
Granted = Annotated[Disclosure, discloses(Record.EXTENSION, Permission.EXTENSION_MANAGE)]


@router.get("")
async def list_extensions(
    *, assignment_id: UUID, actor: Reader, db: Db, page: Paging, shown: Read
) -> Envelope[Page[ExtensionOut]]:
    """List what students are granted for an assignment, oldest first."""
    items, cursor = await service.list_extensions(db, actor, assignment_id, page)
    shown.of(item.student_id for item in items)
    return ok(Page(items=items, next_cursor=cursor))


@router.put("/{student_id}")
async def grant_extension(
    *,
    assignment_id: UUID,
    student_id: UUID,
    body: ExtensionIn,
    actor: Granter,
    db: Db,
    now: Now,
    shown: Granted,
) -> Envelope[ExtensionOut]:
    """Grant a student of the class other dates, more attempts or more minutes; the student is told."""
    granted = await service.grant_extension(db, actor, (assignment_id, student_id), body, now=now)
    shown.of([granted.student_id])
    return ok(granted)


@router.delete("/{student_id}")
async def withdraw_extension(
    *, assignment_id: UUID, student_id: UUID, actor: Granter, db: Db, now: Now, shown: Granted
) -> Envelope[ExtensionOut]:
    """Take back what a student was granted; the student is told."""
    withdrawn = await service.withdraw_extension(db, actor, (assignment_id, student_id), now=now)
    shown.of([withdrawn.student_id])
    return ok(withdrawn)

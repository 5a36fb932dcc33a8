"""What single students need: more time, later dates. Every timer, due date and late rule asks it."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter

from api.accommodations import service
from api.accommodations.schemas import AccommodationIn, GrantedAccommodation
from api.deps import Db, Now, allowed
from api.disclosures import Disclosure, Record, discloses
from api.envelope import Envelope, ok
from core.permissions import Permission
from core.tenancy import Actor

router = APIRouter(prefix="/classes/{class_id}/students/{student_id}/accommodation", tags=["classes"])

Reader = Annotated[Actor, allowed(Permission.ACCOMMODATION_READ)]
Granter = Annotated[Actor, allowed(Permission.ACCOMMODATION_MANAGE)]
Shown = Annotated[Disclosure, discloses(Record.ACCOMMODATION, Permission.ACCOMMODATION_READ)]
GrantShown = Annotated[Disclosure, discloses(Record.ACCOMMODATION, Permission.ACCOMMODATION_MANAGE)]


@router.get("")
async def read_accommodation(
    class_id: UUID, student_id: UUID, actor: Reader, db: Db, shown: Shown
) -> Envelope[GrantedAccommodation]:
    """Read what a student needs in a class; without a grant nothing is multiplied or shifted."""
    shown.of([student_id])
    return ok(await service.read_accommodation(db, actor, class_id, student_id))


@router.put("")
async def grant_accommodation(
    *,
    class_id: UUID,
    student_id: UUID,
    body: AccommodationIn,
    actor: Granter,
    db: Db,
    shown: GrantShown,
    now: Now,
) -> Envelope[GrantedAccommodation]:
    """Grant a student more time or later dates, in the place of what was granted before."""
    shown.of([student_id])
    return ok(await service.grant_accommodation(db, actor, (class_id, student_id), body, now=now))


@router.delete("")
async def withdraw_accommodation(
    class_id: UUID, student_id: UUID, actor: Granter, db: Db, shown: GrantShown, now: Now
) -> Envelope[GrantedAccommodation]:
    """Take back what a student was granted in a class."""
    shown.of([student_id])
    return ok(await service.withdraw_accommodation(db, actor, class_id, student_id, now=now))

"""Invitations, through which teachers and admins arrive."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends

from api.deps import AppSettings, Db, Keys, Now, allowed
from api.envelope import Envelope, Page, ok
from api.invitations import service
from api.invitations.schemas import InvitationCreate, InvitationOut
from api.invitations.service import InvitationOffice
from api.paging import Paging
from core.permissions import Permission
from core.tenancy import Actor

router = APIRouter(prefix="/auth/invitations", tags=["invitations"])

InvitingAdmin = Annotated[Actor, allowed(Permission.INVITATION_MANAGE)]


async def get_office(db: Db, keys: Keys, settings: AppSettings, now: Now) -> InvitationOffice:
    return InvitationOffice(db, keys, settings, now)


Office = Annotated[InvitationOffice, Depends(get_office, scope="function")]


@router.post("", status_code=201)
async def invite(body: InvitationCreate, actor: InvitingAdmin, office: Office) -> Envelope[InvitationOut]:
    """Invite a teacher or an admin: a mail brings them the link to register with."""
    return ok(InvitationOut.model_validate(await service.create_invitation(office, actor, body)))


@router.get("")
async def list_invitations(actor: InvitingAdmin, db: Db, page: Paging) -> Envelope[Page[InvitationOut]]:
    """List the invitations of your school or district, oldest first."""
    rows, cursor = await service.list_invitations(db, actor, page)
    return ok(Page(items=[InvitationOut.model_validate(row) for row in rows], next_cursor=cursor))


@router.delete("/{invitation_id}")
async def revoke_invitation(
    invitation_id: UUID, actor: InvitingAdmin, db: Db, now: Now
) -> Envelope[InvitationOut]:
    """Withdraw an invitation that has not been accepted."""
    revoked = await service.revoke_invitation(db, actor, invitation_id, now=now)
    return ok(InvitationOut.model_validate(revoked))

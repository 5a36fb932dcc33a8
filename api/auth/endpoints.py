"""Registration, signing in, and the invitations through which staff arrive."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends

from api.auth import invitations, registration, sessions
from api.auth.schemas import (
    InvitationCreate,
    InvitationCreated,
    InvitationOut,
    LoggedOut,
    Login,
    Refresh,
    RegistrationAnswer,
    StaffRegistration,
    StudentRegistration,
    Tokens,
)
from api.auth.sessions import SignInDesk
from api.deps import AppSettings, Db, Keys, Now, Pools, allowed, public
from api.envelope import Envelope, Page, ok
from api.paging import Paging
from core.permissions import Permission
from core.tenancy import Actor, Role

router = APIRouter(prefix="/auth", tags=["auth"])


def get_desk(pools: Pools, keys: Keys, settings: AppSettings, now: Now) -> SignInDesk:
    return SignInDesk(pools, keys, settings, now)


Desk = Annotated[SignInDesk, Depends(get_desk)]
InvitingAdmin = Annotated[Actor, allowed(Permission.INVITATION_MANAGE)]


@router.post("/register/student", status_code=202, dependencies=[public()])
async def register_student(body: StudentRegistration, desk: Desk) -> Envelope[RegistrationAnswer]:
    """Register with a class code; the place in the class waits for the teacher."""
    await registration.register_student(desk, body)
    return ok(RegistrationAnswer())


@router.post("/register/teacher", status_code=202, dependencies=[public()])
async def register_teacher(body: StaffRegistration, desk: Desk) -> Envelope[RegistrationAnswer]:
    """Register as the teacher an invitation names."""
    await registration.register_staff(desk, body, Role.TEACHER)
    return ok(RegistrationAnswer())


@router.post("/register/admin", status_code=202, dependencies=[public()])
async def register_admin(body: StaffRegistration, desk: Desk) -> Envelope[RegistrationAnswer]:
    """Register as the admin an invitation names."""
    await registration.register_staff(desk, body, Role.ADMIN)
    return ok(RegistrationAnswer())


@router.post("/login", dependencies=[public()])
async def log_in(body: Login, desk: Desk) -> Envelope[Tokens]:
    """Exchange address and password for an access token (minutes) and a refresh token (days)."""
    return ok(await sessions.log_in(desk, body))


@router.post("/refresh", dependencies=[public()])
async def refresh(body: Refresh, desk: Desk) -> Envelope[Tokens]:
    """Exchange the refresh token for a new pair; replaying an old one ends the session."""
    return ok(await sessions.refresh(desk, body.refresh_token))


@router.post("/logout", dependencies=[public()])
async def log_out(body: Refresh, desk: Desk) -> Envelope[LoggedOut]:
    """End the session of this refresh token."""
    await sessions.log_out(desk, body.refresh_token)
    return ok(LoggedOut())


@router.post("/invitations", status_code=201)
async def invite(
    body: InvitationCreate, actor: InvitingAdmin, db: Db, settings: AppSettings, now: Now
) -> Envelope[InvitationCreated]:
    """Invite a teacher or an admin; the token is shown this once."""
    created = await invitations.create_invitation(db, actor, body, now=now, days=settings.invitation_days)
    return ok(created)


@router.get("/invitations")
async def list_invitations(actor: InvitingAdmin, db: Db, page: Paging) -> Envelope[Page[InvitationOut]]:
    """List the invitations of your school or district, oldest first."""
    rows, cursor = await invitations.list_invitations(db, actor, page)
    return ok(Page(items=[InvitationOut.model_validate(row) for row in rows], next_cursor=cursor))


@router.delete("/invitations/{invitation_id}")
async def revoke_invitation(
    invitation_id: UUID, actor: InvitingAdmin, db: Db, now: Now
) -> Envelope[InvitationOut]:
    """Withdraw an invitation that has not been accepted."""
    revoked = await invitations.revoke_invitation(db, actor, invitation_id, now=now)
    return ok(InvitationOut.model_validate(revoked))

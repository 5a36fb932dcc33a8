"""Invitations: an admin names the school and the role, the invited person only a name and a password.

The token goes to the invited address and nowhere else, so whoever presents it has read that mailbox.
"""

import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from api.invitations import queries
from api.invitations.errors import InvalidInvitationError
from api.invitations.schemas import InvitationCreate
from api.mails.service import Mail, send_mail
from api.mails.tokens import TOKEN_BYTES, token_digest
from api.paging import PageRequest, fetch_page
from core.audit import record_audit
from core.config import Settings
from core.db import Database
from core.errors import InvalidInputError, NotFoundError
from core.keys import KeyRing
from core.models import Invitation, InvitationStatus, School
from core.tenancy import Actor, Role, TenantId


@dataclass(frozen=True)
class InvitationOffice:
    """What inviting needs besides who invites whom."""

    session: AsyncSession
    keys: KeyRing
    settings: Settings
    now: datetime


@dataclass(frozen=True)
class FoundInvitation:
    """Where the invitation of a token is; whether it is still open shows when it is accepted."""

    tenant: TenantId
    invitation_id: UUID


async def create_invitation(office: InvitationOffice, actor: Actor, body: InvitationCreate) -> Invitation:
    """Invite a teacher or admin by mail. Raises NotFoundError for a school outside the admin's reach."""
    school = await _school_of(office.session, actor, body)
    invitation = Invitation(
        district_id=actor.district_id,
        school_id=None if school is None else school.id,
        email=body.email.lower(),
        role=body.role,
        invited_by=actor.user_id,
        status=InvitationStatus.PENDING,
        expires_at=office.now + timedelta(days=office.settings.invitation_days),
    )
    office.session.add(invitation)
    await office.session.flush()
    await record_audit(office.session, actor, "invited", ("invitation", invitation.id), now=office.now)
    await _mail(office, invitation, school)
    return invitation


async def _mail(office: InvitationOffice, invitation: Invitation, school: School | None) -> None:
    token = secrets.token_urlsafe(TOKEN_BYTES)
    await office.session.execute(
        queries.CREATE_INVITATION_TOKEN,
        {"token_hash": token_digest(token), "invitation_id": invitation.id},
    )
    tenant = TenantId.from_auth_function(invitation.district_id)
    place = school.name if school else await office.session.scalar(queries.district_name(tenant))
    content = {
        "role": invitation.role.value,
        "place": place or "",
        "token": token,
        "days": str(office.settings.invitation_days),
    }
    mail = Mail("invitation", invitation.email, content, invitation.school_id)
    await send_mail(office.session, office.keys, mail)


async def _school_of(session: AsyncSession, actor: Actor, body: InvitationCreate) -> School | None:
    school_id = body.school_id if body.school_id is not None else actor.school_id
    if school_id is None:
        if body.role is Role.TEACHER:
            raise InvalidInputError("A teacher belongs to a school; name it.", field="school_id")
        return None
    school: School | None = await session.scalar(queries.school(actor.tenant, school_id))
    if school is None:
        raise NotFoundError
    return school


async def list_invitations(
    session: AsyncSession, actor: Actor, page: PageRequest
) -> tuple[list[Invitation], str | None]:
    rows, cursor = await fetch_page(session, queries.visible_invitations(actor), Invitation.id, page)
    return list(rows), cursor


async def revoke_invitation(
    session: AsyncSession, actor: Actor, invitation_id: UUID, *, now: datetime
) -> Invitation:
    """Withdraw an invitation that nobody has accepted. Raises NotFoundError."""
    statement = queries.visible_invitations(actor).where(
        Invitation.id == invitation_id, Invitation.status == InvitationStatus.PENDING
    )
    invitation: Invitation | None = await session.scalar(statement.with_for_update())
    if invitation is None:
        raise NotFoundError
    invitation.status = InvitationStatus.REVOKED
    await record_audit(session, actor, "revoked", ("invitation", invitation_id), now=now)
    return invitation


async def find_invitation(database: Database, token: str) -> FoundInvitation:
    """Find where a token's invitation is. Raises InvalidInvitationError for an unknown token."""
    async with database.auth_session() as session:
        lookup = {"token_hash": token_digest(token)}
        found = (await session.execute(queries.FIND_INVITATION, lookup)).one()
    if found.district_id is None:
        raise InvalidInvitationError
    return FoundInvitation(TenantId.from_auth_function(found.district_id), found.invitation_id)


async def accept_invitation(
    session: AsyncSession, found: FoundInvitation, role: Role | None, email: str, *, now: datetime
) -> Invitation:
    """Mark an invitation accepted by the person it was meant for, in a transaction of its district.

    `role` is the one the caller registers as, if it names one. Raises InvalidInvitationError.
    """
    invitation: Invitation | None = await session.scalar(
        queries.open_invitation(found.tenant, found.invitation_id)
    )
    if invitation is None or invitation.expires_at <= now:
        raise InvalidInvitationError
    if invitation.email != email.lower() or role not in {None, invitation.role}:
        raise InvalidInvitationError
    invitation.status = InvitationStatus.ACCEPTED
    return invitation

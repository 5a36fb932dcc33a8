"""Invitations: an admin names the school and the role, the invited person only a name and a password."""

import hashlib
import secrets
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from api.auth import queries
from api.auth.schemas import InvitationCreate, InvitationCreated
from api.paging import PageRequest, fetch_page
from core.audit import record_audit
from core.errors import InvalidInputError, NotFoundError
from core.models import Invitation, InvitationStatus
from core.tenancy import Actor, Role

TOKEN_BYTES = 32


def token_digest(token: str) -> bytes:
    """What is stored of an invitation token: its SHA-256."""
    return hashlib.sha256(token.encode()).digest()


async def create_invitation(
    session: AsyncSession, actor: Actor, body: InvitationCreate, *, now: datetime, days: int
) -> InvitationCreated:
    """Invite a teacher or admin. Raises NotFoundError for a school outside the admin's reach."""
    school_id = await _school_of(session, actor, body)
    token = secrets.token_urlsafe(TOKEN_BYTES)
    invitation = Invitation(
        district_id=actor.district_id,
        school_id=school_id,
        email=body.email.lower(),
        role=body.role,
        invited_by=actor.user_id,
        status=InvitationStatus.PENDING,
        expires_at=now + timedelta(days=days),
    )
    session.add(invitation)
    await session.flush()
    await session.execute(
        queries.CREATE_INVITATION_TOKEN,
        {"token_hash": token_digest(token), "invitation_id": invitation.id},
    )
    await record_audit(session, actor, "invited", ("invitation", invitation.id), now=now)
    return InvitationCreated(
        id=invitation.id,
        email=invitation.email,
        role=invitation.role,
        school_id=school_id,
        status=invitation.status,
        expires_at=invitation.expires_at,
        invitation_token=token,
    )


async def _school_of(session: AsyncSession, actor: Actor, body: InvitationCreate) -> UUID | None:
    school_id = body.school_id if body.school_id is not None else actor.school_id
    if school_id is None:
        if body.role is Role.TEACHER:
            raise InvalidInputError("A teacher belongs to a school; name it.", field="school_id")
        return None
    if await session.scalar(queries.school(actor.tenant, school_id)) is None:
        raise NotFoundError
    return school_id


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

"""Invitations, and the calls of `auth.*` for their tokens."""

from uuid import UUID

from sqlalchemy import Select, select, text

from core.models import District, Invitation, InvitationStatus, School
from core.tenancy import Actor, TenantId

CREATE_INVITATION_TOKEN = text("SELECT auth.create_invitation_token(:token_hash, :invitation_id)")
FIND_INVITATION = text("SELECT district_id, invitation_id FROM auth.find_invitation(:token_hash)")


def open_invitation(tenant: TenantId, invitation_id: UUID) -> Select[tuple[Invitation]]:
    """An invitation that nobody has accepted, locked so that only one person can."""
    return (
        select(Invitation)
        .where(
            Invitation.district_id == tenant.value,
            Invitation.id == invitation_id,
            Invitation.status == InvitationStatus.PENDING,
        )
        .with_for_update()
    )


def visible_invitations(actor: Actor) -> Select[tuple[Invitation]]:
    """A school admin's own school; a district admin's whole district."""
    statement = select(Invitation).where(Invitation.district_id == actor.district_id)
    return statement if actor.school_id is None else statement.where(Invitation.school_id == actor.school_id)


def school(tenant: TenantId, school_id: UUID) -> Select[tuple[School]]:
    return select(School).where(
        School.district_id == tenant.value, School.id == school_id, School.deleted_at.is_(None)
    )


def district_name(tenant: TenantId) -> Select[tuple[str]]:
    return select(District.name).where(District.district_id == tenant.value)

"""Calls of the `auth.*` functions, and the few tenant rows that signing in needs."""

from uuid import UUID

from sqlalchemy import Select, select, text

from core.models import Invitation, InvitationStatus, School, User, UserStatus
from core.tenancy import Actor, TenantId

FIND_IDENTITY = text("SELECT user_id, district_id, password_hash FROM auth.find_identity(:email_index)")
CREATE_IDENTITY = text("SELECT auth.create_identity(:user_id, :email_index, :password_hash)")
OPEN_SESSION = text("SELECT auth.open_session(:session_id, :user_id, :token_hash, :now, :expires_at)")
ROTATE_SESSION = text(
    "SELECT outcome, user_id, district_id"
    " FROM auth.rotate_session(:session_id, :presented, :next_hash, :now, :expires_at)"
)
CLOSE_SESSION = text("SELECT auth.close_session(:session_id, :presented, :now)")
CLOSE_ALL_SESSIONS = text("SELECT auth.close_all_sessions(:user_id, :now)")
FIND_CLASS_CODE = text("SELECT district_id, school_id, class_id FROM auth.find_class_code(:code_hash, :now)")
CREATE_INVITATION_TOKEN = text("SELECT auth.create_invitation_token(:token_hash, :invitation_id)")
FIND_INVITATION = text("SELECT district_id, invitation_id FROM auth.find_invitation(:token_hash)")


def active_user(tenant: TenantId, user_id: UUID) -> Select[tuple[User]]:
    return select(User).where(
        User.district_id == tenant.value,
        User.id == user_id,
        User.status == UserStatus.ACTIVE,
        User.deleted_at.is_(None),
    )


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

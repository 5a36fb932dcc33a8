"""Calls of the `auth.*` functions, and the few tenant rows that signing in needs."""

from uuid import UUID

from sqlalchemy import Select, select, text

from core.models import User
from core.tenancy import TenantId

FIND_IDENTITY = text("SELECT user_id, district_id, password_hash FROM auth.find_identity(:email_index)")
OPEN_SESSION = text("SELECT auth.open_session(:session_id, :user_id, :token_hash, :now, :expires_at)")
HOLD_PASSWORD_HASH = text("SELECT auth.hold_password_hash(:user_id)")
ROTATE_SESSION = text(
    "SELECT outcome, user_id, district_id, living_hash FROM auth.rotate_session("
    ":session_id, :presented, :next_hash, :client_id, :now, :expires_at, :longest)"
)
NAME_DEVICE = text("SELECT auth.name_device(:session_id, :device, :client_id)")
CLOSE_SESSION = text("SELECT user_id, district_id FROM auth.close_session(:session_id, :presented, :now)")
SESSIONS_OF = text(
    "SELECT id, device, client_id, created_at, rotated_at AS last_used_at, expires_at"
    " FROM auth.sessions_of(:user_id, :now, :after, :most)"
)
CHANGE_PASSWORD_HASH = text("SELECT auth.change_password_hash(:user_id, :password_hash)")


def present_user(tenant: TenantId, user_id: UUID) -> Select[tuple[User]]:
    """A person who has not left, whatever their account's state."""
    return select(User).where(User.district_id == tenant.value, User.id == user_id, User.deleted_at.is_(None))

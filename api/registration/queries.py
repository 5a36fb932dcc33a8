"""Calls of the `auth.*` functions for people who arrive, and the tenant rows behind them."""

from uuid import UUID

from sqlalchemy import Select, select, text

from core.models import User, UserStatus
from core.tenancy import TenantId

CREATE_IDENTITY = text("SELECT auth.create_identity(:user_id, :email_index, :password_hash)")
MARK_EMAIL_VERIFIED = text("SELECT auth.mark_email_verified(:user_id, :now)")
PUT_ADDRESS_REQUEST = text("SELECT auth.put_address_request(:id, :kind, :email_index)")
FIND_ADDRESS_REQUEST = text(
    "SELECT kind, user_id, district_id, email_verified_at FROM auth.find_address_request(:id)"
)
DELETE_ADDRESS_REQUEST = text("SELECT auth.delete_address_request(:id)")


def person(tenant: TenantId, user_id: UUID) -> Select[tuple[User]]:
    """Someone who may be written to: not removed, and not disabled by their admin."""
    return select(User).where(
        User.district_id == tenant.value,
        User.id == user_id,
        User.status != UserStatus.DISABLED,
        User.deleted_at.is_(None),
    )

"""Calls of the `auth.*` functions for registered clients and their codes."""

from sqlalchemy import Select, select, text

from core.models import User
from core.tenancy import TenantContext

FIND_CLIENT = text("SELECT name, redirect_uris FROM auth.find_oauth_client(:client_id)")
FIND_SESSION = text("SELECT user_id, district_id FROM auth.find_session(:session_id, :now)")
CREATE_CODE = text(
    "SELECT auth.create_oauth_code(:code_hash, :client_id, :user_id, :redirect_uri, :code_challenge, :expires_at)"
)
REDEEM_CODE = text(
    "SELECT outcome, client_id, user_id, district_id, redirect_uri, code_challenge, ended_session"
    " FROM auth.redeem_oauth_code(:code_hash, :session_id, :now)"
)
CODE_STANDS = text("SELECT auth.oauth_code_stands(:code_hash)")


def signed_in_person(context: TenantContext) -> Select[tuple[User]]:
    """Whom a transaction speaks for."""
    return select(User).where(User.district_id == context.tenant.value, User.id == context.user_id)

"""Whether a person may sign in, and as what: changed by the operator, effective with their next request.

The sessions end in the transaction of the change; Redis is told after it, so that no program waits a minute.
"""

import asyncio
import json
from dataclasses import dataclass
from datetime import UTC, datetime
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.exc import IntegrityError

from core.config import Settings
from core.ids import new_id
from core.models import UserStatus
from core.session_marks import SessionMarks
from core.tenancy import Role, TenantId
from ops.directory import DirectoryError, OwnerDesk

_FIND = text("SELECT user_id, district_id FROM auth.find_identity(:email_index)")
_LOCK = text(
    "SELECT school_id, role, status FROM app.users"
    " WHERE district_id = :district_id AND id = :id AND deleted_at IS NULL FOR UPDATE"
)
_END_SESSIONS = text("SELECT * FROM auth.revoke_sessions_of(:id, :now, NULL)")
_CHANGE = text(
    "UPDATE app.users SET role = :role, status = :status, updated_at = now()"
    " WHERE district_id = :district_id AND id = :id"
)
_RECORD = text(
    "INSERT INTO app.tenant_audit_events (district_id, id, occurred_at, school_id, subject_id, action,"
    " object_type, object_id, details) VALUES (:district_id, :audit_id, :now, :school_id, :id, :action,"
    " 'user', :id, CAST(:details AS jsonb))"
)


@dataclass(frozen=True)
class Standing:
    """What a person may be after a change; None leaves it."""

    role: Role | None = None
    status: UserStatus | None = None


@dataclass(frozen=True)
class Changed:
    """Whose standing changed, and which sessions ended with it."""

    user_id: UUID
    tenant: TenantId
    sessions: list[UUID]


def change_standing(desk: OwnerDesk, email: str, wanted: Standing) -> Changed:
    """Give the person with this address another role or state and end their sessions.

    Raises DirectoryError for an unknown address, a person who has left, or a role their place does not allow.
    """
    found = desk.connection.execute(_FIND, {"email_index": desk.keys.email_index(email)}).one()
    if found.user_id is None:
        raise DirectoryError(f"nobody signs in as {email}")
    tenant = TenantId.from_auth_function(found.district_id)
    desk.enter(tenant)
    person = {"district_id": tenant.value, "id": found.user_id}
    before = desk.connection.execute(_LOCK, person).one_or_none()
    if before is None:
        raise DirectoryError(f"{email} has left")
    if before.status == UserStatus.AWAITING_CONSENT:
        raise DirectoryError(f"{email} waits for a guardian's consent, which opens and closes the account")
    role, status = wanted.role or before.role, wanted.status or before.status
    now = datetime.now(UTC)
    ended = list(desk.connection.scalars(_END_SESSIONS, {"id": found.user_id, "now": now}))
    try:
        desk.connection.execute(_CHANGE, {**person, "role": role, "status": status})
    except IntegrityError as error:
        raise DirectoryError(f"{email} belongs to no school, so may only be an admin") from error
    details = {"from": [before.role, before.status], "to": [role, status], "by": "operator"}
    record = {"audit_id": new_id(), "now": now, "school_id": before.school_id, "details": json.dumps(details)}
    action = "role_changed" if wanted.role else "status_changed"
    desk.connection.execute(_RECORD, {**person, **record, "action": action})
    return Changed(found.user_id, tenant, ended)


def announce(settings: Settings, changed: Changed) -> None:
    """Tell every program that the sessions have ended; call when the change is committed."""
    asyncio.run(_announce(settings, changed))


async def _announce(settings: Settings, changed: Changed) -> None:
    marks = SessionMarks.from_settings(settings)
    try:
        await marks.remember_ended(changed.tenant, changed.sessions)
    finally:
        await marks.close()

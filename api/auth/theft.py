"""A refresh token that was presented again after it had been replaced: somebody else holds a copy."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Row

from api.auth import queries
from api.mails.service import Mail, send_mail
from core.audit import record_audit
from core.db import Database
from core.keys import KeyRing
from core.notifications import Notice, NotificationKind, notify
from core.tenancy import DISTRICT_SCOPE, TenantContext, TenantId


async def report_reuse(
    database: Database, keys: KeyRing, rotation: Row[Any], session_id: UUID, *, now: datetime
) -> None:
    """Close the ended session everywhere, and tell its owner in the application and by mail.

    Nobody can tell which of the two holders is the owner, so the session has ended for both.
    """
    tenant = TenantId.from_auth_function(rotation.district_id)
    await database.marks.remember_ended(tenant, [session_id])
    context = TenantContext(tenant, DISTRICT_SCOPE, rotation.user_id)
    async with database.tenant_transaction(context) as session:
        user = await session.scalar(queries.present_user(tenant, rotation.user_id))
        await record_audit(
            session,
            None,
            "refresh_token_reused",
            ("session", session_id),
            now=now,
            subject_id=rotation.user_id,
            school_id=None if user is None else user.school_id,
        )
        if user is None:
            return
        content = {"name": user.name, "time": f"{now:%Y-%m-%d %H:%M} UTC"}
        await send_mail(session, keys, Mail("session_reused", user.email, content, user.school_id))
        notice = Notice(
            NotificationKind.SESSION_REUSED,
            "One of your sign-ins was used from two places, so we ended it.",
            ("session", session_id),
        )
        await notify(session, [user.id], notice, school_id=user.school_id, now=now)

"""A child under 13 registers: the guardian is asked, and until the answer only three things are kept."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from api.auth.sessions import SignInDesk
from api.consents import queries
from api.consents.errors import GuardianEmailRequiredError
from api.consents.notice import current_version, notice_text
from api.mails.service import Mail, send_mail
from api.mails.tokens import Purpose, create_token, void_tokens
from core.encryption import ColumnKeys, Place
from core.ids import new_id
from core.models import ConsentRequest
from core.tenancy import Scope, TenantContext, TenantId


@dataclass(frozen=True)
class Wish:
    """What a child under 13 asks for, and whom we may ask."""

    child_name: str
    guardian_email: str
    class_id: UUID
    school_id: UUID


def guardian_of(child_email: str, guardian_email: str | None) -> str:
    """Return whom to ask. Raises GuardianEmailRequiredError for nobody, and for the child."""
    if guardian_email is None or guardian_email.casefold() == child_email.casefold():
        raise GuardianEmailRequiredError(field="guardian_email")
    return guardian_email


async def request_consent(desk: SignInDesk, tenant: TenantId, wish: Wish) -> None:
    """Keep the child's name, the guardian's address and the class, and send the guardian the notice.

    The same wish again is the same request with a fresh link; its time to answer does not grow.
    """
    context = TenantContext(tenant, Scope(wish.school_id))
    async with desk.database.tenant_transaction(context) as session:
        request = await _same_request(session, desk, tenant, wish)
        if request is None:
            request = _new_request(desk, tenant, wish)
            session.add(request)
            await session.flush()
        await _send_notice(session, desk, request, wish)


async def _same_request(
    session: AsyncSession, desk: SignInDesk, tenant: TenantId, wish: Wish
) -> ConsentRequest | None:
    statement = queries.waiting_requests(tenant, wish.class_id, _one_line(wish.child_name))
    for request in await session.scalars(statement):
        if guardian_address(desk.keys.columns, request).casefold() == wish.guardian_email.casefold():
            return request if request.expires_at > desk.now else None
    return None


def _new_request(desk: SignInDesk, tenant: TenantId, wish: Wish) -> ConsentRequest:
    return ConsentRequest(
        district_id=tenant.value,
        school_id=wish.school_id,
        id=new_id(),
        class_id=wish.class_id,
        child_name=_one_line(wish.child_name),
        guardian_email_encrypted=desk.keys.columns.encrypt(wish.guardian_email, _place(tenant.value)),
        expires_at=desk.now + timedelta(days=desk.settings.consent_days),
    )


async def _send_notice(session: AsyncSession, desk: SignInDesk, request: ConsentRequest, wish: Wish) -> None:
    life = request.expires_at - desk.now
    token = await create_token(session, Purpose.CONSENT, request.id, now=desk.now, life=life)
    child = _one_line(wish.child_name)
    context: TenantContext = session.info["context"]
    school = await session.scalar(queries.school_name(context.tenant, wish.school_id)) or ""
    notice = notice_text(
        current_version(), child=child, school=_one_line(school), days=desk.settings.consent_days
    )
    content = {"child": child, "school": school, "notice": notice, "token": token}
    await send_mail(
        session, desk.keys, Mail("consent_notice", wish.guardian_email, content, request.school_id)
    )


async def delete_overdue_requests(session: AsyncSession, *, now: datetime) -> int:
    """Delete what was kept to be able to ask, where the time to answer or to finish is over; returns how many."""
    context: TenantContext = session.info["context"]
    overdue = list(await session.scalars(queries.overdue_requests(context.tenant, now)))
    for request_id in overdue:
        await void_links(session, request_id, now=now)
    return len(overdue)


async def void_links(session: AsyncSession, request_id: UUID, *, now: datetime) -> None:
    """Let no link of a request open anything any more."""
    for purpose in (Purpose.CONSENT, Purpose.COMPLETE):
        await void_tokens(session, purpose, request_id, now=now)


def guardian_address(columns: ColumnKeys, request: ConsentRequest) -> str:
    """Return the guardian's address of a request."""
    return columns.decrypt(request.guardian_email_encrypted, _place(request.district_id))


def _place(district_id: UUID) -> Place:
    return Place("consent_requests", "guardian_email_encrypted", district_id)


def _one_line(name: str) -> str:
    """A name from the open door goes into a mail to somebody else: no line breaks, no paragraphs of one's own."""
    return " ".join(name.split())

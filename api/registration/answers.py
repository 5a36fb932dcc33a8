"""What the owner of an address hears after somebody named it at the door."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy.ext.asyncio import AsyncSession

from api.mails.service import Mail, send_mail
from api.mails.tokens import Purpose, create_token
from core.audit import record_audit
from core.jobs import Workplace
from core.models import User


@dataclass(frozen=True)
class AnswerDesk:
    """The person whose address was named, in a transaction of their district."""

    session: AsyncSession
    work: Workplace
    user: User
    is_verified: bool
    newcomer_id: str | None = None

    async def token(self, purpose: Purpose, life: timedelta) -> str:
        return await create_token(self.session, purpose, self.user.id, now=self.work.clock(), life=life)

    async def mail(self, template: str, content: dict[str, str]) -> None:
        mail = Mail(template, self.user.email, {"name": self.user.name, **content}, self.user.school_id)
        await send_mail(self.session, self.work.ring, mail)


async def answer_registration(desk: AnswerDesk) -> None:
    """A newcomer verifies the address; who was here already hears that somebody tried to register it.

    Not even an unverified owner gets a link to verify then: whoever took the address first could be a stranger,
    and the mail's reader would let them in. A password reset is the way back, which ends the stranger's sessions.
    """
    if desk.newcomer_id != str(desk.user.id):
        await desk.mail("account_exists", {})
    else:
        await answer_verification(desk)


async def answer_verification(desk: AnswerDesk) -> None:
    """Send a fresh link unless the address is verified; older links are void then."""
    if desk.is_verified:
        return
    hours = desk.work.settings.verification_hours
    token = await desk.token(Purpose.VERIFY, timedelta(hours=hours))
    await desk.mail("verify_email", {"token": token, "hours": str(hours)})


async def answer_reset(desk: AnswerDesk) -> None:
    """Send a link that sets a new password; older links are void then."""
    minutes = desk.work.settings.password_reset_minutes
    token = await desk.token(Purpose.RESET, timedelta(minutes=minutes))
    await desk.mail("reset_password", {"token": token, "minutes": str(minutes)})


async def note_failed_sign_in(desk: AnswerDesk) -> None:
    """Put a wrong password into the audit trail of the account it was meant for."""
    await record_audit(
        desk.session,
        None,
        "sign_in_failed",
        ("user", desk.user.id),
        now=desk.work.clock(),
        school_id=desk.user.school_id,
        subject_id=desk.user.id,
    )


ANSWERS: Mapping[str, Callable[[AnswerDesk], Awaitable[None]]] = {
    "register": answer_registration,
    "verify": answer_verification,
    "reset": answer_reset,
    "failed_sign_in": note_failed_sign_in,
}

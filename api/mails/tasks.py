"""Sending: at least once. A worker killed after the server took the mail sends it again with the same Message-ID."""

from uuid import UUID

import structlog

from api.mails import queries
from api.mails.letters import compose, write_letter
from api.mails.sealing import Sealed, unseal
from api.mails.transport import MailRefusedError, transport_of
from core.encryption import UndecipherableError
from core.jobs import RETRIES, Workplace, job_app, job_context
from core.models import MailStatus, OutgoingMail
from core.tenancy import TenantContext

logger = structlog.get_logger(__name__)


@job_app.task(name="mails.send_outgoing_mail", queue="mail", retry=RETRIES)
async def send_outgoing_mail(district_id: str, mail_id: str) -> None:
    """Send a mail that waits, and erase it. Raises MailNotSentError when it is worth another try."""
    work, context, number = Workplace.get(), job_context(district_id), UUID(mail_id)
    async with work.database.tenant_transaction(context) as session:
        mail: OutgoingMail | None = await session.scalar(queries.waiting_mail(context.tenant, number))
    if mail is None:
        return  # sent by an earlier try
    status = await _deliver(work, context, mail)
    async with work.database.tenant_transaction(context) as session:
        await session.execute(queries.mail_over(context.tenant, number, status, work.clock()))


async def _deliver(work: Workplace, context: TenantContext, mail: OutgoingMail) -> MailStatus:
    sealed = Sealed(mail.address_encrypted or b"", mail.content_encrypted or b"")
    try:
        address, content = unseal(work.ring.columns, sealed, context.tenant)
        letter = write_letter(mail.template, content, work.settings.web_url)
        message = compose(letter, address, work.settings, mail_id=mail.id, now=work.clock())
        await transport_of(work.settings).send(message)
    except (UndecipherableError, MailRefusedError) as error:
        reason = f"{type(error).__name__}: {error}"
        logger.warning("mail_failed", mail=str(mail.id), template=mail.template, reason=reason)
        return MailStatus.FAILED
    return MailStatus.SENT

"""Mails are written in the transaction of their cause, and leave by a job when it has committed.

A mail is the name of a text template in `templates/` and what goes into it; the first line is the subject, and
the HTML form is made from the text. Templates also see `web_url`: a link stands on a line of its own and carries
its token behind `#`, where no server's log sees it.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import insert
from sqlalchemy.ext.asyncio import AsyncSession

from api.mails.sealing import seal
from api.mails.tasks import send_outgoing_mail
from core.ids import new_id
from core.jobs import enqueue, enqueue_many
from core.keys import KeyRing
from core.models import OutgoingMail
from core.tenancy import TenantContext


@dataclass(frozen=True)
class Mail:
    """Which template goes to which address with what in it. Without a school it is the district's own."""

    template: str
    address: str
    content: dict[str, str]
    school_id: UUID | None = None


async def send_mail(session: AsyncSession, keys: KeyRing, mail: Mail) -> UUID:
    """Write a mail and the job that sends it; both are gone if the caller's transaction rolls back."""
    row = _row(session, keys, mail)
    await session.execute(insert(OutgoingMail).values(row))
    mail_id: UUID = row["id"]
    await enqueue(session, send_outgoing_mail, mail_id=mail_id)
    return mail_id


async def send_mails(session: AsyncSession, keys: KeyRing, mails: Sequence[Mail]) -> None:
    """Write many mails and their jobs: two statements for all."""
    if not mails:
        return
    rows = [_row(session, keys, mail) for mail in mails]
    await session.execute(insert(OutgoingMail), rows)
    await enqueue_many(session, send_outgoing_mail, [{"mail_id": row["id"]} for row in rows])


def _row(session: AsyncSession, keys: KeyRing, mail: Mail) -> dict[str, Any]:
    context: TenantContext = session.info["context"]
    sealed = seal(keys.columns, mail.address, mail.content, context.tenant)
    return {
        "district_id": context.tenant.value,
        "school_id": mail.school_id or context.scope.school_id,
        "id": new_id(),
        "template": mail.template,
        "address_encrypted": sealed.address,
        "content_encrypted": sealed.content,
    }

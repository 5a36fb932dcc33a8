"""Mails on their way, and the calls of `auth.*` for the tokens inside them."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import Select, Update, select, text, update

from core.models import MailStatus, OutgoingMail
from core.tenancy import TenantId

CREATE_TOKEN = text("SELECT auth.create_mailed_token(:token_hash, :purpose, :user_id, :expires_at)")
FIND_TOKEN = text("SELECT user_id, district_id FROM auth.find_mailed_token(:token_hash, :purpose, :now)")
USE_TOKEN = text("SELECT user_id, district_id FROM auth.use_mailed_token(:token_hash, :purpose, :now)")
VOID_TOKENS = text("SELECT auth.void_mailed_tokens(:user_id, :purpose, :now)")


def waiting_mail(tenant: TenantId, mail_id: UUID) -> Select[tuple[OutgoingMail]]:
    return select(OutgoingMail).where(
        OutgoingMail.district_id == tenant.value,
        OutgoingMail.id == mail_id,
        OutgoingMail.status == MailStatus.WAITING,
    )


def mail_over(tenant: TenantId, mail_id: UUID, status: MailStatus, now: datetime) -> Update:
    """Close a mail; whom it was for and what it said is erased with that."""
    return (
        update(OutgoingMail)
        .where(OutgoingMail.district_id == tenant.value, OutgoingMail.id == mail_id)
        .values(
            status=status,
            sent_at=now if status is MailStatus.SENT else None,
            address_encrypted=None,
            content_encrypted=None,
        )
    )

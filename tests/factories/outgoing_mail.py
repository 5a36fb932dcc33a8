from sqlalchemy.orm import Session

from core.ids import new_id
from core.models import OutgoingMail, User
from tests.factories.saving import saved


def make_outgoing_mail(session: Session, user: User) -> OutgoingMail:
    """A mail that waits for a worker; nobody has the key to its address."""
    mail = OutgoingMail(
        district_id=user.district_id,
        school_id=user.school_id,
        id=new_id(),
        template="verify_email",
        address_encrypted=b"unreadable",
        content_encrypted=b"unreadable",
    )
    return saved(session, mail)

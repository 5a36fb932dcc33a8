"""The first sign-in through a provider: the account is made, and linked to issuer and subject for good."""

import re
import secrets
from uuid import UUID

from pydantic import TypeAdapter, ValidationError
from sqlalchemy.ext.asyncio import AsyncSession

from api.auth.sessions import SignInDesk
from api.classes.enrollments import request_place
from api.invitations.service import accept_invitation, find_invitation
from api.oidc import queries
from api.oidc.errors import AddressInUseError, NotLinkedError, SignInRefusedError
from api.oidc.pending import ClassPlace
from api.oidc.providers import ProvedIdentity
from api.registration.people import Newcomer, add_person, new_student
from api.registration.queries import MARK_EMAIL_VERIFIED
from api.registration.service import find_class, invited_user
from api.schemas import MailAddress, PersonName
from core.models import User
from core.passwords import hash_password
from core.tenancy import DISTRICT_SCOPE, Scope, TenantContext, TenantId

Person = tuple[TenantId, UUID]

LONGEST_NAME = 200

_mail_address: TypeAdapter[str] = TypeAdapter(MailAddress)
_person_name: TypeAdapter[str] = TypeAdapter(PersonName)
_WORD = re.compile(r"[^\W_]+")


async def arrive_invited(desk: SignInDesk, identity: ProvedIdentity, invitation_token: str) -> Person:
    """Make the teacher or admin of an invitation, if the provider vouches for the invited address.

    Raises InvalidInvitationError, NotLinkedError for an address nobody verified, AddressInUseError.
    """
    email = _verified_email(identity)
    found = await find_invitation(desk.database, invitation_token)
    password_hash = await _no_password()
    async with desk.database.tenant_transaction(TenantContext(found.tenant, DISTRICT_SCOPE)) as session:
        invitation = await accept_invitation(session, found, None, email, now=desk.now)
        user = invited_user(invitation, _name(identity))
        await _add(session, desk, (user, password_hash), identity)
    return found.tenant, user.id


async def arrive_in_class(desk: SignInDesk, identity: ProvedIdentity, place: ClassPlace) -> Person:
    """Make a student with a pending place in the class. Raises InvalidClassCodeError, and as `arrive_invited`."""
    email = _verified_email(identity)
    found = await find_class(desk, place.class_code)
    tenant = TenantId.from_auth_function(found.district_id)
    newcomer = Newcomer(_name(identity), email, place.grade_level, place.birth_date)
    user = new_student(desk.keys.columns, found, newcomer)
    password_hash = await _no_password()
    context = TenantContext(tenant, Scope(found.school_id), user.id)
    async with desk.database.tenant_transaction(context) as session:
        await _add(session, desk, (user, password_hash), identity)
        await request_place(session, user, found.class_id, now=desk.now)
    return tenant, user.id


async def _add(
    session: AsyncSession, desk: SignInDesk, person: tuple[User, str], identity: ProvedIdentity
) -> None:
    user, password_hash = person
    if not await add_person(session, desk.keys, user, password_hash, now=desk.now):
        raise AddressInUseError
    await session.execute(MARK_EMAIL_VERIFIED, {"user_id": user.id, "now": desk.now})
    link = {"issuer": identity.issuer, "subject": identity.subject, "user_id": user.id}
    if not await session.scalar(queries.LINK_IDENTITY, link):
        raise SignInRefusedError  # linked by a racing sign-in; the next try finds it


async def _no_password() -> str:
    """The hash of a secret nobody has: the account opens through its provider, or after a password reset."""
    return await hash_password(secrets.token_urlsafe(32))


def _verified_email(identity: ProvedIdentity) -> str:
    """Return the address as people who register with us give it. Raises NotLinkedError where they could not."""
    if identity.email is None or not identity.is_email_verified:
        raise NotLinkedError
    try:
        return _mail_address.validate_python(identity.email)
    except ValidationError as error:
        raise NotLinkedError from error


def _name(identity: ProvedIdentity) -> str:
    """Return the name they have at the provider, or the words of their address where that is not a name."""
    try:
        return _person_name.validate_python(identity.name[:LONGEST_NAME])
    except ValidationError:
        local = (identity.email or "").partition("@")[0]
        return " ".join(_WORD.findall(local)) or local

"""Registration. The answer is the same for a new and a known address, and takes the same time."""

from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import Row
from sqlalchemy.ext.asyncio import AsyncSession

from api.auth import queries
from api.auth.errors import GuardianConsentRequiredError, InvalidClassCodeError, InvalidInvitationError
from api.auth.invitations import token_digest
from api.auth.schemas import StaffRegistration, StudentRegistration
from api.auth.sessions import SignInDesk
from api.classes.codes import class_code_digest
from api.classes.enrollments import request_place
from core.ids import new_id
from core.models import Invitation, InvitationStatus, User, UserStatus
from core.passwords import hash_password, require_strength
from core.tenancy import DISTRICT_SCOPE, Role, Scope, TenantContext, TenantId

CONSENT_AGE = 13
"""COPPA: under this age a guardian decides."""


class _AddressTakenError(Exception):
    """Rolls the registration back; the caller never learns of it."""


def age_on(day: date, birth_date: date) -> int:
    """Return completed years; someone born on 29 February turns a year older on 1 March."""
    had_birthday = (day.month, day.day) >= (birth_date.month, birth_date.day)
    return day.year - birth_date.year - (0 if had_birthday else 1)


async def register_student(desk: SignInDesk, body: StudentRegistration) -> None:
    """Create a student in the class's school with a pending place in the class.

    Raises GuardianConsentRequiredError, WeakPasswordError or InvalidClassCodeError; nothing is stored then.
    """
    if age_on(desk.now.date(), body.birth_date) < CONSENT_AGE:
        raise GuardianConsentRequiredError
    require_strength(body.password, [body.name, body.email])
    place = await _find_class(desk, body.class_code)
    password_hash = await hash_password(body.password)
    tenant = TenantId.from_auth_function(place.district_id)
    user = User(
        district_id=tenant.value,
        id=new_id(),
        school_id=place.school_id,
        role=Role.STUDENT,
        name=body.name,
        email=body.email.lower(),
        grade_level=body.grade_level,
        status=UserStatus.ACTIVE,
    )
    context = TenantContext(tenant, Scope(place.school_id), user.id)
    try:
        async with desk.database.tenant_transaction(context) as session:
            is_new = await _create_user(session, desk, user, password_hash)
            await request_place(session, user, place.class_id, now=desk.now)
            _keep_only(is_new)
    except _AddressTakenError:
        return


async def register_staff(desk: SignInDesk, body: StaffRegistration, role: Role) -> None:
    """Create the teacher or admin an invitation names. Raises WeakPasswordError or InvalidInvitationError."""
    require_strength(body.password, [body.name, body.email])
    async with desk.database.auth_session() as session:
        lookup = {"token_hash": token_digest(body.invitation_token)}
        found = (await session.execute(queries.FIND_INVITATION, lookup)).one()
    if found.district_id is None:
        raise InvalidInvitationError
    password_hash = await hash_password(body.password)
    context = TenantContext(TenantId.from_auth_function(found.district_id), DISTRICT_SCOPE)
    try:
        async with desk.database.tenant_transaction(context) as session:
            invitation = await _accept(session, desk, found.invitation_id, (role, body.email))
            _keep_only(await _create_user(session, desk, _invited_user(invitation, body), password_hash))
    except _AddressTakenError:
        return


async def _find_class(desk: SignInDesk, code: str) -> Row[Any]:
    async with desk.database.auth_session() as session:
        lookup = {"code_hash": class_code_digest(code), "now": desk.now}
        place = (await session.execute(queries.FIND_CLASS_CODE, lookup)).one()
    if place.class_id is None:
        raise InvalidClassCodeError(field="class_code")
    return place


async def _accept(
    session: AsyncSession, desk: SignInDesk, invitation_id: UUID, claim: tuple[Role, str]
) -> Invitation:
    """Mark the invitation accepted by the person it was meant for."""
    context: TenantContext = session.info["context"]
    invitation: Invitation | None = await session.scalar(
        queries.open_invitation(context.tenant, invitation_id)
    )
    if (
        invitation is None
        or invitation.expires_at <= desk.now
        or (invitation.role, invitation.email) != (claim[0], claim[1].lower())
    ):
        raise InvalidInvitationError
    invitation.status = InvitationStatus.ACCEPTED
    return invitation


def _invited_user(invitation: Invitation, body: StaffRegistration) -> User:
    return User(
        district_id=invitation.district_id,
        id=new_id(),
        school_id=invitation.school_id,
        role=invitation.role,
        name=body.name,
        email=invitation.email,
        status=UserStatus.ACTIVE,
    )


async def _create_user(session: AsyncSession, desk: SignInDesk, user: User, password_hash: str) -> bool:
    """Write the user and the sign-in; return whether the address is new.

    For a known address a stand-in is written, so that both take the same time; the caller rolls it back.
    """
    identity = {
        "user_id": user.id,
        "email_index": desk.keys.email_index(user.email),
        "password_hash": password_hash,
    }
    is_new = bool(await session.scalar(queries.CREATE_IDENTITY, identity))
    if not is_new:
        user.email = f"{user.id}@address-taken.invalid"
    session.add(user)
    await session.flush()
    return is_new


def _keep_only(is_new: bool) -> None:
    if not is_new:
        raise _AddressTakenError

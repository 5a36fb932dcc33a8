"""Registration. The answer is the same for a new and a known address, and takes the same time."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from typing import Any

from sqlalchemy import Row
from sqlalchemy.ext.asyncio import AsyncSession

from api.auth.sessions import SignInDesk
from api.classes.codes import class_code_digest
from api.classes.enrollments import request_place
from api.classes.errors import InvalidClassCodeError
from api.classes.queries import FIND_CLASS_CODE
from api.consents.requests import Wish, guardian_of, request_consent
from api.invitations.service import accept_invitation, find_invitation
from api.mails.tokens import Purpose, find_token, use_token
from api.registration import queries
from api.registration.people import AddressTakenError, Newcomer, add_person, keep_only, new_student
from api.registration.requests import Kind, put_address_request
from api.registration.schemas import EmailVerification, StaffRegistration, StudentRegistration
from core.audit import record_audit
from core.consents import is_minor
from core.db import savepoint
from core.ids import new_id
from core.models import Invitation, User, UserStatus
from core.passwords import check_strength, hash_password
from core.tenancy import DISTRICT_SCOPE, Role, Scope, TenantContext, TenantId


async def register_student(desk: SignInDesk, body: StudentRegistration) -> None:
    """Create a student in the class's school with a pending place in the class; under 13, ask the guardian.

    Raises WeakPasswordError, InvalidClassCodeError or GuardianEmailRequiredError; nothing is stored then.
    """
    await _require_strength(desk, body, Role.STUDENT)
    place = await find_class(desk, body.class_code)
    if is_minor(body.birth_date, desk.now.date()):
        await _ask_guardian(desk, body, place)
    else:
        await _create_student(desk, body, place)


async def _ask_guardian(desk: SignInDesk, body: StudentRegistration, place: Row[Any]) -> None:
    """Keep the name, the guardian's address and the class; password, birth date and own address are forgotten."""
    guardian = guardian_of(body.email, body.guardian_email)
    wish = Wish(body.name, guardian, class_id=place.class_id, school_id=place.school_id)
    await request_consent(desk, TenantId.from_auth_function(place.district_id), wish)


async def _create_student(desk: SignInDesk, body: StudentRegistration, place: Row[Any]) -> None:
    password_hash = await hash_password(body.password)
    newcomer = Newcomer(body.name, body.email, body.grade_level, body.birth_date)
    user = new_student(desk.keys.columns, place, newcomer)
    tenant = TenantId.from_auth_function(place.district_id)
    context = TenantContext(tenant, Scope(place.school_id), user.id)
    async with desk.database.tenant_transaction(context) as session:
        async with _if_address_is_new(session):
            is_new = await add_person(session, desk.keys, user, password_hash, now=desk.now)
            await request_place(session, user, place.class_id, now=desk.now)
            keep_only(is_new)
        await put_address_request(session, desk.keys, Kind.REGISTER, body.email, newcomer_id=user.id)


async def register_staff(desk: SignInDesk, body: StaffRegistration, role: Role) -> None:
    """Create the teacher or admin an invitation names. Raises WeakPasswordError or InvalidInvitationError.

    The invitation was mailed, so whoever holds it has the address.
    """
    await _require_strength(desk, body, role)
    found = await find_invitation(desk.database, body.invitation_token)
    password_hash = await hash_password(body.password)
    context = TenantContext(found.tenant, DISTRICT_SCOPE)
    user_id = new_id()
    async with desk.database.tenant_transaction(context) as session:
        async with _if_address_is_new(session):
            invitation = await accept_invitation(session, found, role, body.email, now=desk.now)
            user = invited_user(invitation, body.name)
            user.id = user_id
            is_new = await add_person(session, desk.keys, user, password_hash, now=desk.now)
            await session.execute(queries.MARK_EMAIL_VERIFIED, {"user_id": user.id, "now": desk.now})
            keep_only(is_new)
        await put_address_request(session, desk.keys, Kind.REGISTER, body.email, newcomer_id=user_id)


def invited_user(invitation: Invitation, name: str) -> User:
    """The person an invitation names, not yet stored."""
    return User(
        district_id=invitation.district_id,
        id=new_id(),
        school_id=invitation.school_id,
        role=invitation.role,
        name=name,
        email=invitation.email,
        status=UserStatus.ACTIVE,
    )


async def ask_about_address(desk: SignInDesk, kind: Kind, email: str) -> None:
    """Write a request about an address down, known or not."""
    async with desk.database.auth_session() as session:
        await put_address_request(session, desk.keys, kind, email)


async def verify_email(desk: SignInDesk, body: EmailVerification) -> None:
    """Take the address of a mailed link as its owner's. Raises InvalidLinkError."""
    owner = await find_token(desk.database, Purpose.VERIFY, body.token, now=desk.now)
    async with desk.database.tenant_transaction(owner.context) as session:
        await use_token(session, Purpose.VERIFY, body.token, now=desk.now)
        await session.execute(queries.MARK_EMAIL_VERIFIED, {"user_id": owner.user_id, "now": desk.now})
        await record_audit(
            session,
            None,
            "email_verified",
            ("user", owner.user_id),
            now=desk.now,
            subject_id=owner.user_id,
        )


@asynccontextmanager
async def _if_address_is_new(session: AsyncSession) -> AsyncIterator[None]:
    """A savepoint that a taken address rolls back; what the caller writes after it stays."""
    with suppress(AddressTakenError):
        async with savepoint(session):
            yield


async def _require_strength(
    desk: SignInDesk, body: StudentRegistration | StaffRegistration, role: Role
) -> None:
    refused = desk.settings.password_blocklist_path
    await check_strength(body.password, [body.name, body.email], role, refused)


async def find_class(desk: SignInDesk, code: str) -> Row[Any]:
    """Find the class, school and district of a code. Raises InvalidClassCodeError."""
    async with desk.database.auth_session() as session:
        lookup = {"code_hash": class_code_digest(code), "now": desk.now}
        place = (await session.execute(FIND_CLASS_CODE, lookup)).one()
    if place.class_id is None:
        raise InvalidClassCodeError(field="class_code")
    return place

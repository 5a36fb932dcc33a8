"""The guardian has agreed: the child finishes the registration, and the request's id becomes the student's."""

from contextlib import suppress

from sqlalchemy.ext.asyncio import AsyncSession

from api.auth.sessions import SignInDesk
from api.classes.enrollments import request_place
from api.consents import queries
from api.consents.errors import NotAChildError
from api.consents.requests import guardian_address, guardian_of
from api.consents.schemas import ChildRegistration
from api.mails.errors import InvalidLinkError
from api.mails.tokens import Purpose, TokenOwner, find_token, use_token
from api.registration.people import AddressTakenError, add_person, keep_only
from api.registration.requests import Kind, put_address_request
from core.consents import has_consent, is_minor, seal_birth_date
from core.db import savepoint
from core.models import ConsentRequest, ConsentRequestStatus, ConsentScope, User, UserStatus
from core.passwords import check_strength, hash_password
from core.tenancy import Role


async def register_child(desk: SignInDesk, body: ChildRegistration) -> None:
    """Make the student with a pending place in the class. The answer is the same for a known address.

    The token stays good when the address was taken, so that the child can try another.
    Raises NotAChildError for whoever says to be older now than when the guardian was asked, WeakPasswordError,
    InvalidLinkError or GuardianEmailRequiredError.
    """
    if not is_minor(body.birth_date, desk.now.date()):
        raise NotAChildError(field="birth_date")
    refused = desk.settings.password_blocklist_path
    await check_strength(body.password, [body.email], Role.STUDENT, refused)
    owner = await find_token(desk.database, Purpose.COMPLETE, body.registration_token, now=desk.now)
    password_hash = await hash_password(body.password)
    async with desk.database.tenant_transaction(owner.context) as session:
        request = await _granted_request(session, owner)
        guardian_of(body.email, guardian_address(desk.keys.columns, request))
        student = _student(desk, owner, request, body)
        with suppress(AddressTakenError):
            async with savepoint(session):
                await use_token(session, Purpose.COMPLETE, body.registration_token, now=desk.now)
                is_new = await add_person(session, desk.keys, student, password_hash, now=desk.now)
                await request_place(session, student, request.class_id, now=desk.now, even_if_full=True)
                request.status, request.child_name = ConsentRequestStatus.COMPLETED, None
                keep_only(is_new)
        await put_address_request(session, desk.keys, Kind.REGISTER, body.email, newcomer_id=student.id)


async def _granted_request(session: AsyncSession, owner: TokenOwner) -> ConsentRequest:
    """Lock the request: no withdrawal comes between this and the account. Raises InvalidLinkError."""
    statement = queries.request_with_school(owner.tenant, owner.user_id)
    request: ConsentRequest | None = await session.scalar(statement.with_for_update(of=ConsentRequest))
    if request is None or request.status is not ConsentRequestStatus.GRANTED:
        raise InvalidLinkError
    if not await has_consent(session, owner.tenant, request.id, ConsentScope.COLLECTION):
        raise InvalidLinkError
    return request


def _student(desk: SignInDesk, owner: TokenOwner, request: ConsentRequest, body: ChildRegistration) -> User:
    return User(
        district_id=request.district_id,
        id=request.id,
        school_id=request.school_id,
        role=Role.STUDENT,
        name=request.child_name,
        email=body.email.lower(),
        grade_level=body.grade_level,
        birth_date_encrypted=seal_birth_date(desk.keys.columns, body.birth_date, owner.tenant),
        status=UserStatus.ACTIVE,
    )

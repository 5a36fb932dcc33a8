"""New passwords: by a mailed link, or by who knows the old one. Either way others are signed out and a mail tells."""

from sqlalchemy.ext.asyncio import AsyncSession

from api.auth.devices import issue_device_token
from api.auth.errors import InvalidCredentialsError
from api.auth.guessing import Guess, GuessGuard
from api.auth.sessions import SignInDesk, require_unchanged
from api.mails.errors import InvalidLinkError
from api.mails.service import Mail, send_mail
from api.mails.tokens import Purpose, TokenOwner, find_token, use_token, void_tokens
from api.passwords import queries
from api.passwords.errors import WrongPasswordError
from api.passwords.schemas import PasswordChange, PasswordReset
from api.registration.queries import MARK_EMAIL_VERIFIED, person
from core.audit import record_audit
from core.errors import NotFoundError
from core.models import User
from core.passwords import check_strength, hash_password, verify_password
from core.sessions import end_sessions, hold_person
from core.tenancy import Actor


async def reset_password(desk: SignInDesk, guard: GuessGuard, body: PasswordReset) -> str:
    """Set the password of whom the link was mailed to; they are signed out everywhere, and slowed down no longer.

    Returns a token for their device: whoever guessed them out goes on guessing. Raises InvalidLinkError or
    WeakPasswordError; a weak one leaves the link good.
    """
    owner = await find_token(desk.database, Purpose.RESET, body.token, now=desk.now)
    user = await _owner(desk, owner)
    password_hash = await _hash_of_new(desk, user, body.password)
    async with desk.database.tenant_transaction(owner.context) as session:
        await hold_person(session, user.id, is_alone=True)
        await use_token(session, Purpose.RESET, body.token, now=desk.now)
        await session.execute(MARK_EMAIL_VERIFIED, {"user_id": user.id, "now": desk.now})
        await _set_password(session, desk, user, password_hash)
        await end_sessions(session, user.id, now=desk.now)
        await record_audit(
            session,
            None,
            "password_reset",
            ("user", user.id),
            now=desk.now,
            school_id=user.school_id,
            subject_id=user.id,
        )
    email_index = desk.keys.email_index(user.email)
    await guard.forget(email_index)
    return issue_device_token(desk.keys, email_index, desk.now)


async def change_password(desk: SignInDesk, guard: GuessGuard, actor: Actor, body: PasswordChange) -> None:
    """Replace one's own password; every other session of the person ends.

    Raises WrongPasswordError, WeakPasswordError or TooManyGuessesError: a stolen session is no place to guess.
    """
    async with desk.database.tenant_transaction(actor.context) as session:
        user: User | None = await session.scalar(person(actor.tenant, actor.user_id))
        stored = await session.scalar(queries.CREDENTIALS_OF, {"user_id": actor.user_id})
    if user is None:
        raise NotFoundError
    await _require_current(desk, guard, (actor, user), (body.current_password, stored))
    password_hash = await _hash_of_new(desk, user, body.new_password)
    async with desk.database.tenant_transaction(actor.context) as session:
        await hold_person(session, user.id, is_alone=True)
        await _require_unchanged(session, user, stored)
        await _set_password(session, desk, user, password_hash)
        await end_sessions(session, user.id, now=desk.now, keep=actor.session_id)
        await record_audit(
            session, actor, "password_changed", ("user", user.id), now=desk.now, subject_id=user.id
        )


async def _require_current(
    desk: SignInDesk, guard: GuessGuard, who: tuple[Actor, User], passwords: tuple[str, str | None]
) -> None:
    """Check the current password; failures count for this session alone, so they lock nobody out."""
    actor, user = who
    guess = Guess(
        desk.keys.email_index(user.email), f"session:{actor.session_id}", f"session:{actor.session_id}"
    )
    try:
        async with guard.attempt(guess, desk.now):
            await _compare(*passwords)
    except InvalidCredentialsError as error:
        raise WrongPasswordError(field="current_password") from error


async def _require_unchanged(session: AsyncSession, user: User, stored: str | None) -> None:
    """Refuse who knew the password before it was reset: it is no longer the current one."""
    try:
        await require_unchanged(session, user.id, stored or "")
    except InvalidCredentialsError as error:
        raise WrongPasswordError(field="current_password") from error


async def _compare(password: str, stored: str | None) -> None:
    if not await verify_password(password, stored):
        raise InvalidCredentialsError


async def _owner(desk: SignInDesk, owner: TokenOwner) -> User:
    async with desk.database.tenant_transaction(owner.context) as session:
        user: User | None = await session.scalar(person(owner.tenant, owner.user_id))
    if user is None:
        raise InvalidLinkError
    return user


async def _hash_of_new(desk: SignInDesk, user: User, password: str) -> str:
    refused = desk.settings.password_blocklist_path
    await check_strength(password, [user.name, user.email], user.role, refused)
    return await hash_password(password)


async def _set_password(session: AsyncSession, desk: SignInDesk, user: User, password_hash: str) -> None:
    """Store the hash, void the links that were mailed before, and tell the owner."""
    row = {"user_id": user.id, "password_hash": password_hash}
    await session.execute(queries.CHANGE_PASSWORD_HASH, row)
    await void_tokens(session, Purpose.RESET, user.id, now=desk.now)
    content = {"name": user.name, "moment": f"{desk.now:%d %B %Y at %H:%M} UTC"}
    await send_mail(session, desk.keys, Mail("password_changed", user.email, content, user.school_id))

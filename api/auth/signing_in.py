"""Signing in with address and password: equally slow, and equally silent, for every reason to refuse."""

from contextlib import suppress
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Row

from api.auth import queries
from api.auth.device_names import device_name
from api.auth.devices import issue_device_token
from api.auth.errors import InvalidCredentialsError
from api.auth.guessing import Guess, GuessGuard
from api.auth.schemas import Login, Tokens
from api.auth.sessions import SignInDesk, open_session, require_unchanged
from api.registration.requests import Kind, put_address_request
from core.passwords import hash_password, needs_rehash, verify_password
from core.sessions import hold_person
from core.tenancy import DISTRICT_SCOPE, TenantContext, TenantId


@dataclass(frozen=True)
class Caller:
    """Who knocks, as far as a request tells."""

    address: str
    user_agent: str | None = None
    device_token: str | None = None


async def log_in(desk: SignInDesk, guard: GuessGuard, login: Login, caller: Caller) -> Tokens:
    """Check the password and open a session.

    Raises InvalidCredentialsError for a wrong password, an unknown address and a closed account alike,
    TooManyGuessesError, and GuardianConsentRequiredError for who may sign in when a guardian has consented.
    """
    guess = Guess.of(
        desk.keys,
        login.email,
        address=caller.address,
        device_token=login.device_token or caller.device_token,
        now=desk.now,
    )
    try:
        async with guard.attempt(guess, desk.now):
            tokens = await _open(desk, login, caller)
    except InvalidCredentialsError:
        await _note_failure(desk, login.email)
        raise
    return tokens.model_copy(
        update={"device_token": issue_device_token(desk.keys, guess.email_index, desk.now)}
    )


async def _open(desk: SignInDesk, login: Login, caller: Caller) -> Tokens:
    """Open a session, at the second try if need be: another sign-in may have hashed the same password anew."""
    identity = await _identity(desk, login)
    try:
        return await _open_as(identity, desk, login, caller)
    except InvalidCredentialsError:
        again = await _identity(desk, login)
        if again.password_hash == identity.password_hash:
            raise
    return await _open_as(again, desk, login, caller)


async def _identity(desk: SignInDesk, login: Login) -> Row[Any]:
    """One row for every address; all empty for an unknown one."""
    async with desk.database.auth_session() as session:
        lookup = {"email_index": desk.keys.email_index(login.email)}
        return (await session.execute(queries.FIND_IDENTITY, lookup)).one()


async def _open_as(identity: Row[Any], desk: SignInDesk, login: Login, caller: Caller) -> Tokens:
    if not await verify_password(login.password, identity.password_hash):
        raise InvalidCredentialsError
    tenant = TenantId.from_auth_function(identity.district_id)
    device = device_name(login.device_name, caller.user_agent)
    tokens = await open_session(
        desk, tenant, identity.user_id, device=device, verified_hash=identity.password_hash
    )
    if needs_rehash(identity.password_hash):
        with suppress(InvalidCredentialsError):  # changed meanwhile: there is nothing left to renew
            await _rehash(desk, tenant, identity, login.password)
    return tokens


async def _rehash(desk: SignInDesk, tenant: TenantId, identity: Row[Any], password: str) -> None:
    """Store the password under today's parameters: only now does anybody know it.

    Raises InvalidCredentialsError when it is the password no longer.
    """
    renewed = await hash_password(password)
    context = TenantContext(tenant, DISTRICT_SCOPE, identity.user_id)
    async with desk.database.tenant_transaction(context) as session:
        await hold_person(session, identity.user_id, is_alone=True)
        await require_unchanged(session, identity.user_id, identity.password_hash)
        owner = {"user_id": identity.user_id, "password_hash": renewed}
        await session.execute(queries.CHANGE_PASSWORD_HASH, owner)


async def _note_failure(desk: SignInDesk, email: str) -> None:
    """Leave a note for the audit trail, whoever the address belongs to: a job finds out, not the caller."""
    async with desk.database.auth_session() as session:
        await put_address_request(session, desk.keys, Kind.FAILED_SIGN_IN, email)

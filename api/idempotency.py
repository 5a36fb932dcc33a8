"""`Idempotency-Key`: the same POST twice has one effect and one answer.

The key's row is written in the transaction of the effect, so neither can exist without the other. A second
request with the same key waits for the first one's transaction and then repeats its answer.
"""

import hashlib
from collections.abc import Awaitable, Callable
from typing import Annotated, Any, TypeVar

from fastapi import Depends, Header, Request
from pydantic import BaseModel
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession
from starlette.types import Message

from api.deps import Db, SignedIn
from core.errors import InvalidInputError
from core.tenancy import Actor

KEY_LENGTH = 200

T = TypeVar("T", bound=BaseModel)


class IdempotencyKeyReusedError(InvalidInputError):
    """This Idempotency-Key was used with another request; use a new one."""

    code = "idempotency_key_reused"


_CLAIM = text(
    """
    INSERT INTO app.idempotency_keys (district_id, user_id, route, key, school_id, fingerprint)
    VALUES (:district_id, :user_id, :route, :key, :school_id, :fingerprint)
    ON CONFLICT DO NOTHING RETURNING 1
    """
)
_RECALL = text(
    """
    SELECT fingerprint, response FROM app.idempotency_keys
    WHERE district_id = :district_id AND user_id = :user_id AND route = :route AND key = :key
    """
)
_REMEMBER = text(
    """
    UPDATE app.idempotency_keys SET response = CAST(:response AS jsonb), updated_at = now()
    WHERE district_id = :district_id AND user_id = :user_id AND route = :route AND key = :key
    """
)


class Once:
    """Runs an effect once per key; without a key it just runs it."""

    def __init__(self, session: AsyncSession, actor: Actor, request: Request, key: str | None) -> None:
        self._session = session
        self._actor = actor
        self._request = request
        self._key = key

    async def run(self, answer: type[T], effect: Callable[[], Awaitable[T]]) -> T:
        """Return `effect()`, or the `answer` an earlier request with this key received.

        Raises IdempotencyKeyReusedError when that request had another body.
        """
        if self._key is None:
            return await effect()
        fingerprint = await self._fingerprint()
        if await self._session.scalar(_CLAIM, {**self._row, "fingerprint": fingerprint}):
            result = await effect()
            await self._session.execute(_REMEMBER, {**self._row, "response": result.model_dump_json()})
            return result
        earlier = (await self._session.execute(_RECALL, self._row)).one()
        if earlier.fingerprint != fingerprint:
            raise IdempotencyKeyReusedError(field="Idempotency-Key")
        return answer.model_validate(earlier.response)

    @property
    def _row(self) -> dict[str, Any]:
        return {
            "district_id": self._actor.district_id,
            "user_id": self._actor.user_id,
            "school_id": self._actor.school_id,
            "route": f"{self._request.method} {self._request.url.path}",
            "key": self._key,
        }

    async def _fingerprint(self) -> str:
        body = await self._request.body()
        if not self._request.headers.get("Content-Type", "").startswith("multipart/"):
            return hashlib.sha256(body).hexdigest()
        return await _fingerprint_of_form(self._request, body)


async def _fingerprint_of_form(request: Request, body: bytes) -> str:
    """Two sendings of one file differ in the boundaries of their parts, not in what they hold."""

    async def receive_again() -> Message:
        return {"type": "http.request", "body": body, "more_body": False}

    digest = hashlib.sha256(request.url.query.encode())  # where uploads take their options
    async with Request(request.scope, receive_again).form(max_files=1, max_fields=10) as form:
        for name, value in form.multi_items():
            content = value.encode() if isinstance(value, str) else await value.read()
            digest.update(f"{name}:{len(content)}:".encode() + content)
    return digest.hexdigest()


async def get_once(
    session: Db,
    actor: SignedIn,
    request: Request,
    idempotency_key: Annotated[
        str | None,
        Header(max_length=KEY_LENGTH, pattern=r"^[\x21-\x7e]+$", description="Makes a retry safe; kept 24 h"),
    ] = None,
) -> Once:
    return Once(session, actor, request, idempotency_key)


Idempotent = Annotated[Once, Depends(get_once, scope="function")]

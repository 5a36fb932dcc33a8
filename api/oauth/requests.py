"""What a client asks for (RFC 6749 section 4.1, RFC 7636), checked before anybody is shown a page."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import urlencode

from api.oauth import queries
from api.oauth.errors import AuthorizationRefusedError, PageRefusedError
from core.db import Database

_CHALLENGE = re.compile(r"[A-Za-z0-9_-]{43}")
"""The unpadded base64url of a SHA-256."""

LONGEST_STATE = 1000


@dataclass(frozen=True)
class Client:
    """A registered application; public, so PKCE stands in for a secret."""

    client_id: str
    name: str
    redirect_uris: tuple[str, ...]


@dataclass(frozen=True)
class AuthorizationRequest:
    """A request whose client and address are known; `parameters` are what the page carries along."""

    client: Client
    redirect_uri: str
    state: str | None
    code_challenge: str

    @property
    def parameters(self) -> dict[str, str]:
        asked = {
            "response_type": "code",
            "client_id": self.client.client_id,
            "redirect_uri": self.redirect_uri,
            "code_challenge": self.code_challenge,
            "code_challenge_method": "S256",
        }
        return asked if self.state is None else {**asked, "state": self.state}


@dataclass(frozen=True)
class Destination:
    """Where the answer goes: an address the client registered, and what it wants to hear again."""

    client: Client
    redirect_uri: str
    state: str | None
    issuer: str

    def answer(self, **parameters: str) -> str:
        """Return the address with the answer; `iss` says whose it is (RFC 9207)."""
        echoed = {} if self.state is None else {"state": self.state}
        query = urlencode({**parameters, **echoed, "iss": self.issuer})
        return f"{self.redirect_uri}{'&' if '?' in self.redirect_uri else '?'}{query}"


async def find_client(database: Database, client_id: str) -> Client | None:
    """Return the registered client, or None."""
    if "\0" in client_id:  # PostgreSQL has no such text
        return None
    async with database.auth_session() as session:
        found = (await session.execute(queries.FIND_CLIENT, {"client_id": client_id})).one_or_none()
    if found is None or found.name is None:
        return None
    return Client(client_id, found.name, tuple(found.redirect_uris))


async def find_destination(database: Database, asked: Mapping[str, str], issuer: str) -> Destination:
    """Return where the answer goes. Raises PageRefusedError: to an address nobody registered nothing is sent."""
    client = await find_client(database, asked.get("client_id", ""))
    redirect_uri = asked.get("redirect_uri", "")
    if client is None or redirect_uri not in client.redirect_uris:
        raise PageRefusedError
    return Destination(client, redirect_uri, asked.get("state"), issuer)


def read_request(destination: Destination, asked: Mapping[str, str]) -> AuthorizationRequest:
    """Return what is asked for. Raises AuthorizationRefusedError with the RFC's code."""
    if asked.get("response_type") != "code":
        raise AuthorizationRefusedError("unsupported_response_type", "Ask for response_type=code.")
    challenge = asked.get("code_challenge", "")
    if asked.get("code_challenge_method") != "S256" or _CHALLENGE.fullmatch(challenge) is None:
        raise AuthorizationRefusedError("invalid_request", "Send a code_challenge of method S256 (PKCE).")
    if len(asked.get("state", "")) > LONGEST_STATE:
        raise AuthorizationRefusedError("invalid_request", "The state is too long.")
    return AuthorizationRequest(destination.client, destination.redirect_uri, destination.state, challenge)

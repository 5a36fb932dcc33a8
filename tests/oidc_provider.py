"""A small OpenID provider as a process of its own: `python -m tests.oidc_provider PORT`.

It signs everybody in as whom `POST /control` names, and can be told to lie in any claim, key or algorithm.
"""

import base64
import hashlib
import json
import secrets
import sys
import time
from typing import Any
from urllib.parse import urlencode

import uvicorn
from joserfc import jwt
from joserfc.jwk import ECKey, OctKey
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, RedirectResponse, Response
from starlette.routing import Route

CLIENT_ID = "homeroom-tests"
CLIENT_SECRET = "not-a-secret-of-anybody"
KEY = ECKey.generate_key("P-256", parameters={"kid": "first", "use": "sig", "alg": "ES256"})
STRANGER = ECKey.generate_key("P-256", parameters={"kid": "first", "use": "sig", "alg": "ES256"})


class Provider:
    """What the next sign-in says, and the codes that are out."""

    def __init__(self, issuer: str) -> None:
        self.issuer = issuer
        self.next: dict[str, Any] = {}
        self.codes: dict[str, dict[str, str]] = {}

    def discovery(self) -> dict[str, Any]:
        return {
            "issuer": self.next.get("published_issuer", self.issuer),
            "authorization_endpoint": f"{self.issuer}/authorize",
            "token_endpoint": f"{self.issuer}/token",
            "jwks_uri": f"{self.issuer}/jwks",
            "response_types_supported": ["code"],
            "subject_types_supported": ["public"],
            "id_token_signing_alg_values_supported": ["ES256", "HS256", "none"],
            "code_challenge_methods_supported": ["S256"],
            "authorization_response_iss_parameter_supported": True,
        }

    def id_token(self, nonce: str) -> str:
        now = int(self.next.get("now", time.time()))
        claims = {
            "iss": self.issuer,
            "aud": CLIENT_ID,
            "iat": now,
            "exp": now + 300,
            "nonce": nonce,
            **self.next.get("claims", {}),
        }
        claims = {name: value for name, value in claims.items() if value is not None}
        forgery = self.next.get("forgery")
        if forgery == "unsigned":
            return _unsigned(claims)
        if forgery == "shared secret":
            return jwt.encode({"alg": "HS256", "kid": "first"}, claims, OctKey.import_key(CLIENT_SECRET))
        key = STRANGER if forgery == "another key" else KEY
        return jwt.encode({"alg": "ES256", "kid": "first"}, claims, key)


def _unsigned(claims: dict[str, Any]) -> str:
    parts = [json.dumps(part).encode() for part in ({"alg": "none", "kid": "first"}, claims)]
    return ".".join([base64.urlsafe_b64encode(part).rstrip(b"=").decode() for part in parts] + [""])


async def control(request: Request) -> Response:
    """Say what the next sign-in answers: {claims, forgery, now, callback}."""
    _provider(request).next = await request.json()
    return Response(status_code=204)


async def discovery(request: Request) -> Response:
    return JSONResponse(_provider(request).discovery())


async def jwks(request: Request) -> Response:
    del request
    return JSONResponse({"keys": [KEY.as_dict(private=False)]})


async def authorize(request: Request) -> Response:
    provider, query = _provider(request), request.query_params
    code = secrets.token_urlsafe(16)
    provider.codes[code] = dict(query)
    answer = {
        "code": code,
        "state": query["state"],
        "iss": provider.issuer,
        **provider.next.get("callback", {}),
    }
    return RedirectResponse(f"{query['redirect_uri']}?{urlencode(answer)}")


async def token(request: Request) -> Response:
    provider, form = _provider(request), await request.form()
    asked = provider.codes.pop(str(form.get("code")), None)
    basic = base64.b64encode(f"{CLIENT_ID}:{CLIENT_SECRET}".encode()).decode()
    challenge = hashlib.sha256(str(form.get("code_verifier")).encode()).digest()
    if (
        asked is None
        or request.headers.get("Authorization") != f"Basic {basic}"
        or asked["redirect_uri"] != form.get("redirect_uri")
        or asked["code_challenge"] != base64.urlsafe_b64encode(challenge).rstrip(b"=").decode()
    ):
        return JSONResponse({"error": "invalid_grant"}, 400)
    id_token = provider.id_token(asked["nonce"])
    return JSONResponse({"access_token": "of no use here", "token_type": "Bearer", "id_token": id_token})


def _provider(request: Request) -> Provider:
    provider: Provider = request.app.state.provider
    return provider


def main() -> None:
    port = int(sys.argv[1])
    routes = [
        Route("/.well-known/openid-configuration", discovery),
        Route("/jwks", jwks),
        Route("/authorize", authorize),
        Route("/token", token, methods=["POST"]),
        Route("/control", control, methods=["POST"]),
    ]
    app = Starlette(routes=routes)
    app.state.provider = Provider(f"http://127.0.0.1:{port}")
    uvicorn.run(app, host="127.0.0.1", port=port, log_level="warning")


if __name__ == "__main__":
    main()

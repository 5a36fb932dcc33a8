"""The public halves of our signing keys, for whoever verifies our access tokens. Not under /api/v1, no envelope."""

from fastapi import APIRouter, Response

from api.deps import Keys, public
from api.envelope import ERROR_RESPONSES
from api.keys.schemas import PublicKey, PublicKeys

router = APIRouter(prefix="/.well-known", tags=["auth"])

FRESH_SECONDS = 60
"""Shorter than a new key is known before it signs (`homeroom keys rotate`): no verifier is surprised by one."""


@router.get("/jwks.json", dependencies=[public()], responses={429: ERROR_RESPONSES[429]})
async def read_public_keys(keys: Keys, response: Response) -> PublicKeys:
    """The keys that verify our access tokens (JSON Web Key Set), those of a coming rotation included."""
    response.headers["Cache-Control"] = f"public, max-age={FRESH_SECONDS}"
    return PublicKeys(keys=[PublicKey.model_validate(key) for key in keys.public_keys])

from typing import Annotated, Literal

from pydantic import BaseModel, Field

from api.schemas import Output


class Asked(BaseModel):
    """Parameters of a client; those nobody knows are ignored, as the RFCs want it."""

    @property
    def given(self) -> dict[str, str]:
        """Only what was sent."""
        return self.model_dump(exclude_none=True)


class AuthorizationQuery(Asked):
    response_type: Annotated[str | None, Field(examples=["code"])] = None
    client_id: str | None = None
    redirect_uri: str | None = None
    code_challenge: str | None = None
    code_challenge_method: Annotated[str | None, Field(examples=["S256"])] = None
    state: str | None = None


class PageForm(AuthorizationQuery):
    """What our own page sends back."""

    form_token: str | None = None
    decision: Annotated[str | None, Field(examples=["sign_in"])] = None
    email: str | None = None
    password: str | None = None


class TokenRequest(BaseModel):
    """RFC 6749 sections 4.1.3 and 6; what is missing is empty."""

    grant_type: Annotated[str, Field(examples=["authorization_code"])] = ""
    client_id: str = ""
    code: str = ""
    redirect_uri: str = ""
    code_verifier: str = ""
    refresh_token: str = ""


class Revocation(BaseModel):
    """RFC 7009 section 2.1."""

    token: str = ""
    client_id: str = ""


class OAuthTokens(Output):
    """RFC 6749 section 5.1."""

    access_token: str
    token_type: Literal["Bearer"] = "Bearer"
    expires_in: Annotated[int, Field(description="Seconds")]
    refresh_token: str


class OAuthRefusal(Output):
    """RFC 6749 section 5.2."""

    error: Annotated[str, Field(examples=["invalid_grant"])]
    error_description: str


class ServerMetadata(Output):
    """RFC 8414."""

    issuer: str
    authorization_endpoint: str
    token_endpoint: str
    revocation_endpoint: str
    jwks_uri: str
    response_types_supported: tuple[str, ...] = ("code",)
    response_modes_supported: tuple[str, ...] = ("query",)
    grant_types_supported: tuple[str, ...] = (
        "authorization_code",
        "refresh_token",
    )
    code_challenge_methods_supported: tuple[str, ...] = ("S256",)
    token_endpoint_auth_methods_supported: tuple[str, ...] = ("none",)
    revocation_endpoint_auth_methods_supported: tuple[str, ...] = ("none",)
    authorization_response_iss_parameter_supported: bool = True

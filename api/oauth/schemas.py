from typing import Annotated, Literal

from pydantic import BaseModel, Field

from api.schemas import Output

_CLIENT_ID = Field(examples=["EYLrQo_Ng6iCoEZS"])
_REDIRECT_URI = Field(examples=["https://timetable.example.org/back"])
_REFRESH_TOKEN = Field(examples=["01a205a82452767fb2bcab49a7f91272.X-iYz0zP8tmu-0vtEvZl"])


class Asked(BaseModel):
    """Parameters of a client; those nobody knows are ignored, as the RFCs want it."""

    @property
    def given(self) -> dict[str, str]:
        """Only what was sent."""
        return self.model_dump(exclude_none=True)


class AuthorizationQuery(Asked):
    response_type: Annotated[str | None, Field(examples=["code"])] = None
    client_id: Annotated[str | None, _CLIENT_ID] = None
    redirect_uri: Annotated[str | None, _REDIRECT_URI] = None
    code_challenge: Annotated[str | None, Field(examples=["E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM"])] = (
        None
    )
    code_challenge_method: Annotated[str | None, Field(examples=["S256"])] = None
    state: Annotated[str | None, Field(examples=["af0ifjsldkj"])] = None


class PageForm(AuthorizationQuery):
    """What our own page sends back."""

    form_token: Annotated[str | None, Field(examples=["8f14e45fceea167a5a36dedd4bea2543"])] = None
    decision: Annotated[str | None, Field(examples=["sign_in"])] = None
    email: Annotated[str | None, Field(examples=["ada@school.example"])] = None
    password: Annotated[str | None, Field(examples=["plum-harbor-lantern-42"])] = None


class TokenRequest(BaseModel):
    """RFC 6749 sections 4.1.3 and 6; what is missing is empty."""

    grant_type: Annotated[str, Field(examples=["authorization_code"])] = ""
    client_id: Annotated[str, _CLIENT_ID] = ""
    code: Annotated[str, Field(examples=["SplxlOBeZQQYbYS6WxSbIA"])] = ""
    redirect_uri: Annotated[str, _REDIRECT_URI] = ""
    code_verifier: Annotated[str, Field(examples=["dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk"])] = ""
    refresh_token: Annotated[str, _REFRESH_TOKEN] = ""


class Revocation(BaseModel):
    """RFC 7009 section 2.1."""

    token: Annotated[str, _REFRESH_TOKEN] = ""
    client_id: Annotated[str, _CLIENT_ID] = ""


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

from datetime import datetime
from typing import Annotated, Literal
from uuid import UUID

from pydantic import Field, StringConstraints

from api.schemas import Input, Line, MailAddress, Output

Secret = Annotated[str, StringConstraints(min_length=1, max_length=200)]

_REFRESH_TOKEN = "01a205a82452767fb2bcab49a7f91272.X-iYz0zP8tmu-0vtEvZlKTIp4yqAiQlwUDzozSD0M8hcYFw_5L7i4POP"
_DEVICE_TOKEN = "78f4dbeeb126bc057ea373ca16eb662c.1795391235.YiDHl6NHv3480kmuIMG837RLeq8DmFoos0zJKHbeo2k"


class Login(Input):
    email: MailAddress
    password: Annotated[
        str, StringConstraints(min_length=1, max_length=256), Field(examples=["plum-harbor-lantern-42"])
    ]
    device_name: Line | None = Field(None, examples=["Ada's tablet"])
    """What the list of sessions calls this one; left out, a reading of `User-Agent`."""
    device_token: Secret | None = Field(None, examples=[_DEVICE_TOKEN])
    """From an earlier sign-in on this device: then wrong passwords typed elsewhere do not slow this one down."""


class Refresh(Input):
    refresh_token: Secret | None = Field(None, examples=[_REFRESH_TOKEN])
    """Left out by browsers, whose cookie holds it."""


class Tokens(Output):
    access_token: str = Field(examples=["eyJ0eXAiOiJhdCtqd3QiLCJhbGciOiJFZERTQSJ9.eyJpc3MiOiI…"])
    token_type: Literal["Bearer"] = "Bearer"
    expires_in: Annotated[int, Field(description="Seconds", examples=[600])]
    refresh_token: str | None = Field(None, examples=[_REFRESH_TOKEN])
    """The successor of the one presented; null for browsers, whose cookie holds it."""
    device_token: str | None = Field(None, examples=[_DEVICE_TOKEN])
    """After a sign-in: keep it on the device and send it with the next one. It opens nothing."""


class SessionOut(Output):
    id: UUID
    device: str = Field(examples=["Firefox on Windows"])
    client_id: str | None
    """The OAuth client that holds it; null for our own applications."""
    is_current: bool
    created_at: datetime
    last_used_at: datetime
    expires_at: datetime
    """When it ends if it is not used until then."""


class SessionEnded(Output):
    id: UUID
    status: Literal["ended"] = "ended"


class LoggedOut(Output):
    status: Literal["logged_out"] = "logged_out"

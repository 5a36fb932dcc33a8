from typing import Annotated, Literal

from pydantic import Field, StringConstraints

from api.registration.schemas import MailedToken, Password
from api.schemas import Input, Output
from core.passwords import LONGEST


class PasswordReset(Input):
    token: MailedToken
    password: Password


class PasswordChange(Input):
    current_password: Annotated[
        str, StringConstraints(min_length=1, max_length=LONGEST), Field(examples=["plum-harbor-lantern-42"])
    ]
    new_password: Password


class PasswordChanged(Output):
    status: Literal["password_changed"] = "password_changed"


class PasswordResetDone(PasswordChanged):
    device_token: str | None = None
    """Send it with the next sign-in: strangers who guess do not slow this device down. A browser has it as cookie."""

from typing import Annotated, Self

from pydantic import Field, model_validator

from api.registration.schemas import BirthDate, ClassCode, MailedToken
from api.schemas import GradeLevel, Input, Output

ReturnTo = Annotated[str, Field(max_length=500, examples=["http://localhost:8000/docs"])]


class FirstSignIn(Input):
    """What a first sign-in needs: an invitation, or a class code with the age and grade of the student."""

    return_to: ReturnTo
    """Where the browser goes when it is over; one of the installation's `return_urls`, exactly."""
    invitation_token: MailedToken | None = None
    class_code: ClassCode | None = None
    birth_date: BirthDate | None = None
    """Kept encrypted; decides whether a guardian must consent first."""
    grade_level: GradeLevel | None = None

    @model_validator(mode="after")
    def _one_way_in(self) -> Self:
        if (self.invitation_token is None) == (self.class_code is None):
            raise ValueError("send an invitation_token or a class_code")
        if self.class_code is not None and (self.birth_date is None or self.grade_level is None):
            raise ValueError("a class_code needs birth_date and grade_level")
        return self


class AuthorizationAddress(Output):
    authorization_url: str = Field(
        examples=["https://accounts.google.com/o/oauth2/v2/auth?response_type=code&…"]
    )
    """Send the browser there."""

from datetime import date
from typing import Annotated, Self

from pydantic import Field, StringConstraints, model_validator

from api.schemas import GradeLevel, Input, Output

ReturnTo = Annotated[str, Field(max_length=500, examples=["http://localhost:8000/docs"])]


class FirstSignIn(Input):
    """What a first sign-in needs: an invitation, or a class code with the age and grade of the student."""

    return_to: ReturnTo
    """Where the browser goes when it is over; one of the installation's `return_urls`, exactly."""
    invitation_token: Annotated[str, StringConstraints(min_length=1, max_length=200)] | None = None
    class_code: (
        Annotated[str, StringConstraints(strip_whitespace=True, to_upper=True, min_length=4, max_length=20)]
        | None
    ) = None
    birth_date: date | None = None
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
    authorization_url: str
    """Send the browser there."""

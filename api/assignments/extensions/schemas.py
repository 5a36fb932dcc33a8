from datetime import datetime
from typing import Annotated, Self
from uuid import UUID

from pydantic import Field, model_validator

from api.schemas import Input, Line, Moment, Output


class ExtensionIn(Input):
    """Everything that is granted; what is left out is as for the class."""

    due_at: Annotated[Moment | None, Field(examples=["2026-11-30T22:00:00Z"])] = None
    available_until: Annotated[Moment | None, Field(examples=["2026-12-02T22:00:00Z"])] = None
    extra_attempts: Annotated[int, Field(ge=0, le=100, examples=[1])] = 0
    extra_minutes: Annotated[int, Field(ge=0, le=1440, examples=[15])] = 0
    """Added to the time limit, where there is one."""
    reason: Annotated[Line | None, Field(examples=["Was ill"])] = None
    """For staff; the student does not see it."""

    @model_validator(mode="after")
    def _something_is_granted(self) -> Self:
        if not any([self.due_at, self.available_until, self.extra_attempts, self.extra_minutes]):
            raise ValueError("grant a date, attempts or minutes")
        return self


class ExtensionOut(Output):
    assignment_id: UUID
    student_id: UUID
    due_at: datetime | None
    available_until: datetime | None
    extra_attempts: int
    extra_minutes: int
    reason: str | None
    granted_by: UUID
    created_at: datetime

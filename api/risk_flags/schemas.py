from datetime import datetime
from enum import StrEnum
from typing import Annotated, Self
from uuid import UUID

from pydantic import Field, model_validator
from pydantic_core import PydanticCustomError

from api.schemas import Input, Output, Paragraphs
from core.models import FlagStatus, RiskLevel


class FlagAction(StrEnum):
    """What a member of staff makes of a warning."""

    ACKNOWLEDGE = "acknowledge"
    DISMISS = "dismiss"
    ACT = "action"


STATUS_OF = {
    FlagAction.ACKNOWLEDGE: FlagStatus.ACKNOWLEDGED,
    FlagAction.DISMISS: FlagStatus.DISMISSED,
    FlagAction.ACT: FlagStatus.ACTED,
}


class FlagAnswer(Input):
    action: Annotated[FlagAction, Field(examples=[FlagAction.ACT])]
    note: Annotated[Paragraphs | None, Field(examples=["Called home; we meet on Thursday."])] = None
    """Why it is dismissed, or what was done; may be left out only to acknowledge."""

    @model_validator(mode="after")
    def _says_why(self) -> Self:
        if self.note is None and self.action is not FlagAction.ACKNOWLEDGE:
            raise PydanticCustomError("note", "Say why it is dismissed, or what was done.")
        return self


class FlagOut(Output):
    id: UUID
    student_id: UUID
    student_name: str
    class_id: UUID
    class_name: str
    school_id: UUID
    level: RiskLevel
    probability: float
    """Of failing the class, 0-1."""
    reasons: list[str]
    """Strongest first."""
    status: FlagStatus
    """Open again when the level rises."""
    note: str | None
    decided_by: UUID | None
    decided_at: datetime | None
    raised_at: datetime
    level_since: datetime
    cleared_at: datetime | None
    """When the student was at risk no more; null while the warning stands."""
    as_of: datetime
    """The facts behind it were read at this moment."""
    version: int


class FlagChange(Output):
    """One line of a warning's history."""

    version: int
    level: RiskLevel
    probability: float
    reasons: list[str]
    status: FlagStatus
    note: str | None
    actor_id: UUID | None
    """Who answered; null: the pipeline moved it."""
    changed_at: datetime
    is_cleared: bool


class FlagDetail(FlagOut):
    history: list[FlagChange]
    """The newest hundred changes, the latest first."""

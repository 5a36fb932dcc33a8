"""What a model may reply about an answer; anything else is no reply."""

from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field


class _Reply(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True)


Share = Annotated[float, Field(ge=0, le=1, allow_inf_nan=False)]


class GradedCriterion(_Reply):
    number: int
    points: Annotated[float, Field(allow_inf_nan=False)]
    quote: str
    reason: str


class GradedAnswer(_Reply):
    criteria: list[GradedCriterion]
    confidence: Share
    feedback: str
    speaks_to_grader: bool


class CheckedAnswer(_Reply):
    speaks_to_grader: bool
    share: Share

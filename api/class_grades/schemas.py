from datetime import datetime
from decimal import Decimal
from typing import Annotated, Any
from uuid import UUID

from pydantic import Field

from api.schemas import ExactDecimal, Input, Line, Output


class OverrideIn(Input):
    """Either a percent or a letter of the class's policy."""

    percent: Annotated[
        Decimal | None,
        Field(ge=0, le=1000, max_digits=8, decimal_places=4, allow_inf_nan=False, examples=["91.5"]),
    ] = None
    letter: Annotated[str | None, Field(min_length=1, max_length=10, examples=["A-"])] = None
    reason: Annotated[Line, Field(examples=["The project fair counts instead of the exam."])]


class ClassGradeOut(Output):
    """A student's overall grade: of what is posted, of all there is, and a teacher's word over both."""

    class_id: UUID
    student_id: UUID
    current_percent: ExactDecimal | None
    current_letter: str | None
    final_percent: ExactDecimal | None
    final_letter: str | None
    all_current_percent: ExactDecimal | None
    all_current_letter: str | None
    all_final_percent: ExactDecimal | None
    all_final_letter: str | None
    override_percent: ExactDecimal | None
    override_letter: str | None
    override_reason: str | None
    policy_version: int
    version: int


class OverallGradeOut(ClassGradeOut):
    """To its student without `all_…`, and without the version that would tell of what is not posted."""

    version: int | None  # type: ignore[assignment]
    categories: list[dict[str, Any]]
    """`[{"id", "name", "weight", "current", …}]`: `score`, `possible`, `percent`, and what was `dropped`."""


class ClassGradeChangeOut(Output):
    student_id: UUID
    version: int
    old_state: dict[str, Any] | None
    """The percents and letters of before: `{"current_percent": "91.50", "current_letter": "A-", …}`."""
    new_state: dict[str, Any]
    policy_version: int
    actor_id: UUID | None
    """Null: a machine."""
    reason: str
    changed_at: datetime

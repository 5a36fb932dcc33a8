from datetime import datetime
from decimal import Decimal
from typing import Annotated
from uuid import UUID

from pydantic import Field

from api.schemas import ExactDecimal, Input, Output
from core.domain.regrading import RegradePolicy


class KeyIn(Input):
    correct: Annotated[str, Field(min_length=1, max_length=8, examples=["b"])]
    """The option that is right from now on."""
    policy: Annotated[RegradePolicy, Field(examples=["current_and_previous"])]
    """What becomes of answers given under the old key."""
    dry_run: Annotated[bool, Field(examples=[True])] = False
    """true: say what would change, and change nothing."""


class StudentDelta(Output):
    """What a student's grade was and is (or would be)."""

    student_id: UUID
    old_score: ExactDecimal | None
    new_score: ExactDecimal | None
    old_percent: ExactDecimal | None
    new_percent: ExactDecimal | None
    difference: ExactDecimal | None
    old_final_percent: ExactDecimal | None
    """Of the class, all scores, missing work counted as zero."""
    new_final_percent: ExactDecimal | None


class RegradeOut(Output):
    question_id: UUID
    key_version: int
    correct: str
    policy: RegradePolicy
    dry_run: bool
    answers_changed: int
    students: list[StudentDelta]
    """Those whose grade changes, by their id."""


class KeyVersionOut(Output):
    version: int
    correct: str | None
    points: ExactDecimal
    changed_by: UUID | None
    changed_at: datetime
    policy: str | None
    """How answers given before were treated; null for the first key."""
    answers_changed: int | None


def difference(old: Decimal | None, new: Decimal | None) -> Decimal | None:
    """Return what was won or lost; None where either is no score."""
    return None if old is None or new is None else new - old

from datetime import datetime
from typing import Final, Literal
from uuid import UUID

from api.schemas import ExactDecimal, Output
from core.models import GradeSource, GradeStatus

AWAITING_RELEASE: Final = "awaiting_release"

ShownGradeStatus = GradeStatus | Literal["awaiting_release"]
"""`awaiting_release`: to the student, until the assignment's `feedback_release`."""


class GradeOut(Output):
    """To a student, while its status is `awaiting_release`, nothing that moves with the score: it stays null."""

    id: UUID
    assignment_id: UUID
    class_id: UUID
    student_id: UUID
    submission_id: UUID | None
    score: ExactDecimal | None
    possible: ExactDecimal
    percent: ExactDecimal | None
    status: ShownGradeStatus
    version: int | None
    updated_at: datetime | None


class GradeChangeOut(Output):
    student_id: UUID
    version: int
    old_score: ExactDecimal | None
    new_score: ExactDecimal | None
    possible: ExactDecimal
    old_status: str | None
    new_status: str
    source: GradeSource
    actor_id: UUID | None
    """Null: a machine."""
    reason: str
    answer_id: UUID | None
    changed_at: datetime

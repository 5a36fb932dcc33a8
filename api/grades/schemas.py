from datetime import datetime
from uuid import UUID

from api.schemas import ExactDecimal, Output
from core.models import GradeSource, GradeStatus


class GradeOut(Output):
    id: UUID
    assignment_id: UUID
    class_id: UUID
    student_id: UUID
    submission_id: UUID
    score: ExactDecimal
    possible: ExactDecimal
    percent: ExactDecimal | None
    status: GradeStatus
    version: int
    updated_at: datetime


class GradeChangeOut(Output):
    student_id: UUID
    version: int
    old_score: ExactDecimal | None
    new_score: ExactDecimal
    possible: ExactDecimal
    old_status: str | None
    new_status: str
    source: GradeSource
    actor_id: UUID
    reason: str
    answer_id: UUID | None
    changed_at: datetime

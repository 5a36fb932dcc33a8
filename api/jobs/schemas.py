from datetime import datetime
from typing import Any
from uuid import UUID

from api.schemas import Output
from core.models import JobStatus


class JobOut(Output):
    id: UUID
    kind: str
    status: JobStatus
    progress_percent: int
    subject_id: UUID | None
    result: dict[str, Any] | None
    error: str | None
    created_at: datetime
    finished_at: datetime | None

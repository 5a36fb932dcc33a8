from datetime import datetime
from uuid import UUID

from api.schemas import Output


class NotificationOut(Output):
    id: UUID
    kind: str
    title: str
    related_type: str | None
    related_id: UUID | None
    read_at: datetime | None
    created_at: datetime

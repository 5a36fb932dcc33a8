from typing import Annotated

from fastapi import APIRouter, Query

from api.deps import Db, allowed
from api.envelope import Envelope, Page, ok
from api.notifications import queries
from api.notifications.schemas import NotificationOut
from api.paging import Paging, fetch_page
from core.models import Notification
from core.permissions import Permission
from core.tenancy import Actor

router = APIRouter(prefix="/notifications", tags=["notifications"])


@router.get("")
async def list_notifications(
    actor: Annotated[Actor, allowed(Permission.NOTIFICATION_READ)],
    db: Db,
    page: Paging,
    unread: Annotated[bool, Query(description="Only those you have not read")] = False,
) -> Envelope[Page[NotificationOut]]:
    """List your notifications, oldest first."""
    statement = queries.own_notifications(actor)
    if unread:
        statement = statement.where(Notification.read_at.is_(None))
    rows, cursor = await fetch_page(db, statement, Notification.id, page)
    return ok(Page(items=[NotificationOut.model_validate(row) for row in rows], next_cursor=cursor))

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Query

from api.deps import Db, Now, allowed, consented
from api.envelope import Envelope, Page, ok
from api.idempotency import Idempotent
from api.notifications import announcements, preferences, queries, service
from api.notifications.schemas import (
    AnnouncementIn,
    AnnouncementStarted,
    NotificationChange,
    NotificationOut,
    Preferences,
    PreferencesOut,
    ReadAll,
    ReadAllIn,
    Unread,
)
from api.paging import Paging, fetch_page
from core.models import ConsentScope, Notification
from core.notifications import NotificationKind
from core.permissions import Permission
from core.tenancy import Actor

router = APIRouter(prefix="/notifications", tags=["notifications"])

_COLLECTED = [consented(ConsentScope.COLLECTION)]

Reader = Annotated[Actor, allowed(Permission.NOTIFICATION_READ)]
Announcer = Annotated[Actor, allowed(Permission.NOTIFICATION_BROADCAST)]
Chooser = Annotated[Actor, allowed(Permission.NOTIFICATION_MANAGE)]


@router.get("")
async def list_notifications(
    actor: Reader,
    db: Db,
    page: Paging,
    unread: Annotated[bool, Query(description="Only those you have not read")] = False,
    kind: Annotated[NotificationKind | None, Query(description="Only those of one kind")] = None,
) -> Envelope[Page[NotificationOut]]:
    """List your notifications, the newest first."""
    statement = queries.own_notifications(actor)
    if unread:
        statement = statement.where(Notification.read_at.is_(None))
    if kind is not None:
        statement = statement.where(Notification.kind == kind)
    rows, cursor = await fetch_page(db, statement, Notification.id, page, newest_first=True)
    return ok(Page(items=[NotificationOut.model_validate(row) for row in rows], next_cursor=cursor))


@router.get("/unread-count")
async def count_unread(actor: Reader, db: Db) -> Envelope[Unread]:
    """Count the notifications you have not read."""
    return ok(Unread(unread=await service.count_unread(db, actor)))


@router.get("/preferences")
async def read_preferences(actor: Chooser, db: Db) -> Envelope[PreferencesOut]:
    """Every kind of notification with how you are told of it, and your quiet hours."""
    return ok(await preferences.read_preferences(db, actor))


@router.put("/preferences")
async def keep_preferences(body: Preferences, actor: Chooser, db: Db) -> Envelope[PreferencesOut]:
    """Decide how you are told of what, and when nothing may ring; replaces what you decided before."""
    return ok(await preferences.keep_preferences(db, actor, body))


@router.post("/read-all", dependencies=_COLLECTED)
async def read_all(body: ReadAllIn, actor: Reader, db: Db, now: Now) -> Envelope[ReadAll]:
    """Mark all your notifications read, or those up to one of them."""
    return ok(ReadAll(read=await service.mark_all(db, actor, body.up_to, now=now)))


@router.post("/system", status_code=202)
async def announce(
    body: AnnouncementIn, actor: Announcer, db: Db, once: Idempotent, now: Now
) -> Envelope[AnnouncementStarted]:
    """Tell everybody, the students or the teachers of a school or the district; follow the job to see it done."""
    return ok(await once.run(AnnouncementStarted, lambda: announcements.announce(db, actor, body, now=now)))


@router.patch("/{notification_id}", dependencies=_COLLECTED)
async def mark_notification(
    notification_id: UUID, body: NotificationChange, actor: Reader, db: Db, now: Now
) -> Envelope[NotificationOut]:
    """Mark one of your notifications read or unread."""
    marked = await service.mark(db, actor, notification_id, is_read=body.read, now=now)
    return ok(NotificationOut.model_validate(marked))

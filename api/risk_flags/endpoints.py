"""Students at risk: who, why, since when, and what the staff made of it."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Query, Response

from api.deps import Db, Now, ReadDb, allowed
from api.disclosures import Disclosure, Record, discloses, discloses_from_replica
from api.envelope import Envelope, Page, ok
from api.etags import IfMatch, show_version
from api.paging import Paging
from api.risk_flags import service
from api.risk_flags.schemas import FlagAnswer, FlagDetail, FlagOut
from core.models import FlagStatus, RiskLevel
from core.permissions import Permission
from core.tenancy import Actor

router = APIRouter(prefix="/analytics/struggling", tags=["analytics"])

Reader = Annotated[Actor, allowed(Permission.RISK_READ)]
Answerer = Annotated[Actor, allowed(Permission.RISK_MANAGE)]
Read = Annotated[Disclosure, discloses_from_replica(Record.RISK, Permission.RISK_READ)]
Answered = Annotated[Disclosure, discloses(Record.RISK, Permission.RISK_MANAGE)]


@router.get("")
async def list_flags(
    *,
    actor: Reader,
    shown: Read,
    db: ReadDb,
    page: Paging,
    school_id: UUID | None = None,
    class_id: UUID | None = None,
    level: RiskLevel | None = None,
    status: Annotated[FlagStatus | None, Query()] = None,
) -> Envelope[Page[FlagOut]]:
    """Students at risk of failing a class of yours, the latest warning first."""
    items, cursor = await service.list_flags(
        db, actor, page, school_id=school_id, class_id=class_id, level=level, status=status
    )
    shown.of(item.student_id for item in items)
    return ok(Page(items=items, next_cursor=cursor))


@router.get("/{flag_id}")
async def read_flag(
    flag_id: UUID, actor: Reader, shown: Read, db: ReadDb, response: Response
) -> Envelope[FlagDetail]:
    """One warning with its history; the `ETag` is what an answer to it must name."""
    flag = await service.read_flag(db, actor, flag_id)
    shown.of([flag.student_id])
    show_version(response, flag.version)
    return ok(flag)


@router.patch("/{flag_id}")
async def answer_flag(
    *,
    flag_id: UUID,
    body: FlagAnswer,
    actor: Answerer,
    db: Db,
    seen: IfMatch,
    shown: Answered,
    response: Response,
    now: Now,
) -> Envelope[FlagOut]:
    """Acknowledge a warning, dismiss it with the reason, or record what was done; the answer is kept."""
    flag = await service.answer_flag(db, actor, flag_id, body, seen=seen, now=now)
    shown.of([flag.student_id])
    show_version(response, flag.version)
    return ok(flag)

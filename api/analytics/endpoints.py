"""What a class knows, who struggles, how it does: from the marts, with their age."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter

from api.analytics import service
from api.analytics.marts import Marts
from api.analytics.schemas import AnalyticPage, ClassOverview, StrugglingStudent, StudentMastery
from api.deps import ReadDb, allowed
from api.disclosures import Disclosure, Record, discloses_from_replica
from api.envelope import Envelope, ok
from api.paging import Paging
from core.permissions import Permission
from core.tenancy import Actor

router = APIRouter(prefix="/analytics", tags=["analytics"])


Analyst = Annotated[Actor, allowed(Permission.ANALYTICS_READ)]
MasteryShown = Annotated[Disclosure, discloses_from_replica(Record.MASTERY, Permission.ANALYTICS_READ)]
StrugglingShown = Annotated[Disclosure, discloses_from_replica(Record.STRUGGLING, Permission.ANALYTICS_READ)]


@router.get("/classes/{class_id}/mastery")
async def read_class_mastery(
    class_id: UUID, actor: Analyst, shown: MasteryShown, db: ReadDb, warehouse: Marts, page: Paging
) -> Envelope[AnalyticPage[StudentMastery]]:
    """Mastery of each student on each concept this class has practised, with its 80 % interval."""
    mastery = await service.class_mastery(db, warehouse, actor, class_id, page=page)
    shown.of(item.student_id for item in mastery.items)
    return ok(mastery)


@router.get("/classes/{class_id}/struggling")
async def read_class_struggling(
    class_id: UUID, actor: Analyst, shown: StrugglingShown, db: ReadDb, warehouse: Marts, page: Paging
) -> Envelope[AnalyticPage[StrugglingStudent]]:
    """Students who struggle, each with the worst few concepts and the reasons."""
    struggling = await service.class_struggling(db, warehouse, actor, class_id, page=page)
    shown.of(item.student_id for item in struggling.items)
    return ok(struggling)


@router.get("/classes/{class_id}/overview")
async def read_class_overview(
    class_id: UUID, actor: Analyst, db: ReadDb, warehouse: Marts
) -> Envelope[ClassOverview]:
    """How the class does as a whole: average, median, completion, distribution."""
    return ok(await service.class_overview(db, warehouse, actor, class_id))

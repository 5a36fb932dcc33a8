"""Classes, schools and the district side by side: guarded so that no small group can be worked out."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends

from api.analytics.charts import Chart, bars
from api.analytics.marts import Marts
from api.comparisons import service
from api.comparisons.schemas import Comparison, Overview, SchoolOverview, Wanted
from api.deps import ReadDb, allowed
from api.envelope import Envelope, ok
from api.paging import Paging
from core.permissions import Permission
from core.tenancy import Actor

router = APIRouter(prefix="/analytics", tags=["analytics"])

Comparer = Annotated[Actor, allowed(Permission.COMPARISON_READ)]
Overseer = Annotated[Actor, allowed(Permission.OVERVIEW_READ)]
Filters = Annotated[Wanted, Depends()]


@router.get("/compare")
async def compare(
    actor: Comparer, db: ReadDb, warehouse: Marts, wanted: Filters, page: Paging, chart: Chart = None
) -> Envelope[Comparison]:
    """Your classes beside the district they are in; an admin's schools beside it as well."""
    found = await service.compare(db, warehouse, actor, wanted, page)
    if chart:
        rows = [item.model_dump() for item in found.items]
        found.chart = bars(rows, title="Classes", x="class_name", y="average_percent", y_title="Percent")
    return ok(found)


@router.get("/overview")
async def read_overview(
    actor: Overseer, db: ReadDb, warehouse: Marts, wanted: Filters, page: Paging, chart: Chart = None
) -> Envelope[Overview]:
    """The schools you oversee and the district, from classes large enough."""
    found = await service.read_overview(db, warehouse, actor, wanted, page)
    if chart:
        rows = [item.model_dump() for item in found.items]
        found.chart = bars(rows, title="Schools", x="school_name", y="average_percent", y_title="Percent")
    return ok(found)


@router.get("/schools/{school_id}/overview")
async def read_school(
    *,
    school_id: UUID,
    actor: Overseer,
    db: ReadDb,
    warehouse: Marts,
    wanted: Filters,
    page: Paging,
    chart: Chart = None,
) -> Envelope[SchoolOverview]:
    """One school and its classes: the next step down leads to a class's own pages."""
    found = await service.read_school(db, warehouse, actor, school_id, wanted=wanted, page=page)
    if chart:
        rows = [item.model_dump() for item in found.items]
        found.chart = bars(rows, title="Classes", x="class_name", y="average_percent", y_title="Percent")
    return ok(found)

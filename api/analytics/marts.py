"""Asking the marts of the actor's own district, off the event loop."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

import structlog
from fastapi import Depends, Request
from sqlalchemy.ext.asyncio import AsyncSession

from api.analytics import queries
from core.errors import UnavailableError
from core.tenancy import Actor
from warehouse.folder import Warehouse
from warehouse.manifest import MartNotServedError, WarehouseError
from warehouse.reader import MartQuery, answer

logger = structlog.get_logger(__name__)


class MartsUnreadableError(UnavailableError):
    """The analytics are being repaired; try again in a few minutes."""

    code = "marts_unreadable"
    retry_after = 60


def get_warehouse(request: Request) -> Warehouse:
    warehouse: Warehouse = request.app.state.warehouse
    return warehouse


Marts = Annotated[Warehouse, Depends(get_warehouse)]


@dataclass(frozen=True)
class Served:
    """Rows of the marts and how fresh they are; nothing at all before the district's first run."""

    rows: list[dict[str, Any]]
    as_of: datetime | None = None
    computed_at: datetime | None = None
    complete_through: datetime | None = None

    @property
    def age(self) -> dict[str, datetime | None]:
        """What every analytic answer says of itself."""
        return {
            "as_of": self.as_of,
            "computed_at": self.computed_at,
            "complete_through": self.complete_through,
        }


async def ask(warehouse: Warehouse, actor: Actor, query: MartQuery) -> Served:
    """Ask the marts of the actor's district. Raises MartsUnreadableError instead of giving a wrong number."""
    try:
        found = await asyncio.to_thread(answer, warehouse.district(actor.tenant), query)
    except MartNotServedError:
        return Served([])
    except WarehouseError as error:
        logger.exception("marts_unreadable", district=str(actor.tenant))
        raise MartsUnreadableError from error
    return Served(found.rows, found.as_of, found.computed_at, found.complete_through)


async def with_concept_names(
    session: AsyncSession, actor: Actor, rows: Sequence[dict[str, Any]]
) -> list[dict[str, Any]]:
    """Add concept_name to rows that have a concept_id; concepts that are gone take their rows along."""
    wanted = sorted({UUID(row["concept_id"]) for row in rows})
    found = await session.execute(queries.concept_names(actor, wanted))
    names = {str(concept_id): name for concept_id, name in found}
    return [{**row, "concept_name": names[row["concept_id"]]} for row in rows if row["concept_id"] in names]


async def with_assignment_titles(
    session: AsyncSession, actor: Actor, rows: Sequence[dict[str, Any]]
) -> list[dict[str, Any]]:
    """Add assignment_title to rows that have an assignment_id; assignments that are gone take their rows along."""
    wanted = sorted({UUID(row["assignment_id"]) for row in rows})
    found = await session.execute(queries.assignment_titles(actor, wanted))
    titles = {str(assignment_id): title for assignment_id, title in found}
    return [
        {**row, "assignment_title": titles[row["assignment_id"]]}
        for row in rows
        if row["assignment_id"] in titles
    ]

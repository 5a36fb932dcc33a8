"""Reading what of a roster is here already: one statement per kind, whatever there is."""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Select
from sqlalchemy.ext.asyncio import AsyncSession

from api.rosters import queries
from api.rosters.planning_people import addresses
from api.rosters.register import Known, Present, Register, Values
from api.rosters.roster import Roster
from core.keys import KeyRing
from core.tenancy import Scope, TenantContext, TenantId


@dataclass(frozen=True)
class ImportDesk:
    """One import: the session with its fence, who asked for it, and the time."""

    session: AsyncSession
    keys: KeyRing
    requested_by: UUID
    now: datetime

    @property
    def tenant(self) -> TenantId:
        context: TenantContext = self.session.info["context"]
        return context.tenant

    @property
    def school_id(self) -> UUID | None:
        """The only school within reach."""
        context: TenantContext = self.session.info["context"]
        scope: Scope = context.scope
        return scope.school_id


async def read_present(desk: ImportDesk, roster: Roster) -> Present:
    """Return everything an import of this roster can meet."""
    tenant, school_id = desk.tenant, desk.school_id
    district = await desk.session.scalar(queries.district(tenant))
    return Present(
        district_sourced_id=None if district is None else district.sourced_id,
        schools=await read_register(desk.session, queries.schools(tenant, school_id)),
        sessions=await read_register(desk.session, queries.sessions(tenant)),
        courses=await read_register(desk.session, queries.courses(tenant)),
        people=await read_register(desk.session, queries.people(tenant, school_id)),
        classes=await read_register(desk.session, queries.classes(tenant, school_id)),
        enrollments=await read_register(desk.session, queries.enrollments(tenant, school_id)),
        unusable_emails=await _used_addresses(desk, roster),
    )


async def read_register(session: AsyncSession, statement: Select[Any]) -> Register:
    """Return all rows of one kind."""
    return Register(_known(dict(row)) for row in (await session.execute(statement)).mappings())


def _known(row: Mapping[str, Any]) -> Known:
    values: Values = dict(row)
    identifier, is_removed = values.pop("id"), values.pop("is_removed", False)
    if "terms" in values:
        values["terms"] = frozenset(values["terms"] or ())
    return Known(identifier, values, is_removed)


async def _used_addresses(desk: ImportDesk, roster: Roster) -> frozenset[str]:
    """Return the addresses of a roster that somebody signs in with, whoever that is."""
    listed = await asyncio.to_thread(addresses, roster)
    indexes = [desk.keys.email_index(address) for address in listed]
    used = await desk.session.scalars(queries.USED_ADDRESSES, {"indexes": indexes})
    return frozenset(listed[place - 1] for place in used)

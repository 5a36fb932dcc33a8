"""Who read a student's record, what and why: from the trail that every such reading leaves."""

from typing import Any
from uuid import UUID

from sqlalchemy import Row
from sqlalchemy.ext.asyncio import AsyncSession

from api.paging import PageRequest, fetch_page
from api.users import queries
from api.users.schemas import DisclosureOut, Reader
from core.errors import NotFoundError
from core.models import tenant_audit_events
from core.permissions import PERMISSIONS
from core.tenancy import Actor

_WHY = {permission.value: grant.what for permission, grant in PERMISSIONS.items()}


async def list_disclosures(
    session: AsyncSession, actor: Actor, student_id: UUID, page: PageRequest
) -> tuple[list[DisclosureOut], str | None]:
    """Return a page of who read the student's record, newest first. Raises NotFoundError."""
    if await session.scalar(queries.visible_student(actor, student_id)) is None:
        raise NotFoundError
    reads = queries.reads_of(actor, student_id)
    rows, cursor = await fetch_page(session, reads, tenant_audit_events.c.id, page, newest_first=True)
    readers = await _readers(session, actor, {row.actor_id for row in rows})
    return [_present(row, readers[row.actor_id]) for row in rows], cursor


async def _readers(session: AsyncSession, actor: Actor, user_ids: set[UUID]) -> dict[UUID, Reader]:
    """Return every reader; those who moved to another school stand behind its fence, without a name."""
    found = await session.execute(queries.people_named(actor, sorted(user_ids)))
    named = {user_id: Reader(id=user_id, name=name, role=role) for user_id, name, role in found}
    return {user_id: named.get(user_id, Reader(id=user_id, name=None, role=None)) for user_id in user_ids}


def _present(row: Row[Any], reader: Reader) -> DisclosureOut:
    return DisclosureOut(
        id=row.id,
        read_at=row.occurred_at,
        reader=reader,
        record=row.object_type,
        purpose=row.purpose,
        why=_WHY.get(row.purpose, row.purpose),
    )

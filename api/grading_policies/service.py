"""How a class is graded: read, changed as a whole or only its categories; every change is a new version."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from api.classes.service import find_class, find_taught_class
from api.etags import Precondition, StaleVersionError
from api.grades.settling import Cause, Cells
from api.grades.telling import settle_and_tell
from api.grading_policies import queries, snapshots
from api.grading_policies.schemas import CategoriesIn, CategoriesOut, PolicyIn, PolicyOut
from api.paging import PageRequest, fetch_page
from core.audit import record_audit
from core.models import GradingPolicyVersion, SchoolClass
from core.tenancy import Actor


async def read_policy(session: AsyncSession, actor: Actor, class_id: UUID) -> PolicyOut:
    """Return how a class is graded. Raises NotFoundError for a class out of reach."""
    await find_class(session, actor, class_id)
    return snapshots.show_policy(class_id, await session.scalar(queries.newest_version(actor, class_id)))


async def list_versions(
    session: AsyncSession, actor: Actor, class_id: UUID, page: PageRequest
) -> tuple[list[PolicyOut], str | None]:
    """Return a page of all policies the class has had, newest first. Raises NotFoundError."""
    await find_class(session, actor, class_id)
    statement = queries.versions_of(actor, class_id)
    rows, cursor = await fetch_page(session, statement, GradingPolicyVersion.version, page, newest_first=True)
    return [snapshots.show_policy(class_id, row) for row in rows], cursor


async def change_policy(
    session: AsyncSession, actor: Actor, class_id: UUID, body: PolicyIn, *, seen: Precondition, now: datetime
) -> PolicyOut:
    """Grade the class by `body` from now on and settle all its grades; what a teacher said of a grade stays.

    Raises NotFoundError, StaleVersionError and what `snapshots.content_of` raises.
    """
    school_class, row = await _newest(session, actor, class_id, seen)
    content = snapshots.content_of(body, snapshots.read_snapshot(row))
    changed = await _store(session, actor, school_class, row, content=content, now=now)
    return snapshots.show_policy(class_id, changed)


async def change_categories(
    session: AsyncSession,
    actor: Actor,
    class_id: UUID,
    body: CategoriesIn,
    *,
    seen: Precondition,
    now: datetime,
) -> CategoriesOut:
    """Put `body` in the place of the class's categories; a new name is one on the assignments as well.

    Raises as `change_policy`.
    """
    school_class, row = await _newest(session, actor, class_id, seen)
    content = snapshots.with_categories(body.categories, row)
    changed = await _store(session, actor, school_class, row, content=content, now=now)
    return CategoriesOut.model_validate(snapshots.show_policy(class_id, changed))


async def _newest(
    session: AsyncSession, actor: Actor, class_id: UUID, seen: Precondition
) -> tuple[SchoolClass, GradingPolicyVersion | None]:
    school_class = await find_taught_class(session, actor, class_id)
    row: GradingPolicyVersion | None = await session.scalar(queries.newest_version(actor, class_id))
    seen.require(0 if row is None else row.version)
    return school_class, row


async def _store(
    session: AsyncSession,
    actor: Actor,
    school_class: SchoolClass,
    row: GradingPolicyVersion | None,
    *,
    content: dict[str, Any],
    now: datetime,
) -> GradingPolicyVersion:
    """Write the next version; of two teachers' tabs that do so at once, one is stale."""
    before = snapshots.read_snapshot(row)
    version = before.version + 1
    statement = queries.next_version(actor, school_class, version, content)
    stored: GradingPolicyVersion | None = await session.scalar(statement)
    if stored is None:
        raise StaleVersionError(field="If-Match")
    await _rename(session, actor, school_class.id, snapshots.renamed(before, content))
    details = {"version": version}
    target = ("grading_policy", school_class.id)
    await record_audit(session, actor, "changed", target, now=now, details=details)
    cause = Cause(f"grading policy version {version}", now, actor.user_id)
    await settle_and_tell(session, Cells(school_class.id), cause)
    return stored


async def _rename(session: AsyncSession, actor: Actor, class_id: UUID, names: dict[str, str]) -> None:
    """All at once, so that two categories can exchange their names."""
    if not names:
        return
    used = await session.scalars(queries.named_categories(actor, class_id))
    as_written = {name: names[name.casefold()] for name in used if name and name.casefold() in names}
    if as_written:
        await session.execute(queries.rename_categories(actor, class_id, as_written))

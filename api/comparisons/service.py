"""Numbers of groups: from the district's marts, withheld where a small group could be worked out."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from api.analytics.marts import Served, ask
from api.comparisons import queries
from api.comparisons.schemas import (
    ClassNumbers,
    Comparison,
    GroupNumbers,
    Overview,
    SchoolNumbers,
    SchoolOverview,
    Wanted,
)
from api.paging import PageRequest, fetch_page
from core.domain.comparison import Measured, Told, told_of
from core.domain.suppression import SMALL_CELL_MINIMUM
from core.errors import NotFoundError
from core.models import School, SchoolClass
from core.tenancy import Actor
from warehouse.comparison_queries import class_measures, measured_class
from warehouse.folder import Warehouse

EVERY_NUMBER = 1
"""The minimum of a teacher's own classes: a teacher sees each student of theirs anyway."""


@dataclass(frozen=True, slots=True)
class Measurements:
    """Every class of the district that fits, as it is; nothing of it leaves but through `told_of`."""

    classes: dict[UUID, Measured]
    by_school: dict[UUID, list[Measured]]
    minimum: int
    served: Served


async def compare(
    session: AsyncSession, warehouse: Warehouse, actor: Actor, wanted: Wanted, page: PageRequest
) -> Comparison:
    """Return a page of the actor's classes beside the district as a whole, and an admin's schools."""
    measured = await _measure(session, warehouse, actor, wanted)
    statement = queries.compared_classes(actor, wanted)
    classes, cursor = await fetch_page(session, statement, SchoolClass.id, page)
    schools: Sequence[School] = []
    if actor.is_admin:
        schools = (await session.scalars(queries.overseen_schools(actor).order_by(School.id))).all()
    return Comparison(
        items=[_class(one, measured, actor) for one in classes],
        next_cursor=cursor,
        minimum=measured.minimum,
        district=_group(measured.classes.values(), measured.minimum),
        schools=[_school(one, measured) for one in schools],
        **measured.served.age,
    )


async def read_overview(
    session: AsyncSession, warehouse: Warehouse, actor: Actor, wanted: Wanted, page: PageRequest
) -> Overview:
    """Return a page of the schools an admin oversees, and the district for an admin of all of it."""
    measured = await _measure(session, warehouse, actor, wanted)
    schools, cursor = await fetch_page(session, queries.overseen_schools(actor), School.id, page)
    is_of_district = actor.school_id is None
    return Overview(
        items=[_school(one, measured) for one in schools],
        next_cursor=cursor,
        minimum=measured.minimum,
        district=_group(measured.classes.values(), measured.minimum) if is_of_district else None,
        **measured.served.age,
    )


async def read_school(
    session: AsyncSession,
    warehouse: Warehouse,
    actor: Actor,
    school_id: UUID,
    *,
    wanted: Wanted,
    page: PageRequest,
) -> SchoolOverview:
    """Return a school and a page of its classes. Raises NotFoundError."""
    school: School | None = await session.scalar(
        queries.overseen_schools(actor).where(School.id == school_id)
    )
    if school is None:
        raise NotFoundError
    measured = await _measure(session, warehouse, actor, wanted)
    statement = queries.compared_classes(actor, wanted).where(SchoolClass.school_id == school_id)
    classes, cursor = await fetch_page(session, statement, SchoolClass.id, page)
    return SchoolOverview(
        items=[_class(one, measured, actor) for one in classes],
        next_cursor=cursor,
        minimum=measured.minimum,
        school=_school(school, measured),
        **measured.served.age,
    )


async def _measure(session: AsyncSession, warehouse: Warehouse, actor: Actor, wanted: Wanted) -> Measurements:
    """Ask the marts about the whole district: a teacher's session sees one school, and no aggregate of others."""
    decided = await session.scalar(queries.small_cell_minimum(actor))
    query = class_measures(
        subject=wanted.subject, grade_level=wanted.grade_level, school_year=wanted.school_year
    )
    served = await ask(warehouse, actor, query)
    classes = {UUID(row["class_id"]): measured_class(row) for row in served.rows}
    by_school: dict[UUID, list[Measured]] = defaultdict(list)
    for row, one in zip(served.rows, classes.values(), strict=True):
        by_school[UUID(row["school_id"])].append(one)
    return Measurements(classes, by_school, decided or SMALL_CELL_MINIMUM, served)


def _class(school_class: SchoolClass, measured: Measurements, actor: Actor) -> ClassNumbers:
    known = measured.classes.get(school_class.id)
    minimum = EVERY_NUMBER if school_class.teacher_id == actor.user_id else measured.minimum
    return ClassNumbers(
        class_id=school_class.id,
        class_name=school_class.name,
        school_id=school_class.school_id,
        subject=school_class.subject,
        grade_level=school_class.grade_level,
        school_year=school_class.school_year,
        **_numbers(told_of([known] if known else [], minimum)),
    )


def _school(school: School, measured: Measurements) -> SchoolNumbers:
    group = _group(measured.by_school.get(school.id, []), measured.minimum)
    return SchoolNumbers(school_id=school.id, school_name=school.name, **dict(group))


def _group(classes: Iterable[Measured], minimum: int) -> GroupNumbers:
    told = told_of(classes, minimum)
    return GroupNumbers(
        **_numbers(told),
        class_count=told.class_count,
        withheld_class_count=told.withheld_class_count,
    )


def _numbers(told: Told) -> dict[str, Any]:
    means = {name: None if mean is None else Decimal(mean) for name, mean in told.means.items()}
    return {"student_count": told.student_count, **means}

"""Whom numbers of groups are about: the classes and schools the actor may name, and the district's minimum."""

from sqlalchemy import Select, func, select

from api.classes.queries import listed_classes
from api.comparisons.schemas import Wanted
from core.models import DistrictSettings, School, SchoolClass
from core.tenancy import Actor


def compared_classes(actor: Actor, wanted: Wanted) -> Select[tuple[SchoolClass]]:
    """The classes the actor sees that fit what is asked for."""
    statement = listed_classes(actor, school_year=wanted.school_year, subject=wanted.subject)
    if wanted.grade_level is None:
        return statement
    return statement.where(SchoolClass.grade_level == wanted.grade_level)


def overseen_schools(actor: Actor) -> Select[tuple[School]]:
    """The admin's own school; every school of the district for an admin of the district."""
    statement = select(School).where(School.district_id == actor.district_id, School.deleted_at.is_(None))
    return statement if actor.school_id is None else statement.where(School.id == actor.school_id)


def small_cell_minimum(actor: Actor) -> Select[tuple[int | None]]:
    return select(func.max(DistrictSettings.small_cell_minimum)).where(
        DistrictSettings.district_id == actor.district_id
    )

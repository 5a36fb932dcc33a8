"""What everything is called in an export, and what stands in for what OneRoster asks and we may not have."""

import re
from collections.abc import Iterable, Iterator
from datetime import date
from uuid import UUID, uuid5

from api.rosters.planning_people import NO_FAMILY_NAME
from api.rosters.register import Known, Register
from api.rosters.roster import AcademicSessionRow, CourseRow
from core.models import District

_YEAR = re.compile(r"(\d{4})")


class Naming:
    """The name of each row: what its roster called it, else its id."""

    def __init__(self, district: District, registers: Iterable[Register]) -> None:
        self._district_id = district.district_id
        self.district_name = district.name
        self.district = district.sourced_id or str(district.district_id)
        self._names = {row.id: row.sourced_id or str(row.id) for register in registers for row in register}

    def of(self, identifier: UUID) -> str:
        return self._names.get(identifier, str(identifier))

    def made_up(self, kind: str, text: str) -> str:
        """A name for what has no row, the same in every export."""
        return str(uuid5(self._district_id, f"{kind}:{text}"))

    def terms_of(self, school_class: Known) -> tuple[str, ...]:
        """The terms of a class; without any, the year it belongs to."""
        terms = tuple(sorted(self.of(term) for term in school_class.values["terms"]))
        return terms or (self.made_up("year", school_class.values["school_year"]),)


def course_of(naming: Naming, school_class: Known) -> CourseRow:
    """The course of a class that was made here: its subject."""
    subject = school_class.values["subject"].replace(",", " ")
    return CourseRow(
        sourced_id=naming.made_up("course", subject),
        title=subject,
        organisation=naming.district,
        subjects=(subject,),
    )


def sessions_of(naming: Naming, school_class: Known) -> Iterator[AcademicSessionRow]:
    """The year of a class that has no term."""
    if school_class.values["terms"]:
        return
    title = school_class.values["school_year"]
    found = _YEAR.search(title)
    first = int(found.group(1)) if found is not None else date.min.year
    yield AcademicSessionRow(
        sourced_id=naming.made_up("year", title),
        title=title or "year",
        kind="schoolYear",
        starts_on=date(first, 8, 1),
        ends_on=date(first + 1, 7, 31),
        school_year=f"{first + 1:04d}",
    )


def given_and_family_name(name: str) -> tuple[str, str]:
    """Split a name at its last space; OneRoster wants two parts of everybody."""
    given_name, _, family_name = name.rpartition(" ")
    return (given_name, family_name) if given_name else (family_name, NO_FAMILY_NAME)

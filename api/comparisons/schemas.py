from dataclasses import dataclass
from typing import Annotated
from uuid import UUID

from fastapi import Query

from api.analytics.schemas import AnalyticPage
from api.classes.schemas import SchoolYear
from api.schemas import ExactDecimal, Line, Output


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which classes are compared; without a word on it, all."""

    subject: Annotated[Line | None, Query(description="Compared without case.", examples=["Biology"])] = None
    grade_level: Annotated[int | None, Query(ge=0, le=12, examples=[8])] = None
    school_year: Annotated[SchoolYear | None, Query()] = None


class Numbers(Output):
    """Whole percents. Null: too few students are behind the number (or nobody yet)."""

    student_count: int | None
    """Approved places in the classes."""
    average_percent: ExactDecimal | None
    """Mean of the students' overall percents in their class."""
    completion_percent: ExactDecimal | None
    """Work handed in or graded, of what was set and not excused."""
    secure_percent: ExactDecimal | None
    """Secure among the concepts that students have answered questions of."""
    rising_percent: ExactDecimal | None
    """Students whose level rises, among those with a trend."""


class GroupNumbers(Numbers):
    """Of several classes, of which small ones are in no number."""

    class_count: int
    withheld_class_count: int
    """Classes of too few students."""


class ClassNumbers(Numbers):
    class_id: UUID
    class_name: str
    school_id: UUID
    subject: str
    grade_level: int | None
    school_year: str


class SchoolNumbers(GroupNumbers):
    school_id: UUID
    school_name: str


class Comparison(AnalyticPage[ClassNumbers]):
    """Classes you may see, by id, beside the district they are in."""

    minimum: int
    """Students that must be behind a number for it to be shown outside its class."""
    district: GroupNumbers
    schools: list[SchoolNumbers]
    """The schools an admin oversees; none for a teacher."""


class Overview(AnalyticPage[SchoolNumbers]):
    """The schools you oversee, by id."""

    minimum: int
    district: GroupNumbers | None
    """Null for an admin of one school."""


class SchoolOverview(AnalyticPage[ClassNumbers]):
    """The classes of a school, by id."""

    minimum: int
    school: SchoolNumbers

"""A roster as OneRoster names its parts; both versions read into and are written from these rows."""

from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum


class Version(StrEnum):
    V1_1 = "1.1"
    V1_2 = "1.2"


class Mode(StrEnum):
    """What a file of the archive is: all there is, or what has changed."""

    BULK = "bulk"
    DELTA = "delta"


@dataclass(frozen=True, kw_only=True)
class Row:
    """What every line has. `line` is where it stood, counted from 1 with the header."""

    sourced_id: str
    is_active: bool = True
    modified_at: datetime | None = field(default=None, compare=False)
    line: int = field(default=0, compare=False)


@dataclass(frozen=True, kw_only=True)
class Organisation(Row):
    name: str
    kind: str
    identifier: str = ""
    parent: str = ""


@dataclass(frozen=True, kw_only=True)
class AcademicSessionRow(Row):
    title: str
    kind: str
    starts_on: date
    ends_on: date
    parent: str = ""
    school_year: str


@dataclass(frozen=True, kw_only=True)
class CourseRow(Row):
    title: str
    code: str = ""
    grades: tuple[str, ...] = ()
    organisation: str
    subjects: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class ClassRow(Row):
    title: str
    grades: tuple[str, ...] = ()
    course: str
    kind: str = "scheduled"
    school: str
    terms: tuple[str, ...]
    subjects: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Person(Row):
    """A user; in 1.2 the role and the organisations stand in a file of their own."""

    is_enabled: bool = True
    organisations: tuple[str, ...] = ()
    role: str = ""
    username: str
    given_name: str
    family_name: str
    email: str = ""
    grades: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class EnrollmentRow(Row):
    school_class: str
    school: str
    user: str
    role: str
    is_primary: bool = False


@dataclass(frozen=True, kw_only=True)
class RoleRow(Row):
    """1.2 only: one role of one person in one organisation."""

    user: str
    kind: str
    role: str
    organisation: str


@dataclass(frozen=True, kw_only=True)
class CategoryRow(Row):
    title: str


@dataclass(frozen=True, kw_only=True)
class LineItemRow(Row):
    title: str
    description: str = ""
    assigned_on: date
    due_on: date
    school_class: str
    school: str
    category: str
    grading_period: str
    least: Decimal = Decimal(0)
    most: Decimal


@dataclass(frozen=True, kw_only=True)
class ResultRow(Row):
    line_item: str
    student: str
    score_status: str
    score: Decimal
    scored_on: date
    school_class: str


@dataclass(frozen=True)
class Problem:
    """A line that was not taken, or not wholly, and why."""

    file: str
    line: int
    sourced_id: str
    code: str
    message: str


@dataclass(frozen=True)
class Roster:
    """What an archive says. `modes` has the files that are there; lines that say nothing usable are `problems`."""

    version: Version
    organisations: tuple[Organisation, ...] = ()
    sessions: tuple[AcademicSessionRow, ...] = ()
    courses: tuple[CourseRow, ...] = ()
    classes: tuple[ClassRow, ...] = ()
    people: tuple[Person, ...] = ()
    enrollments: tuple[EnrollmentRow, ...] = ()
    categories: tuple[CategoryRow, ...] = ()
    line_items: tuple[LineItemRow, ...] = ()
    results: tuple[ResultRow, ...] = ()
    modes: dict[str, Mode] = field(default_factory=dict, compare=False)
    problems: tuple[Problem, ...] = field(default=(), compare=False)

"""The files of OneRoster CSV 1.1 and 1.2, column by column in the specification's order, and what we keep of them."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, date, datetime
from decimal import Decimal, InvalidOperation
from typing import Any

from api.rosters.roster import (
    AcademicSessionRow,
    CategoryRow,
    ClassRow,
    CourseRow,
    EnrollmentRow,
    LineItemRow,
    Organisation,
    Person,
    ResultRow,
    RoleRow,
    Row,
    Version,
)

LONGEST_TEXT = 255
"""Characters of a value, as the specification's own data model has it."""


_CONTROL = re.compile("[\\x00-\\x1f\\x7f\\ufffe\\uffff]")


class BadValueError(Exception):
    """A value that its column cannot hold; the argument is the problem's code."""


@dataclass(frozen=True)
class Codec:
    """How a value stands in a cell."""

    read: Callable[[str], Any]
    write: Callable[[Any], str]


@dataclass(frozen=True)
class Column:
    """One column that we keep: its header, our name for it, and whether a line without it is of use."""

    header: str
    attribute: str
    codec: Codec
    is_required: bool = False


@dataclass(frozen=True, eq=False)
class File:
    """One kind of file: the rows it holds, the header of each version, and the columns we keep."""

    name: str
    attribute: str
    row: type[Row]
    headers: dict[Version, str]
    columns: tuple[Column, ...]

    def header(self, version: Version) -> list[str]:
        return f"{_BASE},{self.headers[version]}".split(",")

    def kept(self, version: Version) -> tuple[Column, ...]:
        present = set(self.header(version))
        return tuple(column for column in (*_EVERYWHERE, *self.columns) if column.header in present)


def _read_text(cell: str) -> str:
    if len(cell) > LONGEST_TEXT or _CONTROL.search(cell):
        raise BadValueError("bad_value")
    return cell


def _read_date(cell: str) -> date:
    try:
        return date.fromisoformat(cell[:10])
    except ValueError as error:
        raise BadValueError("bad_date") from error


def _read_moment(cell: str) -> datetime | None:
    try:
        moment = datetime.fromisoformat(cell) if cell else None
    except ValueError as error:
        raise BadValueError("bad_date") from error
    return moment.replace(tzinfo=UTC) if moment is not None and moment.tzinfo is None else moment


def _write_moment(moment: datetime | None) -> str:
    return "" if moment is None else moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def _read_flag(cell: str) -> bool:
    if cell.lower() not in {"true", "false", ""}:
        raise BadValueError("bad_value")
    return cell.lower() == "true"


def _read_status(cell: str) -> bool:
    """Blank is active: bulk files leave it out. 1.0 knew `inactive` too."""
    if cell.lower() not in {"", "active", "inactive", "tobedeleted"}:
        raise BadValueError("bad_value")
    return cell.lower() in {"", "active"}


def _read_number(cell: str) -> Decimal:
    try:
        return Decimal(cell)
    except InvalidOperation as error:
        raise BadValueError("bad_value") from error


def _read_list(cell: str) -> tuple[str, ...]:
    return tuple(part for item in cell.split(",") if (part := _read_text(item.strip())))


def _write_number(number: Decimal) -> str:
    return f"{number.normalize():f}"


_TEXT = Codec(_read_text, str)
_DATE = Codec(_read_date, date.isoformat)
_MOMENT = Codec(_read_moment, _write_moment)
_FLAG = Codec(_read_flag, lambda flag: "true" if flag else "false")
_STATUS = Codec(_read_status, lambda is_active: "active" if is_active else "tobedeleted")
_NUMBER = Codec(_read_number, _write_number)
_LIST = Codec(_read_list, ",".join)

_BASE = "sourcedId,status,dateLastModified"
_EVERYWHERE = (
    Column("sourcedId", "sourced_id", _TEXT, is_required=True),
    Column("status", "is_active", _STATUS),
    Column("dateLastModified", "modified_at", _MOMENT),
)


def _both(header: str) -> dict[Version, str]:
    return dict.fromkeys(Version, header)


ORGS = File(
    "orgs",
    "organisations",
    Organisation,
    _both("name,type,identifier,parentSourcedId"),
    (
        Column("name", "name", _TEXT, is_required=True),
        Column("type", "kind", _TEXT, is_required=True),
        Column("identifier", "identifier", _TEXT),
        Column("parentSourcedId", "parent", _TEXT),
    ),
)
SESSIONS = File(
    "academicSessions",
    "sessions",
    AcademicSessionRow,
    _both("title,type,startDate,endDate,parentSourcedId,schoolYear"),
    (
        Column("title", "title", _TEXT, is_required=True),
        Column("type", "kind", _TEXT, is_required=True),
        Column("startDate", "starts_on", _DATE, is_required=True),
        Column("endDate", "ends_on", _DATE, is_required=True),
        Column("parentSourcedId", "parent", _TEXT),
        Column("schoolYear", "school_year", _TEXT, is_required=True),
    ),
)
COURSES = File(
    "courses",
    "courses",
    CourseRow,
    _both("schoolYearSourcedId,title,courseCode,grades,orgSourcedId,subjects,subjectCodes"),
    (
        Column("title", "title", _TEXT, is_required=True),
        Column("courseCode", "code", _TEXT),
        Column("grades", "grades", _LIST),
        Column("orgSourcedId", "organisation", _TEXT, is_required=True),
        Column("subjects", "subjects", _LIST),
    ),
)
CLASSES = File(
    "classes",
    "classes",
    ClassRow,
    _both(
        "title,grades,courseSourcedId,classCode,classType,location,schoolSourcedId,termSourcedIds,subjects,"
        "subjectCodes,periods"
    ),
    (
        Column("title", "title", _TEXT, is_required=True),
        Column("grades", "grades", _LIST),
        Column("courseSourcedId", "course", _TEXT, is_required=True),
        Column("classType", "kind", _TEXT),
        Column("schoolSourcedId", "school", _TEXT, is_required=True),
        Column("termSourcedIds", "terms", _LIST, is_required=True),
        Column("subjects", "subjects", _LIST),
    ),
)
USERS = File(
    "users",
    "people",
    Person,
    {
        Version.V1_1: (
            "enabledUser,orgSourcedIds,role,username,userIds,givenName,familyName,middleName,identifier,email,sms,"
            "phone,agentSourcedIds,grades,password"
        ),
        Version.V1_2: (
            "enabledUser,username,userIds,givenName,familyName,middleName,identifier,email,sms,phone,"
            "agentSourcedIds,grades,password,userMasterIdentifier,preferredGivenName,preferredMiddleName,"
            "preferredFamilyName,primaryOrgSourcedId,pronouns"
        ),
    },
    (
        Column("enabledUser", "is_enabled", _FLAG, is_required=True),
        Column("orgSourcedIds", "organisations", _LIST, is_required=True),
        Column("role", "role", _TEXT, is_required=True),
        Column("username", "username", _TEXT, is_required=True),
        Column("givenName", "given_name", _TEXT, is_required=True),
        Column("familyName", "family_name", _TEXT, is_required=True),
        Column("email", "email", _TEXT),
        Column("grades", "grades", _LIST),
    ),
)
ENROLLMENTS = File(
    "enrollments",
    "enrollments",
    EnrollmentRow,
    _both("classSourcedId,schoolSourcedId,userSourcedId,role,primary,beginDate,endDate"),
    (
        Column("classSourcedId", "school_class", _TEXT, is_required=True),
        Column("schoolSourcedId", "school", _TEXT, is_required=True),
        Column("userSourcedId", "user", _TEXT, is_required=True),
        Column("role", "role", _TEXT, is_required=True),
        Column("primary", "is_primary", _FLAG),
    ),
)
ROLES = File(
    "roles",
    "roles",
    RoleRow,
    {Version.V1_2: "userSourcedId,roleType,role,beginDate,endDate,orgSourcedId,userProfileSourcedId"},
    (
        Column("userSourcedId", "user", _TEXT, is_required=True),
        Column("roleType", "kind", _TEXT, is_required=True),
        Column("role", "role", _TEXT, is_required=True),
        Column("orgSourcedId", "organisation", _TEXT, is_required=True),
    ),
)
CATEGORIES = File(
    "categories",
    "categories",
    CategoryRow,
    {Version.V1_1: "title", Version.V1_2: "title,weight"},
    (Column("title", "title", _TEXT, is_required=True),),
)
_LINE_ITEM = (
    "title,description,assignDate,dueDate,classSourcedId,categorySourcedId,gradingPeriodSourcedId,resultValueMin,"
    "resultValueMax"
)
LINE_ITEMS = File(
    "lineItems",
    "line_items",
    LineItemRow,
    {Version.V1_1: _LINE_ITEM, Version.V1_2: f"{_LINE_ITEM},schoolSourcedId"},
    (
        Column("title", "title", _TEXT),
        Column("description", "description", _TEXT),
        Column("assignDate", "assigned_on", _DATE),
        Column("dueDate", "due_on", _DATE),
        Column("classSourcedId", "school_class", _TEXT),
        Column("categorySourcedId", "category", _TEXT),
        Column("gradingPeriodSourcedId", "grading_period", _TEXT),
        Column("resultValueMin", "least", _NUMBER),
        Column("resultValueMax", "most", _NUMBER),
        Column("schoolSourcedId", "school", _TEXT),
    ),
)
_RESULT = "lineItemSourcedId,studentSourcedId,scoreStatus,score,scoreDate,comment"
RESULTS = File(
    "results",
    "results",
    ResultRow,
    {Version.V1_1: _RESULT, Version.V1_2: f"{_RESULT},classSourcedId,inProgress,incomplete,late,missing"},
    (
        Column("lineItemSourcedId", "line_item", _TEXT),
        Column("studentSourcedId", "student", _TEXT),
        Column("scoreStatus", "score_status", _TEXT),
        Column("score", "score", _NUMBER),
        Column("scoreDate", "scored_on", _DATE),
        Column("classSourcedId", "school_class", _TEXT),
    ),
)

READ_FILES = (ORGS, SESSIONS, COURSES, USERS, CLASSES, ENROLLMENTS)
"""What an import takes; `roles` belongs to `users`, everything else is left aside."""
WRITTEN_FILES = (*READ_FILES, CATEGORIES, LINE_ITEMS, RESULTS)

_LISTED = {
    Version.V1_1: (
        "academicSessions,categories,classes,classResources,courses,courseResources,demographics,enrollments,"
        "lineItems,orgs,resources,results,users"
    ),
    Version.V1_2: (
        "academicSessions,categories,classes,classResources,courses,courseResources,demographics,enrollments,"
        "lineItemLearningObjectiveIds,lineItems,lineItemScoreScales,orgs,resources,resultLearningObjectiveIds,"
        "results,resultScoreScales,roles,scoreScales,userProfiles,userResources,users"
    ),
}


def listed_files(version: Version) -> list[str]:
    """Every file a manifest of this version must speak of, in its order."""
    return _LISTED[version].split(",")

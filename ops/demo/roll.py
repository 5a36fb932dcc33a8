"""The ids of a district and its people, and the rows that say who they are and what is taught."""

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import polars as pl

from api.classes.codes import ALPHABET, LENGTH
from ops.demo.curriculum import CONCEPTS, positions
from ops.demo.identifiers import uuid7_strings
from ops.demo.people import DistrictPlan, People
from ops.demo.semester import DAY, Semester, moment, school_year

Tables = dict[str, pl.DataFrame]
"""Rows by table name, columns named as in the database; times as UTC datetimes, JSON as text."""

_CODE_LIFE_DAYS = 180
_ASKING_SHARE = 0.12
_PENDING_SHARE = 0.7


@dataclass(frozen=True, slots=True)
class Roll:
    """Ids by position in `People` and `CONCEPTS`."""

    district_id: str
    schools: pl.Series
    users: pl.Series
    classes: pl.Series
    concepts: pl.Series
    people: People

    def school_of_users(self, rows: Iterable[int]) -> pl.Series:
        """Return the school ids of rows of `users`, null for the district admin."""
        return self.schools.gather(self.people.users["school"].gather(pl.Series(rows, dtype=pl.Int64)))

    def school_of_classes(self, rows: Iterable[int]) -> pl.Series:
        """Return the school ids of rows of `classes`."""
        return self.schools.gather(self.people.classes["school"].gather(pl.Series(rows, dtype=pl.Int64)))


def enter(plan: DistrictPlan, people: People, semester: Semester, random: np.random.Generator) -> Roll:
    """Give everyone and everything an id from the month before the term."""

    def ids(count: int) -> pl.Series:
        return uuid7_strings(_before(semester, count), random)

    return Roll(
        district_id=ids(1)[0],
        schools=ids(len(plan.schools)),
        users=ids(len(people.users)),
        classes=ids(len(people.classes)),
        concepts=ids(len(CONCEPTS)),
        people=people,
    )


def _before(semester: Semester, count: int) -> npt.NDArray[np.int64]:
    return semester.start - 30 * DAY + np.arange(count, dtype=np.int64)


def times(unix_milliseconds: pl.Series | npt.NDArray[np.int64]) -> pl.Series:
    """Turn Unix milliseconds into UTC datetimes; null stays null."""
    return pl.from_epoch(pl.Series(unix_milliseconds, dtype=pl.Int64), time_unit="ms").dt.replace_time_zone(
        "UTC"
    )


def roll_tables(plan: DistrictPlan, roll: Roll, semester: Semester, random: np.random.Generator) -> Tables:
    """Return districts, directory, schools, users, concepts, prerequisites, classes and enrolments."""
    founded = moment(semester.start - 30 * DAY)
    districts = pl.DataFrame(
        {"district_id": [roll.district_id], "name": [plan.name], "time_zone": [plan.time_zone]}
    )
    schools = pl.DataFrame({"id": roll.schools, "name": [school.name for school in plan.schools]})
    tables = {
        "district_directory": pl.DataFrame({"id": [roll.district_id], "status": ["active"]}),
        "districts": districts,
        "schools": _of_district(roll, schools),
        "users": _of_district(roll, _users(roll)),
        "concepts": _of_district(roll, _concepts(roll)),
        "concept_prerequisites": _of_district(roll, _prerequisites(roll)),
        "classes": _of_district(roll, _classes(roll, semester, random)),
    }
    stamped = {name: table.with_columns(**stamps(founded)) for name, table in tables.items()}
    return stamped | {"class_enrollments": _of_district(roll, _enrollments(roll, semester, random))}


def stamps(created: object, updated: object | None = None) -> dict[str, pl.Expr]:
    """Return `created_at` and `updated_at`, both as of the simulated moment."""
    latest = created if updated is None else updated
    return {"created_at": _expression(created), "updated_at": _expression(latest)}


def _expression(value: object) -> pl.Expr:
    return value if isinstance(value, pl.Expr) else pl.lit(value)


def _of_district(roll: Roll, table: pl.DataFrame) -> pl.DataFrame:
    return table.with_columns(district_id=pl.lit(roll.district_id))


def _users(roll: Roll) -> pl.DataFrame:
    users = roll.people.users
    return users.select(
        id=roll.users,
        school_id=roll.school_of_users(range(len(users))),
        role="role",
        name="name",
        email="email",
        grade_level="grade_level",
        status=pl.lit("active"),
    )


def _concepts(roll: Roll) -> pl.DataFrame:
    return pl.DataFrame(
        {
            "id": roll.concepts,
            "subject": [concept.subject.value for concept in CONCEPTS],
            "name": [concept.name for concept in CONCEPTS],
            "description": [concept.description for concept in CONCEPTS],
        }
    )


def _prerequisites(roll: Roll) -> pl.DataFrame:
    pairs = [
        (roll.concepts[index], roll.concepts[prerequisite])
        for index, concept in enumerate(CONCEPTS)
        for prerequisite in positions(concept.prerequisites)
    ]
    return pl.DataFrame(pairs, schema=["concept_id", "prerequisite_id"], orient="row")


def _classes(roll: Roll, semester: Semester, random: np.random.Generator) -> pl.DataFrame:
    classes = roll.people.classes
    letters = random.choice(list(ALPHABET), size=(len(classes), LENGTH))
    return classes.select(
        id=roll.classes,
        school_id=roll.school_of_classes(range(len(classes))),
        teacher_id=roll.users.gather(classes["teacher"]),
        name="name",
        subject="subject",
        grade_level="grade_level",
        school_year=pl.lit(school_year(semester)),
        code=pl.Series(["".join(row) for row in letters]),
        code_expires_at=pl.lit(moment(semester.end + _CODE_LIFE_DAYS * DAY)),
    )


def _enrollments(roll: Roll, semester: Semester, random: np.random.Generator) -> pl.DataFrame:
    """Approve the cohorts before the term begins, and let a few others ask for a place in its last days."""
    asked = _requests(roll, semester, random)
    approved = roll.people.enrollments.with_columns(
        status=pl.lit("approved"), requested=semester.start - 9 * DAY, decided=semester.start - 8 * DAY
    )
    rows = pl.concat([approved, asked])
    teachers = roll.people.classes["teacher"].gather(rows["class"])
    requested = rows["requested"].to_numpy() + np.arange(len(rows))
    return rows.select(
        id=uuid7_strings(requested, random),
        school_id=roll.school_of_classes(rows["class"]),
        class_id=roll.classes.gather(rows["class"]),
        student_id=roll.users.gather(rows["student"]),
        status="status",
        requested_at=times(requested),
        decided_at=times(rows["decided"]),
        decided_by=pl.when(pl.col("decided").is_not_null()).then(roll.users.gather(teachers)),
        **stamps(times(requested)),
    )


def _requests(roll: Roll, semester: Semester, random: np.random.Generator) -> pl.DataFrame:
    """Draw students of the same school who asked to join another cohort's class; some were told no."""
    people = roll.people
    rows: list[tuple[int, int, str, int, int | None]] = []
    for number, school in enumerate(people.classes["school"]):
        own = people.enrollments.filter(pl.col("class") == number)["student"]
        others = np.setdiff1d(_students_of(people, school), own.to_numpy())
        if len(others) == 0 or random.random() > _ASKING_SHARE:
            continue
        requested = semester.end - int(random.integers(DAY, 4 * DAY))
        pending = random.random() < _PENDING_SHARE
        decided = None if pending else requested + DAY // 2
        rows.append(
            (number, int(random.choice(others)), "pending" if pending else "rejected", requested, decided)
        )
    columns = {
        "class": pl.Int64,
        "student": pl.Int64,
        "status": pl.String,
        "requested": pl.Int64,
        "decided": pl.Int64,
    }
    return pl.DataFrame(rows, schema=columns, orient="row")


def _students_of(people: People, school: int) -> npt.NDArray[np.int64]:
    users = people.users.with_row_index("row").cast({"row": pl.Int64})
    return users.filter((pl.col("role") == "student") & (pl.col("school") == school))["row"].to_numpy()

"""Districts, schools, who works and learns there, and the classes they meet in."""

from dataclasses import dataclass

import numpy as np
import polars as pl

from ops.demo.curriculum import Subject
from ops.demo.names import draw_names

COHORT_SIZE = 26
SPLIT_FROM = 16
"""A school of this many students has at least two cohorts, so that "another class" exists in a small demo too."""
CLASSES_PER_TEACHER = 5


@dataclass(frozen=True, slots=True)
class SchoolPlan:
    name: str
    slug: str
    grade_levels: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class DistrictPlan:
    """`share` of all simulated students live here; `domain` ends every e-mail address."""

    name: str
    domain: str
    time_zone: str
    share: float
    schools: tuple[SchoolPlan, ...]


DISTRICTS = (
    DistrictPlan(
        "Maplewood Unified School District",
        "maplewood.example.org",
        "America/Chicago",
        0.54,
        (
            SchoolPlan("Hillside Elementary School", "hillside", (4, 5)),
            SchoolPlan("Cedar Creek Middle School", "cedarcreek", (6, 7, 8)),
            SchoolPlan("Maplewood High School", "maplewood-high", (9, 10)),
        ),
    ),
    DistrictPlan(
        "Harbor Bay Public Schools",
        "harborbay.example.org",
        "America/New_York",
        0.46,
        (
            SchoolPlan("Harbor Bay Middle School", "harborbay-middle", (6, 7, 8)),
            SchoolPlan("Lighthouse High School", "lighthouse", (9, 10)),
        ),
    ),
)


@dataclass(frozen=True, slots=True)
class People:
    """Who is who, by position: rows of `users`, and for every class its school, teacher, subject and grade level.

    `users`: school (Int64, null for the district admin), role, name, email, grade_level. Students come last, from
    row `first_student` on. `classes`: school, teacher (row of users), subject, grade_level, name.
    `enrollments`: class, student (row of users).
    """

    users: pl.DataFrame
    first_student: int
    classes: pl.DataFrame
    enrollments: pl.DataFrame


@dataclass(frozen=True, slots=True)
class _Cohort:
    school: int
    grade_level: int
    letter: str
    size: int


def settle(plan: DistrictPlan, students: int, random: np.random.Generator) -> People:
    """Fill a district with people: cohorts of about 26 students that take mathematics and science together."""
    cohorts = _cohorts(plan, students)
    teachers_per_school = [_teachers_needed(cohorts, school) for school in range(len(plan.schools))]
    staff = _staff(plan, teachers_per_school)
    enrolled = [
        (cohort.school, "student", cohort.grade_level) for cohort in cohorts for _ in range(cohort.size)
    ]
    rows = [*staff, *enrolled]
    users = pl.DataFrame(
        rows,
        schema={"school": pl.Int64, "role": pl.String, "grade_level": pl.Int64},
        orient="row",
    ).with_columns(pl.Series("name", draw_names(len(rows), random)))
    users = users.with_columns(pl.Series("email", _emails(plan, users), dtype=pl.String))
    classes = _classes(cohorts, users)
    return People(users, len(staff), classes, _enrollments(cohorts, len(staff)))


def _cohorts(plan: DistrictPlan, students: int) -> list[_Cohort]:
    """Divide the students over schools, and each school's over cohorts that walk through its grade levels."""
    cohorts = []
    for school, size in enumerate(_even_split(students, len(plan.schools))):
        needed = max(-(-size // COHORT_SIZE), 2 if size >= SPLIT_FROM else 1)
        levels = plan.schools[school].grade_levels
        for number, cohort_size in enumerate(_even_split(size, needed)):
            # The first two cohorts share a grade level: parallel classes to compare.
            level = levels[max(number - 1, 0) % len(levels)]
            cohorts.append(_Cohort(school, level, _letter(number), cohort_size))
    return cohorts


def _even_split(total: int, parts: int) -> list[int]:
    return [total // parts + (1 if part < total % parts else 0) for part in range(parts)]


def _letter(number: int) -> str:
    """Name cohorts A to Z, then AA, AB and so on."""
    prefix = _letter(number // 26 - 1) if number >= 26 else ""
    return prefix + chr(ord("A") + number % 26)


def _teachers_needed(cohorts: list[_Cohort], school: int) -> int:
    here = sum(cohort.school == school for cohort in cohorts)
    return -(-here // CLASSES_PER_TEACHER)


def _staff(plan: DistrictPlan, teachers_per_school: list[int]) -> list[tuple[int | None, str, int | None]]:
    """List the district admin, then each school's admin, mathematics teachers and science teachers."""
    staff: list[tuple[int | None, str, int | None]] = [(None, "admin", None)]
    for school in range(len(plan.schools)):
        staff.append((school, "admin", None))
        staff.extend([(school, "teacher", None)] * (teachers_per_school[school] * len(Subject)))
    return staff


def _emails(plan: DistrictPlan, users: pl.DataFrame) -> list[str]:
    """Give every account an address a person can guess: `teacher1.hillside@…`, `student12.hillside@…`."""
    counted: dict[tuple[int | None, str], int] = {}
    emails = []
    for school, role in users.select("school", "role").iter_rows():
        number = counted[school, role] = counted.get((school, role), 0) + 1
        if school is None:
            emails.append(f"admin@{plan.domain}")
            continue
        ordinal = "" if role == "admin" else str(number)
        emails.append(f"{role}{ordinal}.{plan.schools[school].slug}@{plan.domain}")
    return emails


def _classes(cohorts: list[_Cohort], users: pl.DataFrame) -> pl.DataFrame:
    """Give each cohort one class per subject; a school's teachers of a subject take its cohorts in turn."""
    teachers = users.with_row_index("row").filter(pl.col("role") == "teacher")
    seen: dict[int, int] = {}
    rows = []
    for cohort in cohorts:
        turn = seen[cohort.school] = seen.get(cohort.school, -1) + 1
        here = teachers.filter(pl.col("school") == cohort.school)["row"].to_list()
        per_subject = len(here) // len(Subject)
        for number, subject in enumerate(Subject):
            teacher = here[number * per_subject + turn % per_subject]
            name = f"{subject} {cohort.grade_level}{cohort.letter}"
            rows.append((cohort.school, teacher, subject.value, cohort.grade_level, name))
    schema = {
        "school": pl.Int64,
        "teacher": pl.Int64,
        "subject": pl.String,
        "grade_level": pl.Int64,
        "name": pl.String,
    }
    return pl.DataFrame(rows, schema=schema, orient="row")


def _enrollments(cohorts: list[_Cohort], first_student: int) -> pl.DataFrame:
    """Enrol each cohort in its classes; students and classes stand in cohort order."""
    rows: list[tuple[int, int]] = []
    student = first_student
    for number, cohort in enumerate(cohorts):
        for subject in range(len(Subject)):
            rows.extend((number * len(Subject) + subject, student + seat) for seat in range(cohort.size))
        student += cohort.size
    return pl.DataFrame(rows, schema={"class": pl.Int64, "student": pl.Int64}, orient="row")

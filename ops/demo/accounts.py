"""The accounts a visitor can sign in with: every role, both districts, several schools."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import polars as pl

from ops.demo.roll import Roll


@dataclass(frozen=True, slots=True)
class DemoUser:
    """An account whose password is known. `school` is None for a district admin; `class_ids` are the classes it
    teaches or is enrolled in.
    """

    email: str
    password: str
    role: str
    name: str
    user_id: UUID
    district: UUID
    school: UUID | None
    class_ids: tuple[UUID, ...]

    def as_json(self) -> dict[str, Any]:
        """Return the entry of `.homeroom/demo.json`."""
        return {
            "email": self.email,
            "password": self.password,
            "role": self.role,
            "name": self.name,
            "user_id": str(self.user_id),
            "district": str(self.district),
            "school": None if self.school is None else str(self.school),
            "class_ids": [str(class_id) for class_id in self.class_ids],
        }


def known_accounts(roll: Roll, password: str) -> list[DemoUser]:
    """Pick the district's admin, then of each school its admin, two teachers, and four students.

    The first two students sit in one class, the last two in another wherever the school has more than one cohort;
    the teachers are those of the first class and of the last.
    """
    rows = [_row(roll, pl.col("school").is_null(), 0)]
    for school in range(len(roll.schools)):
        here = pl.col("school") == school
        rows.append(_row(roll, here & (pl.col("role") == "admin"), 0))
        rows.extend(_first_and_last_teacher(roll, school))
        rows.extend(_row(roll, here & (pl.col("role") == "student"), place) for place in (0, 1, -2, -1))
    return [_account(roll, row, password) for row in rows]


def _row(roll: Roll, condition: pl.Expr, place: int) -> int:
    """Return the row number of the user at `place` among those the condition names."""
    users = roll.people.users.with_row_index("row")
    return int(users.filter(condition)["row"][place])


def _first_and_last_teacher(roll: Roll, school: int) -> Iterator[int]:
    teachers = roll.people.classes.filter(pl.col("school") == school)["teacher"]
    yield int(teachers[0])
    yield int(teachers[-1])


def _account(roll: Roll, row: int, password: str) -> DemoUser:
    school, role, _grade_level, name, email = roll.people.users.row(row)
    return DemoUser(
        email=email,
        password=password,
        role=role,
        name=name,
        user_id=UUID(roll.users[row]),
        district=UUID(roll.district_id),
        school=None if school is None else UUID(roll.schools[school]),
        class_ids=tuple(UUID(roll.classes[number]) for number in _classes_of(roll, row)),
    )


def _classes_of(roll: Roll, row: int) -> list[int]:
    classes = roll.people.classes.with_row_index("class")
    taught = classes.filter(pl.col("teacher") == row)["class"].to_list()
    attended = roll.people.enrollments.filter(pl.col("student") == row)["class"].to_list()
    return taught or attended

"""What an import writes, and what it leaves alone."""

from typing import Any

import pytest
from sqlalchemy import text
from sqlalchemy.orm import Session

from api.rosters.roster import Version
from core.models import District
from tests.api.rosters.conftest import TakeOver, counts, problems
from tests.api.rosters.rosters import make_roster

FIRST = {
    "orgs": {"created": 1, "linked": 1},
    "academicSessions": {"created": 2},
    "courses": {"created": 1},
    "users": {"created": 4},
    "classes": {"created": 1},
    "enrollments": {"created": 3, "unchanged": 1},
}


def found(rows: Session, statement: str, district: District) -> list[Any]:
    return [tuple(row) for row in rows.execute(text(statement), {"d": district.district_id})]


@pytest.mark.parametrize("version", Version)
async def test_a_roster_fills_an_empty_district(
    take_over: TakeOver, rows: Session, district: District, version: Version
) -> None:
    report = await take_over(make_roster(version))
    assert counts(report) == FIRST
    assert problems(report) == []
    people = found(
        rows,
        "SELECT role, name, grade_level, status FROM app.users"
        " WHERE district_id = :d AND sourced_id IS NOT NULL ORDER BY name",
        district,
    )
    assert people == [
        ("student", "Student Number0", 9, "active"),
        ("student", "Student Number1", 9, "active"),
        ("student", "Student Number2", 9, "active"),
        ("teacher", "Teacher Number0", None, "active"),
    ]
    classes = found(
        rows,
        "SELECT name, subject, grade_level, school_year FROM app.classes WHERE district_id = :d",
        district,
    )
    assert classes == [("Algebra, period 1", "Mathematics", 9, "2026-2027")]
    places = found(rows, "SELECT status FROM app.class_enrollments WHERE district_id = :d", district)
    assert places == [("approved",)] * 3
    terms = found(rows, "SELECT count(*) FROM app.class_sessions WHERE district_id = :d", district)
    assert terms == [(2,)]


@pytest.mark.parametrize("version", Version)
async def test_the_same_roster_again_changes_nothing(take_over: TakeOver, version: Version) -> None:
    roster = make_roster(version)
    await take_over(roster)
    report = await take_over(roster)
    assert {name for entry in counts(report).values() for name in entry} == {"unchanged"}
    assert problems(report) == []

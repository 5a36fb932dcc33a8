"""What an import writes, and what it leaves alone."""

from dataclasses import replace
from typing import Any

import pytest
from sqlalchemy import select, text
from sqlalchemy.orm import Session

from api.rosters.roster import Version
from core.models import ConsentDecision, District, User
from core.tenancy import Role
from tests.api.envelopes import data_of, refusal_of
from tests.api.rosters.conftest import Send, TakeOver, counts, problems
from tests.api.rosters.rosters import as_delta, make_roster, with_person
from tests.factories.consent import make_consent

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


async def test_a_repeated_sending_with_its_key_is_one_job(send: Send) -> None:
    roster, headers = make_roster(), {"Idempotency-Key": "again"}
    first, second = [data_of(await send(roster, headers=headers), 202) for _ in range(2)]
    assert first["job_id"] == second["job_id"]
    other = await send(make_roster(), headers=headers)
    assert other.json()["errors"][0]["code"] == "idempotency_key_reused"


async def test_a_rehearsal_reports_what_the_import_then_does_and_writes_nothing(
    send: Send, take_over: TakeOver, rows: Session, district: District
) -> None:
    roster = with_person(make_roster(), 1, role="wizard")
    rehearsed = data_of(await send(roster, dry_run=True))
    assert rehearsed["job_id"] is None
    everything = "SELECT count(*) FROM app.users WHERE district_id = :d AND sourced_id IS NOT NULL"
    assert found(rows, everything, district) == [(0,)]
    assert await take_over(roster) == rehearsed["report"]


async def test_nobody_knows_the_password_of_who_was_rostered_and_the_school_answers_for_students(
    take_over: TakeOver, rows: Session, district: District, admin: User
) -> None:
    await take_over(make_roster())
    hashes = "SELECT DISTINCT password_hash FROM auth.identities WHERE district_id = :d"
    assert found(rows, hashes, district) == [("!",)]
    consents = "SELECT scope, decision, basis, decided_by FROM app.consents WHERE district_id = :d"
    assert found(rows, consents, district) == [("collection", "granted", "school_agent", admin.id)] * 3


async def test_a_delta_changes_what_it_names_and_nothing_else(
    take_over: TakeOver, rows: Session, district: District
) -> None:
    roster = make_roster()
    await take_over(roster)
    change = replace(
        roster,
        sessions=(),
        courses=(),
        classes=(),
        enrollments=(),
        organisations=(),
        people=roster.people[:2],
    )
    packed = as_delta(with_person(change, 1, given_name="Renamed"))
    report = await take_over(packed)
    assert counts(report) == {"users": {"updated": 1, "unchanged": 1}}
    names = "SELECT name FROM app.users WHERE district_id = :d AND role = 'student' ORDER BY name"
    assert found(rows, names, district)[0] == ("Renamed Number0",)


async def test_more_than_the_allowed_share_is_refused_with_the_counts(
    send: Send, take_over: TakeOver
) -> None:
    roster = make_roster()
    await take_over(roster)
    fewer = replace(roster, enrollments=roster.enrollments[:-1])
    answer = await send(fewer)
    assert "1 of 3 in enrollments" in refusal_of(answer, 409, "too_many_deactivations")["message"]
    report = await take_over(fewer, max_deactivation_percent=34)
    assert counts(report)["enrollments"] == {"unchanged": 3, "deactivated": 1}


async def test_what_is_no_longer_listed_goes_out_of_use_and_comes_back(
    take_over: TakeOver, rows: Session, district: District
) -> None:
    roster = make_roster()
    await take_over(roster)
    gone = replace(roster, people=roster.people[:-1], enrollments=roster.enrollments[:-1])
    await take_over(gone, max_deactivation_percent=100)
    students = "SELECT status FROM app.users WHERE district_id = :d AND role = 'student' ORDER BY name"
    history = (
        "SELECT old_status, new_status FROM app.enrollment_changes WHERE district_id = :d AND old_status IS NOT NULL"
        " ORDER BY id"
    )
    assert found(rows, students, district) == [("active",), ("active",), ("disabled",)]
    await take_over(roster)
    assert found(rows, students, district) == [("active",)] * 3
    assert found(rows, history, district) == [("approved", "removed"), ("removed", "approved")]


async def test_a_guardians_no_outlasts_a_roster_that_leaves_the_child_out_and_lists_it_again(
    take_over: TakeOver, rows: Session, district: District
) -> None:
    roster = make_roster()
    await take_over(roster)
    listed = select(User).where(User.district_id == district.district_id, User.role == Role.STUDENT)
    child = rows.scalars(listed.order_by(User.name)).all()[-1]
    make_consent(rows, child, decision=ConsentDecision.REVOKED)
    gone = replace(roster, people=roster.people[:-1], enrollments=roster.enrollments[:-1])
    await take_over(gone, max_deactivation_percent=100)
    await take_over(roster)
    status = "SELECT status FROM app.users WHERE district_id = :d AND role = 'student' ORDER BY name"
    assert found(rows, status, district) == [("active",), ("active",), ("awaiting_consent",)]


async def test_a_disabled_persons_sessions_end(
    take_over: TakeOver, rows: Session, district: District
) -> None:
    roster = make_roster()
    await take_over(roster)
    rows.execute(
        text(
            "INSERT INTO auth.sessions (id, user_id, district_id, current_hash, rotated_at, expires_at)"
            " SELECT user_id, user_id, district_id, 'x', now(), now() + interval '1 day' FROM auth.identities"
            " WHERE district_id = :d ON CONFLICT DO NOTHING"
        ),
        {"d": district.district_id},
    )
    await take_over(with_person(roster, 1, is_enabled=False), max_deactivation_percent=100)
    ended = "SELECT count(*) FROM auth.sessions WHERE district_id = :d AND revoked_at IS NOT NULL"
    assert found(rows, ended, district) == [(1,)]


async def test_a_class_that_is_to_be_deleted_closes_with_its_code(
    take_over: TakeOver, rows: Session, district: District
) -> None:
    roster = make_roster()
    await take_over(roster)
    codes = "SELECT count(*) FROM auth.class_codes WHERE district_id = :d"
    assert found(rows, codes, district) == [(1,)]
    closed = replace(roster, classes=(replace(roster.classes[0], is_active=False),))
    report = await take_over(closed, max_deactivation_percent=100)
    assert counts(report)["classes"] == {"deactivated": 1}
    assert found(rows, codes, district) == [(0,)]

"""What a line becomes, line by line; no database."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any
from uuid import UUID

import pytest

from api.rosters.plan import Plan
from api.rosters.planning import plan_import
from api.rosters.register import Known, Present, Register
from api.rosters.roster import AcademicSessionRow, Mode, Roster
from core.ids import new_id
from tests.api.rosters.rosters import make_roster, with_person

ADMIN = new_id()
FILES = ("orgs", "academicSessions", "courses", "users", "classes", "enrollments")


def planned(roster: Roster, present: Present | None = None, school_id: UUID | None = None) -> Plan:
    whole = replace(roster, modes=dict.fromkeys(FILES, Mode.BULK))
    return plan_import(whole, present or Present(), ADMIN, school_id)


def said(plan: Plan) -> list[tuple[str, str]]:
    return [(problem.file, problem.code) for problem in plan.problems]


def with_row(attribute: str, number: int, **changes: Any) -> Callable[[Roster], Roster]:
    def changed(roster: Roster) -> Roster:
        rows = list(getattr(roster, attribute))
        rows[number] = replace(rows[number], **changes)
        return replace(roster, **{attribute: tuple(rows)})

    return changed


@pytest.mark.parametrize(
    ("change", "problems"),
    [
        pytest.param(with_row("organisations", 1, kind="castle"), ["orgs.csv bad_value"], id="kind of org"),
        pytest.param(
            with_row("sessions", 0, kind="week"), ["academicSessions.csv bad_value"], id="kind of term"
        ),
        pytest.param(with_row("sessions", 0, parent="nobody"), ["academicSessions.csv orphan"], id="parent"),
        pytest.param(
            with_row("courses", 0, organisation="nobody"), ["courses.csv orphan"], id="course's org"
        ),
        pytest.param(with_row("classes", 0, course="nobody"), ["classes.csv orphan"], id="course"),
        pytest.param(with_row("classes", 0, school="nobody"), ["classes.csv orphan"], id="class's school"),
        pytest.param(with_row("classes", 0, terms=("nobody",)), ["classes.csv orphan"], id="term"),
        pytest.param(with_row("people", 1, role="wizard"), ["users.csv unknown_role"], id="role"),
        pytest.param(
            with_row("people", 1, organisations=("nobody",)), ["users.csv orphan"], id="person's org"
        ),
        pytest.param(with_row("people", 1, email=""), ["users.csv email_missing"], id="no e-mail"),
        pytest.param(with_row("people", 1, email="not one"), ["users.csv email_unusable"], id="no address"),
        pytest.param(with_row("people", 1, given_name="http://a.b"), ["users.csv bad_name"], id="name"),
        pytest.param(with_row("enrollments", 1, user="nobody"), ["enrollments.csv orphan"], id="user"),
        pytest.param(
            with_row("enrollments", 1, school_class="nobody"), ["enrollments.csv orphan"], id="class"
        ),
        pytest.param(with_row("enrollments", 1, role="wizard"), ["enrollments.csv unknown_role"], id="place"),
    ],
)
def test_a_line_that_cannot_be_taken_is_named(
    change: Callable[[Roster], Roster], problems: list[str]
) -> None:
    named = [f"{file} {code}" for file, code in said(planned(change(make_roster())))]
    follow = {"classes.csv", "users.csv", "courses.csv", "enrollments.csv"}
    first = [name for name in named if name in problems]
    assert first == problems
    assert {name.split()[0] for name in named if name not in problems} <= follow
    assert {name.split()[1] for name in named if name not in problems} <= {"orphan", "teacher_missing"}


def test_a_term_that_ends_before_it_begins_is_refused() -> None:
    roster = make_roster()
    first: AcademicSessionRow = roster.sessions[0]
    plan = planned(with_row("sessions", 0, starts_on=first.ends_on, ends_on=first.starts_on)(roster))
    assert ("academicSessions.csv", "bad_date") in said(plan)


def test_two_people_with_one_address_are_one_and_a_problem() -> None:
    roster = make_roster()
    plan = planned(with_person(roster, 2, email=roster.people[1].email.upper()))
    assert ("users.csv", "duplicate_email") in said(plan)
    assert plan.tallies["users"].created == 3


def test_an_address_of_somebody_elses_reads_like_one_that_is_none() -> None:
    roster = make_roster()
    taken = planned(roster, Present(unusable_emails=frozenset({roster.people[1].email})))
    malformed = planned(with_person(roster, 1, email="not one"))
    assert [p.message for p in taken.problems] == [p.message for p in malformed.problems]
    assert taken.tallies == malformed.tallies


def test_a_username_that_is_an_address_stands_in_for_a_missing_email() -> None:
    plan = planned(with_person(make_roster(), 1, email="", username="Ada@School.example"))
    assert said(plan) == []
    assert "ada@school.example" in {row["email"] for row in plan.changes["users"].created}


@pytest.mark.parametrize("role", ["guardian", "parent", "aide", "relative", "proctor"])
def test_people_without_accounts_here_are_left_out_without_a_word(role: str) -> None:
    plan = planned(with_person(make_roster(students=1), 1, role=role))
    assert plan.tallies["users"].skipped == 1
    assert said(plan) == [("enrollments.csv", "orphan")]


def test_a_class_without_a_teacher_is_refused() -> None:
    roster = make_roster()
    plan = planned(replace(roster, enrollments=roster.enrollments[1:]))
    assert ("classes.csv", "teacher_missing") in said(plan)


def test_the_primary_teacher_has_the_class_and_another_is_left_out() -> None:
    roster = make_roster()
    second = replace(roster.people[0], sourced_id="second", email="second@school.example")
    place = replace(roster.enrollments[0], sourced_id="e-second", user="second", is_primary=False)
    plan = planned(replace(roster, people=(*roster.people, second), enrollments=(place, *roster.enrollments)))
    (school_class,) = plan.changes["classes"].created
    assert school_class["teacher_id"] == plan.people[roster.people[0].sourced_id]["id"]
    assert plan.tallies["enrollments"].skipped == 1


def person_here(roster: Roster, number: int, **changes: Any) -> Known:
    row = roster.people[number]
    values = {
        "sourced_id": None,
        "school_id": new_id(),
        "role": row.role,
        "name": f"{row.given_name} {row.family_name}",
        "email": row.email,
        "grade_level": 9,
        "is_active": True,
    }
    return Known(new_id(), {**values, **changes})


def with_school(roster: Roster, school_id: UUID) -> Register:
    school = roster.organisations[1]
    return Register(
        [Known(school_id, {"sourced_id": school.sourced_id, "name": school.name, "is_active": True})]
    )


@pytest.mark.parametrize(
    ("changes", "outcome"),
    [
        pytest.param({}, {"linked": 1}, id="the same person"),
        pytest.param({"role": "teacher"}, {"skipped": 1}, id="another role"),
        pytest.param({"school_id": new_id()}, {"skipped": 1}, id="another school"),
    ],
)
def test_somebody_here_is_found_by_address_and_never_changes_role_or_school(
    changes: dict[str, Any], outcome: dict[str, int]
) -> None:
    roster, school_id = make_roster(), new_id()
    known = person_here(roster, 1, **{"school_id": school_id, **changes})
    present = Present(schools=with_school(roster, school_id), people=Register([known]))
    tally = planned(roster, present).tallies["users"]
    assert {name: getattr(tally, name) for name in outcome} == outcome
    assert tally.created == 3


def test_nobody_takes_their_own_account_away() -> None:
    roster, school_id = make_roster(), new_id()
    known = replace(person_here(roster, 1, school_id=school_id, sourced_id="me", role="admin"), id=ADMIN)
    present = Present(schools=with_school(roster, school_id), people=Register([known]))
    assert planned(roster, present).tallies["users"].deactivated == 0
    leaving = replace(roster.people[0], sourced_id="me", role="administrator", is_active=False)
    plan = planned(replace(roster, people=(*roster.people, leaving)), present)
    assert ("users.csv", "yourself") in said(plan)


def test_an_admin_of_a_school_touches_nothing_of_the_district_or_of_other_schools() -> None:
    roster, school_id = make_roster(), new_id()
    plan = planned(roster, Present(), school_id)
    assert {name: tally.created for name, tally in plan.tallies.items()} == dict.fromkeys(FILES, 0)
    assert said(plan) == []
    assert not any(plan.changes.values())


def test_a_school_of_the_same_name_is_the_school_that_was_here_before() -> None:
    roster = make_roster()
    known = Known(
        new_id(), {"sourced_id": None, "name": roster.organisations[1].name.upper(), "is_active": True}
    )
    plan = planned(roster, Present(schools=Register([known])))
    assert plan.places[roster.organisations[1].sourced_id] == known.id
    assert plan.tallies["orgs"].linked == 2


def test_another_districts_archive_is_noticed() -> None:
    plan = planned(make_roster(), Present(district_sourced_id="ours"))
    assert ("orgs.csv", "other_district") in said(plan)

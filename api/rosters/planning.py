"""From a roster and what is here already to a plan; pure."""

from uuid import UUID

from api.rosters.columns import COURSES, ORGS, SESSIONS
from api.rosters.plan import Plan, deactivate, deactivate_unlisted, note, place, refuse, skip
from api.rosters.planning_classes import plan_classes
from api.rosters.planning_enrollments import plan_enrollments
from api.rosters.planning_people import plan_people
from api.rosters.register import Known, Present
from api.rosters.roster import AcademicSessionRow, CourseRow, Organisation, Roster
from core.models import SessionType

_ORGANISATIONS = {"district", "school", "department", "local", "state", "national"}


def plan_import(roster: Roster, present: Present, actor_id: UUID, school_id: UUID | None) -> Plan:
    """Return what an import by this admin would do. Nothing is written."""
    plan = Plan(roster, present, actor_id, school_id)
    _plan_organisations(plan)
    _plan_sessions(plan)
    _plan_courses(plan)
    plan_people(plan)
    plan_classes(plan)
    plan_enrollments(plan)
    plan.problems.sort(key=lambda problem: (problem.file, problem.line))
    return plan


def _plan_organisations(plan: Plan) -> None:
    plan.places.update({str(known.id): known.id for known in plan.present.schools})
    plan.places.update({known.sourced_id: known.id for known in plan.present.schools if known.sourced_id})
    for row in plan.roster.organisations:
        if row.kind == "school":
            _plan_school(plan, row)
        elif row.kind == "district":
            _plan_district(plan, row)
        elif row.kind in _ORGANISATIONS:
            skip(plan, ORGS)
        else:
            refuse(plan, ORGS, row, "bad_value")
    if plan.is_for_district:
        deactivate_unlisted(plan, ORGS, plan.present.schools)


def _plan_school(plan: Plan, row: Organisation) -> None:
    known = plan.present.schools.find(row.sourced_id) or _school_of_this_name(plan, row.name)
    if known is None and not plan.is_for_district:
        skip(plan, ORGS)
    elif row.is_active:
        values = {"sourced_id": row.sourced_id, "name": row.name, "is_active": True}
        plan.places[row.sourced_id] = place(plan, ORGS, known, values)
    elif plan.is_for_district:
        deactivate(plan, ORGS, known)
    else:
        skip(plan, ORGS)


def _school_of_this_name(plan: Plan, name: str) -> Known | None:
    """A school that was here before its district sent a roster."""
    same = [
        known
        for known in plan.present.schools.unlinked()
        if known.values["name"].casefold() == name.casefold()
    ]
    return same[0] if len(same) == 1 and same[0].is_active else None


def _plan_district(plan: Plan, row: Organisation) -> None:
    tally, ours = plan.tallies[ORGS.name], plan.present.district_sourced_id
    if ours == row.sourced_id:
        tally.unchanged += 1
    elif not plan.is_for_district:
        skip(plan, ORGS)
    elif ours is None and plan.district_sourced_id is None and row.is_active:
        plan.district_sourced_id = row.sourced_id
        tally.linked += 1
    else:
        refuse(plan, ORGS, row, "other_district")


def _plan_sessions(plan: Plan) -> None:
    plan.sessions.update({known.sourced_id: known.id for known in plan.present.sessions if known.sourced_id})
    good = [row for row in plan.roster.sessions if _is_good_session(plan, row)]
    names = {row.sourced_id for row in good} | plan.sessions.keys()
    parents: list[tuple[AcademicSessionRow, Known | None]] = []
    for row in good:
        known = plan.present.sessions.find(row.sourced_id)
        if not plan.is_for_district:
            _leave_to_district(plan, row, known)
        elif not row.is_active:
            deactivate(plan, SESSIONS, known)
        else:
            parents.append((row, known))
    for row, known in _parents_first(parents):
        if row.parent and row.parent not in names:
            note(plan, SESSIONS, row, "orphan")
        plan.sessions[row.sourced_id] = place(plan, SESSIONS, known, _session_values(plan, row))
    if plan.is_for_district:
        deactivate_unlisted(plan, SESSIONS, plan.present.sessions)


def _is_good_session(plan: Plan, row: AcademicSessionRow) -> bool:
    if row.kind not in set(SessionType):
        refuse(plan, SESSIONS, row, "bad_value")
    elif row.starts_on > row.ends_on:
        refuse(plan, SESSIONS, row, "bad_date")
    else:
        return True
    return False


def _leave_to_district(plan: Plan, row: AcademicSessionRow, known: Known | None) -> None:
    """Terms belong to all schools: an admin of one may name them and not change them."""
    if known is not None and row.is_active and known.values == _session_values(plan, row):
        plan.tallies[SESSIONS.name].unchanged += 1
    else:
        skip(plan, SESSIONS)


def _parents_first(
    rows: list[tuple[AcademicSessionRow, Known | None]],
) -> list[tuple[AcademicSessionRow, Known | None]]:
    """A year before its terms before their grading periods: the longer holds the shorter."""
    return sorted(rows, key=lambda pair: (pair[0].starts_on - pair[0].ends_on, pair[0].parent != ""))


def _session_values(plan: Plan, row: AcademicSessionRow) -> dict[str, object]:
    return {
        "sourced_id": row.sourced_id,
        "title": row.title,
        "session_type": row.kind,
        "starts_on": row.starts_on,
        "ends_on": row.ends_on,
        "school_year": row.school_year,
        "parent_id": plan.sessions.get(row.parent),
        "is_active": True,
    }


def _plan_courses(plan: Plan) -> None:
    plan.courses.update({known.sourced_id: known.id for known in plan.present.courses if known.sourced_id})
    districts = {row.sourced_id for row in plan.roster.organisations} | {plan.present.district_sourced_id}
    for row in plan.roster.courses:
        known = plan.present.courses.find(row.sourced_id)
        values = _course_values(row)
        if not plan.is_for_district:
            is_same = known is not None and row.is_active and known.values == values
            plan.tallies[COURSES.name].unchanged += is_same
            plan.tallies[COURSES.name].skipped += not is_same
        elif not row.is_active:
            deactivate(plan, COURSES, known)
        elif row.organisation not in districts and row.organisation not in plan.places:
            refuse(plan, COURSES, row, "orphan")
        else:
            plan.courses[row.sourced_id] = place(plan, COURSES, known, values)
    if plan.is_for_district:
        deactivate_unlisted(plan, COURSES, plan.present.courses)


def _course_values(row: CourseRow) -> dict[str, object]:
    return {
        "sourced_id": row.sourced_id,
        "title": row.title,
        "course_code": row.code or None,
        "subjects": ",".join(row.subjects) or None,
        "grades": ",".join(row.grades) or None,
        "organisation_sourced_id": row.organisation,
        "is_active": True,
    }

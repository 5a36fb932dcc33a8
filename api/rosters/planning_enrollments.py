"""Enrolments of a roster: students' places, and teachers, whom the class itself names."""

from uuid import UUID

from api.rosters.columns import ENROLLMENTS
from api.rosters.plan import Plan, deactivate, deactivate_unlisted, place, refuse, skip
from api.rosters.register import Known, Values
from api.rosters.roster import EnrollmentRow
from core.tenancy import Role

_NOT_KEPT = {"administrator", "proctor", "aide"}

Pair = tuple[UUID, UUID]


def plan_enrollments(plan: Plan) -> None:
    """Plan the enrolments of a roster."""
    places = {_pair(known): known for known in plan.present.enrollments}
    taken: set[Pair] = set()
    for row in plan.roster.enrollments:
        if row.role in _NOT_KEPT:
            skip(plan, ENROLLMENTS)
        elif row.role == "teacher":
            _plan_teacher(plan, row)
        elif row.role == "student":
            _plan_student(plan, row, places, taken)
        else:
            refuse(plan, ENROLLMENTS, row, "unknown_role")
    _deactivate_unlisted(plan, taken)


def _deactivate_unlisted(plan: Plan, taken: set[Pair]) -> None:
    """A place that came back under another name is in use."""
    deactivate_unlisted(
        plan, ENROLLMENTS, plan.present.enrollments, besides=lambda known: _pair(known) in taken
    )


def _pair(known: Known) -> Pair:
    return known.values["class_id"], known.values["student_id"]


def _plan_teacher(plan: Plan, row: EnrollmentRow) -> None:
    """A class has one teacher with us, so the line says nothing beyond what the class's own became."""
    school_class, person = plan.classes.get(row.school_class), plan.people.get(row.user)
    if school_class is None or person is None:
        _refuse_unknown(plan, row)
    elif row.is_active and school_class["teacher_id"] == person["id"]:
        plan.tallies[ENROLLMENTS.name].unchanged += 1
    else:
        skip(plan, ENROLLMENTS)


def _refuse_unknown(plan: Plan, row: EnrollmentRow) -> None:
    school_id = plan.places.get(row.school)
    if plan.is_for_district or school_id == plan.school_id:
        refuse(plan, ENROLLMENTS, row, "orphan")
    else:
        skip(plan, ENROLLMENTS)  # another school's


def _plan_student(plan: Plan, row: EnrollmentRow, places: dict[Pair, Known], taken: set[Pair]) -> None:
    known = plan.present.enrollments.find(row.sourced_id)
    if not row.is_active:
        deactivate(plan, ENROLLMENTS, known)
        return
    school_class, person = plan.classes.get(row.school_class), plan.people.get(row.user)
    if school_class is None or person is None:
        _refuse_unknown(plan, row)
        return
    pair = (school_class["id"], person["id"])
    reason = _reason(school_class, person) or _clash(known, pair, taken)
    if reason is not None:
        refuse(plan, ENROLLMENTS, row, reason)
        return
    taken.add(pair)
    place(plan, ENROLLMENTS, known or places.get(pair), _values(row, school_class, pair))


def _reason(school_class: Values, person: Values) -> str | None:
    is_student = person["role"] == Role.STUDENT.value and person["school_id"] == school_class["school_id"]
    return None if is_student else "not_a_student"


def _clash(known: Known | None, pair: Pair, taken: set[Pair]) -> str | None:
    if pair in taken:
        return "duplicate_enrollment"
    return "reference_changed" if known is not None and _pair(known) != pair else None


def _values(row: EnrollmentRow, school_class: Values, pair: Pair) -> Values:
    return {
        "sourced_id": row.sourced_id,
        "school_id": school_class["school_id"],
        "class_id": pair[0],
        "student_id": pair[1],
        "is_active": True,
    }

"""Classes of a roster: their school, course and terms, and the one teacher who has them here."""

from collections import defaultdict
from uuid import UUID

from api.rosters.columns import CLASSES
from api.rosters.grade_levels import grade_level
from api.rosters.plan import Plan, deactivate, deactivate_unlisted, note, place, refuse, skip
from api.rosters.register import Known, Values
from api.rosters.roster import ClassRow, EnrollmentRow
from core.tenancy import Role

Teachers = dict[str, list[EnrollmentRow]]


def plan_classes(plan: Plan) -> None:
    """Plan the classes of a roster."""
    for present in plan.present.classes:
        _remember(plan, present.sourced_id or str(present.id), present.id, present.values)
    teachers = _teachers(plan)
    subjects = _subjects(plan)
    years = _school_years(plan)
    for row in plan.roster.classes:
        known = plan.present.classes.find(row.sourced_id)
        school_id = plan.places.get(row.school)
        if school_id is None or not (plan.is_for_district or school_id == plan.school_id):
            _refuse_place(plan, row)
        elif not row.is_active:
            deactivate(plan, CLASSES, known)
        else:
            _plan_class(
                plan, row, known, _values(plan, row, school_id, subjects.get(row.course), years), teachers
            )
    deactivate_unlisted(plan, CLASSES, plan.present.classes)


def _refuse_place(plan: Plan, row: ClassRow) -> None:
    if plan.is_for_district:
        refuse(plan, CLASSES, row, "orphan")
    else:
        skip(plan, CLASSES)  # another school's


def _teachers(plan: Plan) -> Teachers:
    """The teachers of each class, the primary one first."""
    teachers: Teachers = defaultdict(list)
    for row in plan.roster.enrollments:
        if row.role == "teacher" and row.is_active:
            teachers[row.school_class].append(row)
    for rows in teachers.values():
        rows.sort(key=lambda row: not row.is_primary)
    return teachers


def _school_years(plan: Plan) -> dict[UUID, str]:
    """Our name ("2026-2027") of the year of each term, which OneRoster calls by its end ("2027")."""
    known = {row.id: row.values["school_year"] for row in plan.present.sessions}
    read = {
        plan.sessions[row.sourced_id]: row.school_year
        for row in plan.roster.sessions
        if row.sourced_id in plan.sessions
    }
    return {session_id: school_year(end) for session_id, end in (known | read).items()}


def _subjects(plan: Plan) -> dict[str, str]:
    """What each course is about: its first subject, else its title."""
    known = {
        row.sourced_id: (row.values["subjects"] or row.values["title"]).partition(",")[0]
        for row in plan.present.courses
        if row.sourced_id is not None
    }
    return known | {row.sourced_id: next(iter(row.subjects), row.title) for row in plan.roster.courses}


def school_year(end: str) -> str:
    """Return "2026-2027" for OneRoster's "2027"; what is no year stays as it is."""
    return f"{int(end) - 1:04d}-{int(end):04d}" if end.isdecimal() and len(end) == 4 else end


def _values(
    plan: Plan, row: ClassRow, school_id: UUID, subject: str | None, years: dict[UUID, str]
) -> Values:
    terms = frozenset(plan.sessions[term] for term in row.terms if term in plan.sessions)
    first = next((plan.sessions[term] for term in row.terms if term in plan.sessions), None)
    return {
        "sourced_id": row.sourced_id,
        "school_id": school_id,
        "name": row.title,
        "subject": next(iter(row.subjects), subject or row.title),
        "grade_level": grade_level(row.grades),
        "school_year": years.get(first, "") if first is not None else "",
        "teacher_id": None,
        "course_id": plan.courses.get(row.course),
        "terms": terms,
        "is_active": True,
    }


def _plan_class(plan: Plan, row: ClassRow, known: Known | None, values: Values, teachers: Teachers) -> None:
    values["teacher_id"] = _teacher_of(plan, row, values["school_id"], teachers)
    if values["teacher_id"] is None and known is not None:
        values["teacher_id"] = known.values["teacher_id"]  # a delta may speak of the class alone
    if values["course_id"] is None or not values["terms"]:
        refuse(plan, CLASSES, row, "orphan")
    elif values["teacher_id"] is None:
        refuse(plan, CLASSES, row, "teacher_missing")
    elif known is not None and known.values["school_id"] != values["school_id"]:
        refuse(plan, CLASSES, row, "school_conflict")
    else:
        if len(values["terms"]) < len(set(row.terms)):
            note(plan, CLASSES, row, "orphan")
        _remember(plan, row.sourced_id, place(plan, CLASSES, known, values), values)


def _teacher_of(plan: Plan, row: ClassRow, school_id: UUID, teachers: Teachers) -> UUID | None:
    for enrollment in teachers.get(row.sourced_id, ()):
        person = plan.people.get(enrollment.user)
        if person is not None and person["role"] == Role.TEACHER.value and person["school_id"] == school_id:
            teacher_id: UUID = person["id"]
            return teacher_id
    return None


def _remember(plan: Plan, name: str, class_id: UUID, values: Values) -> None:
    plan.classes[name] = {"id": class_id, **{key: values[key] for key in ("school_id", "teacher_id")}}

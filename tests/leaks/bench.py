"""Whose data is attacked, who attacks, and what must never reach whom."""

from collections.abc import Callable
from dataclasses import dataclass, fields
from typing import Any

from core.ids import new_id
from core.models import User
from tests.factories.saving import canary
from tests.factories.world import DistrictBench, SchoolBench, World

Values = dict[str, str]


def own_values(district: DistrictBench, school: SchoolBench) -> Values:
    """What fills each slot in the requests of somebody at home in this school."""
    return {
        **fresh_values(),
        "class_id": str(school.school_class.id),
        "enrollment_id": str(school.pending.id),
        "assignment_id": str(school.assignment.id),
        "draft_id": str(school.draft.id),
        "template_id": str(school.template.id),
        "draft_question_id": str(school.draft_question.id),
        "submission_id": str(school.submission.id),
        "question_id": str(school.choice_question.id),
        "bank_id": str(school.bank.id),
        "written_id": str(school.generation.assignment_id),
        "written_question_id": str(school.written_question.id),
        "writing_job_id": str(school.writing_job.id),
        "candidate_id": str(school.candidate.id),
        "bank_question_id": str(school.bank_question.id),
        "file_id": str(school.uploaded_file.id),
        "curriculum_id": str(school.curriculum.id),
        "section_id": str(school.section.id),
        "version": str(school.curriculum.version),
        "student_id": str(school.student.id),
        "teacher_id": str(school.teacher.id),
        "user_id": str(school.student.id),
        "grade_id": str(school.grade.id),
        "answer_id": str(school.free_answer.id),
        "job_id": str(school.job.id),
        "notification_id": str(school.notification.id),
        "invitation_id": str(school.invitation.id),
        "session_id": str(school.student.id),
        "school_id": str(school.school.id),
        "flag_id": str(school.risk_flag.id),
        "export_id": str(school.data_export.id),
        "conversation_id": str(school.class_conversation.id),
        "message_id": str(school.own_message.id),
        "concept_id": str(district.concept.id),
        "prerequisite_id": str(district.prerequisite.id),
        "code": school.school_class.code,
    }


def fresh_values() -> Values:
    """What exists nowhere: new in every request."""
    names = [
        *("class_id", "enrollment_id", "assignment_id", "draft_id", "submission_id", "question_id"),
        *(
            "student_id",
            "teacher_id",
            "user_id",
            "grade_id",
            "answer_id",
            "job_id",
            "notification_id",
            "invitation_id",
            "session_id",
            "school_id",
            "flag_id",
            "export_id",
            "conversation_id",
            "message_id",
            "client_id",
            "announcement_client_id",
            "concept_id",
            "prerequisite_id",
            "draft_question_id",
            "template_id",
            "bank_id",
            "written_id",
            "written_question_id",
            "writing_job_id",
            "candidate_id",
            "bank_question_id",
            "fresh_id",
            "file_id",
            "curriculum_id",
            "section_id",
        ),
    ]
    secret = new_id().hex
    codes = {
        "code": secret[-9:].upper(),
        "class_code": secret[-9:].upper(),
        "invitation_token": secret,
        "token": secret,
        "provider": "nobody",
    }
    others = {"email": f"{secret}@example.org", "version": "1"}
    return {**{name: str(new_id()) for name in names}, **codes, **others}


def foreign_values(attacker: "Attacker", world: World) -> dict[str, list[str]]:
    """All ids of the attacked school that fit each slot and are not the attacker's own business."""
    district, school = target(world)
    values = {name: [value] for name, value in own_values(district, school).items()}
    values["assignment_id"].append(str(school.draft.id))
    values["question_id"] += [
        str(question.id) for question in (school.free_question, school.draft_question, school.bank_question)
    ]
    values["student_id"] += [str(user.id) for user in (school.classmate, school.newcomer, school.teacher)]
    values["user_id"] = list(values["student_id"])
    values["concept_id"].append(str(district.prerequisite.id))
    values["conversation_id"].append(str(school.direct.id))
    values["message_id"].append(str(school.direct_message.id))
    values["client_id"] = [str(school.own_message.client_id)]
    values["announcement_client_id"] = [str(school.direct_message.client_id)]
    if attacker.is_outside_school:
        values["class_id"].append(str(school.other_class.id))
        values["student_id"].append(str(school.other_student.id))
        values["user_id"] += [str(user.id) for user in (school.other_student, school.admin, district.admin)]
        values["code"].append(school.other_class.code)
    return values


@dataclass(frozen=True)
class Attacker:
    """Somebody with no business in the attacked school. `may_know` are slots whose values they rightly see."""

    name: str
    user: Callable[[World], User | None]
    home: Callable[[World], tuple[DistrictBench, SchoolBench]]
    is_outside_school: bool = True
    is_outside_district: bool = True
    may_know: tuple[str, ...] = ()


def _other_district(world: World) -> tuple[DistrictBench, SchoolBench]:
    return world.districts[1], world.districts[1].schools[0]


def _other_school(world: World) -> tuple[DistrictBench, SchoolBench]:
    return world.districts[0], world.districts[0].schools[1]


def target(world: World) -> tuple[DistrictBench, SchoolBench]:
    return world.districts[0], world.districts[0].schools[0]


_NEIGHBOUR = {
    "home": _other_school,
    "is_outside_district": False,
    "may_know": ("concept_id", "prerequisite_id"),
}
_IN_SCHOOL: dict[str, Any] = {
    "home": target,
    "is_outside_school": False,
    "is_outside_district": False,
    "may_know": ("concept_id", "prerequisite_id", "code", "school_id"),
}

ATTACKERS = [
    Attacker("anonymous", lambda _: None, _other_district),
    Attacker("student of another district", lambda world: _other_district(world)[1].student, _other_district),
    Attacker("teacher of another district", lambda world: _other_district(world)[1].teacher, _other_district),
    Attacker(
        "school admin of another district", lambda world: _other_district(world)[1].admin, _other_district
    ),
    Attacker("admin of another district", lambda world: _other_district(world)[0].admin, _other_district),
    Attacker("student of another school", lambda world: _other_school(world)[1].student, **_NEIGHBOUR),
    Attacker("teacher of another school", lambda world: _other_school(world)[1].teacher, **_NEIGHBOUR),
    Attacker("admin of another school", lambda world: _other_school(world)[1].admin, **_NEIGHBOUR),
    Attacker("student of another class", lambda world: target(world)[1].other_student, **_IN_SCHOOL),
    Attacker("teacher of another class", lambda world: target(world)[1].other_teacher, **_IN_SCHOOL),
]


def secrets(attacker: Attacker, world: World) -> set[str]:
    """The texts and ids that prove a leak when they reach the attacker."""
    district, school = target(world)
    if not attacker.is_outside_school:
        return _private_ids(school)
    marks = {canary(district.district.district_id, school.school.id), *_ids_of(school)}
    if attacker.is_outside_district:
        marks |= {canary(district.district.district_id), str(district.district.district_id)}
        marks |= _ids_of(district) | _ids_of(district.schools[1])
    return {text.lower() for text in marks}


def _ids_of(bench: SchoolBench | DistrictBench) -> set[str]:
    rows = [getattr(bench, item.name) for item in fields(bench)]
    return {str(row.id) for row in rows if hasattr(row, "id")}


def _private_ids(school: SchoolBench) -> set[str]:
    rows = [
        *(school.school_class, school.assignment, school.draft, school.submission, school.choice_answer),
        *(school.grade, school.job, school.notification, school.student, school.classmate, school.invitation),
        *(
            school.choice_question,
            school.free_question,
            school.pending,
            school.template,
            school.bank,
            school.bank_question,
        ),
        *(school.direct, school.direct_message, school.class_conversation, school.own_message),
    ]
    return {str(row.id) for row in rows}

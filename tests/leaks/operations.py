"""Every operation of the OpenAPI document, with a request that its rightful caller would send.

`{nouns}` in paths, queries and bodies are the slots into which the crawler puts foreign ids. A new route
without a sample here fails `test_every_operation_has_a_sample`.
"""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from api.rosters.writing import write_oneroster
from tests.api.rosters.rosters import make_roster
from tests.factories.user import PASSWORD
from tests.leaks.file_samples import FILE_SAMPLES
from tests.leaks.grade_samples import GRADE_SAMPLES
from tests.leaks.samples import ANY_VERSION, API, Sample
from tests.leaks.talk_samples import TALK_SAMPLES

_SLOT = re.compile(r"\{(\w+)\}")

PUBLIC = "anonymous"


@dataclass(frozen=True)
class Operation:
    method: str
    path: str
    query: tuple[str, ...]
    """Query parameters that take an id."""
    required: tuple[str, ...]
    """Those of them without which the route answers nobody."""
    sample: Sample

    def __str__(self) -> str:
        return f"{self.method} {self.path}"

    @property
    def slots(self) -> tuple[str, ...]:
        text = self.path + json.dumps(self.sample.body or {}) + (self.sample.file or "")
        return tuple(dict.fromkeys([*_SLOT.findall(text), *self.query]))

    def request(self, values: Mapping[str, str], with_query: bool = True) -> dict[str, Any]:
        """Fill the slots; returns the arguments of httpx2's `request`."""
        arguments: dict[str, Any] = {"method": self.method, "url": _filled(self.path, values)}
        sent = self.query if with_query else self.required
        if params := {**self.sample.query, **{name: values[name] for name in sent}}:
            arguments["params"] = params
        if self.sample.headers:
            arguments["headers"] = dict(self.sample.headers)
        if self.sample.body is not None:
            arguments["json"] = json.loads(_filled(json.dumps(self.sample.body), values))
        if self.sample.file is not None:
            arguments["content"] = _filled(self.sample.file, values)
        if self.sample.upload is not None:
            arguments["files"] = {"file": self.sample.upload()}
        return arguments


def _filled(text: str, values: Mapping[str, str]) -> str:
    return _SLOT.sub(lambda match: values[match.group(1)], text)


_PERSON = {"name": "Ada", "email": "{email}", "password": "plum-harbor-lantern-42"}
_STAFF = {**_PERSON, "invitation_token": "{invitation_token}"}
_CHILD = {
    "registration_token": "{token}",
    "email": "{email}",
    "password": "plum-harbor-lantern-42",
    "grade_level": 5,
    "birth_date": "2016-01-01",
}
_DECISIONS = {"decisions": {"collection": "granted", "ai_processing": "declined"}}
_QUESTION = {
    "kind": "multiple_choice",
    "prompt": "2 + 2?",
    "points": "2",
    "concept_ids": ["{concept_id}"],
    "options": [{"text": f"{number}", "is_correct": number == 4} for number in range(2, 6)],
}
_FRAMEWORK = {
    "CFDocument": {"title": "Standards {fresh_id}"},
    "CFItems": [{"identifier": "{fresh_id}", "fullStatement": "Add fractions"}],
}
_GENERATION = {
    "class_id": "{class_id}",
    "source": {"text": "Plants make their own food from light, water and air. " * 10},
    "counts": {"multiple_choice": 1},
    "concept_ids": ["{concept_id}"],
}
_EVENT = {
    "event_id": "{fresh_id}",
    "verb": "viewed",
    "object_type": "question",
    "object_id": "{question_id}",
    "occurred_at": "2026-11-02T09:15:00Z",
    "class_id": "{class_id}",
    "assignment_id": "{assignment_id}",
    "submission_id": "{submission_id}",
    "question_id": "{question_id}",
}
_ANSWER = {"question_id": "{question_id}", "answer": {"option_id": "b"}, "client_seq": 7}
_DRAFT = {"assignment_id": "draft_id"}
_DRAFTED = {**_DRAFT, "question_id": "draft_question_id"}


def _people_alone() -> bytes:
    """A roster that takes nothing out of use, wherever it is sent."""
    return write_oneroster(replace(make_roster(), sessions=(), courses=(), classes=(), enrollments=()))


SAMPLES: dict[str, Sample] = {
    f"POST {API}/auth/register/student": Sample(
        PUBLIC, {**_PERSON, "grade_level": 5, "birth_date": "2010-01-01", "class_code": "{class_code}"}
    ),
    f"POST {API}/auth/register/teacher": Sample(PUBLIC, _STAFF),
    f"POST {API}/auth/register/admin": Sample(PUBLIC, _STAFF),
    f"POST {API}/auth/verify-email": Sample(PUBLIC, {"token": "{invitation_token}"}),
    f"POST {API}/auth/verify-email/resend": Sample(PUBLIC, {"email": "{email}"}),
    f"POST {API}/auth/password/forgot": Sample(PUBLIC, {"email": "{email}"}),
    f"POST {API}/auth/password/reset": Sample(
        PUBLIC, {"token": "{invitation_token}", "password": "plum-harbor-lantern-42"}
    ),
    f"POST {API}/auth/password/change": Sample(
        "student", {"current_password": PASSWORD, "new_password": "plum-harbor-lantern-42"}
    ),
    f"POST {API}/auth/login": Sample(PUBLIC, {"email": "{email}", "password": "wrong"}),
    f"GET {API}/auth/authorize": Sample(PUBLIC),
    f"POST {API}/auth/authorize": Sample(PUBLIC),
    f"POST {API}/auth/token": Sample(PUBLIC),
    f"POST {API}/auth/revoke": Sample(PUBLIC),
    f"GET {API}/auth/oidc/{{provider}}/start": Sample(PUBLIC),
    f"POST {API}/auth/oidc/{{provider}}/start": Sample(
        PUBLIC, {"return_to": "http://localhost:8000/docs", "invitation_token": "{invitation_token}"}
    ),
    f"GET {API}/auth/oidc/{{provider}}/callback": Sample(PUBLIC),
    f"POST {API}/auth/refresh": Sample(PUBLIC, {"refresh_token": "{fresh_id}.secret"}),
    f"POST {API}/auth/logout": Sample(PUBLIC, {"refresh_token": "{fresh_id}.secret"}),
    f"POST {API}/auth/logout-all": Sample("newcomer"),
    f"GET {API}/auth/sessions": Sample("student"),
    f"DELETE {API}/auth/sessions/{{session_id}}": Sample("student"),
    f"POST {API}/auth/invitations": Sample(
        "admin", {"email": "{email}", "role": "teacher", "school_id": "{school_id}"}
    ),
    f"GET {API}/auth/invitations": Sample("admin"),
    f"DELETE {API}/auth/invitations/{{invitation_id}}": Sample("admin"),
    f"GET {API}/users/me": Sample("student"),
    f"PATCH {API}/users/me": Sample("student", {"name": "Ada"}),
    f"GET {API}/users": Sample("teacher"),
    f"GET {API}/users/{{user_id}}": Sample("teacher"),
    f"GET {API}/users/{{student_id}}/disclosures": Sample("admin"),
    f"POST {API}/auth/register/child": Sample(PUBLIC, _CHILD),
    f"GET {API}/auth/consents/{{token}}": Sample(PUBLIC),
    f"POST {API}/auth/consents/{{token}}": Sample(PUBLIC, _DECISIONS),
    f"GET {API}/users/{{student_id}}/consents": Sample("admin"),
    f"POST {API}/users/{{student_id}}/consents": Sample("admin", _DECISIONS),
    f"GET {API}/auth/permissions": Sample("student"),
    f"POST {API}/classes": Sample("teacher", {"name": "Algebra", "subject": "Mathematics"}),
    f"GET {API}/classes": Sample("student"),
    f"GET {API}/classes/codes/{{code}}": Sample("other_student"),
    f"POST {API}/classes/join": Sample("other_student", {"code": "{code}"}),
    f"GET {API}/classes/{{class_id}}": Sample("student"),
    f"PATCH {API}/classes/{{class_id}}": Sample("teacher", {"name": "Algebra II"}),
    f"DELETE {API}/classes/{{class_id}}": Sample("teacher"),
    f"POST {API}/classes/{{class_id}}/code": Sample("teacher", {}),
    f"GET {API}/classes/{{class_id}}/enrollments": Sample("teacher"),
    f"GET {API}/classes/{{class_id}}/roster": Sample("teacher"),
    f"PATCH {API}/classes/{{class_id}}/enrollments/{{enrollment_id}}": Sample(
        "teacher", {"status": "approved"}
    ),
    f"POST {API}/classes/{{class_id}}/enrollments/decide": Sample(
        "teacher", {"decisions": [{"enrollment_id": "{enrollment_id}", "status": "approved"}]}
    ),
    f"GET {API}/classes/{{class_id}}/enrollments/{{enrollment_id}}/history": Sample("teacher"),
    f"POST {API}/classes/{{class_id}}/roster": Sample(
        "teacher", {"student_id": "{student_id}"}, open_in_school=("student_id",)
    ),
    f"POST {API}/classes/{{class_id}}/roster/import": Sample(
        "teacher", headers={"Content-Type": "text/csv"}, file="email\n{email}\n"
    ),
    f"DELETE {API}/classes/{{class_id}}/roster/{{student_id}}": Sample("teacher"),
    f"GET {API}/classes/{{class_id}}/students/{{student_id}}/accommodation": Sample("student"),
    f"PUT {API}/classes/{{class_id}}/students/{{student_id}}/accommodation": Sample(
        "teacher", {"time_multiplier": "1.5", "due_shift_hours": 24}
    ),
    f"DELETE {API}/classes/{{class_id}}/students/{{student_id}}/accommodation": Sample("teacher"),
    f"POST {API}/classes/rosters/oneroster": Sample("admin", upload=_people_alone),
    f"GET {API}/classes/rosters/oneroster": Sample("admin"),
    f"POST {API}/concepts": Sample("teacher", {"subject": "Mathematics", "name": "Concept {fresh_id}"}),
    f"GET {API}/concepts": Sample("student"),
    f"GET {API}/concepts/{{concept_id}}": Sample("student"),
    f"PATCH {API}/concepts/{{concept_id}}": Sample("teacher", {"description": "Again"}),
    f"DELETE {API}/concepts/{{concept_id}}": Sample("admin"),
    f"GET {API}/concepts/{{concept_id}}/prerequisites": Sample("student"),
    f"PUT {API}/concepts/{{concept_id}}/prerequisites": Sample(
        "teacher", {"concept_ids": ["{prerequisite_id}"]}
    ),
    f"POST {API}/concepts/import": Sample("admin", _FRAMEWORK),
    f"POST {API}/assignments": Sample("teacher", {"class_id": "{class_id}", "title": "Fractions"}),
    f"GET {API}/assignments": Sample("student"),
    f"POST {API}/assignments/generate": Sample("teacher", _GENERATION),
    f"GET {API}/assignments/{{assignment_id}}/generation": Sample(
        "teacher", instead={"assignment_id": "written_id"}
    ),
    f"GET {API}/assignments/{{assignment_id}}/candidates": Sample("teacher"),
    f"POST {API}/assignments/{{assignment_id}}/candidates/{{candidate_id}}/adopt": Sample(
        "teacher", _QUESTION, instead={"assignment_id": "written_id"}
    ),
    f"POST {API}/assignments/{{assignment_id}}/questions/{{question_id}}/regenerate": Sample(
        "teacher", instead={"assignment_id": "written_id", "question_id": "written_question_id"}
    ),
    f"DELETE {API}/jobs/{{job_id}}": Sample("teacher", instead={"job_id": "writing_job_id"}),
    f"GET {API}/assignments/{{assignment_id}}": Sample("student"),
    f"PATCH {API}/assignments/{{assignment_id}}": Sample(
        "teacher", {"title": "Decimals"}, headers=ANY_VERSION
    ),
    f"DELETE {API}/assignments/{{assignment_id}}": Sample("teacher", None, _DRAFT, ANY_VERSION),
    f"POST {API}/assignments/{{assignment_id}}/questions": Sample("teacher", _QUESTION, _DRAFT),
    f"POST {API}/assignments/{{assignment_id}}/questions/from-bank": Sample(
        "teacher",
        {"question_ids": ["{question_id}"]},
        {**_DRAFT, "question_id": "bank_question_id"},
    ),
    f"PUT {API}/assignments/{{assignment_id}}/questions/order": Sample(
        "teacher", {"question_ids": ["{question_id}"]}, _DRAFTED, ANY_VERSION
    ),
    f"POST {API}/assignments/{{assignment_id}}/questions/accept-all": Sample("teacher", instead=_DRAFT),
    f"PATCH {API}/assignments/{{assignment_id}}/questions/{{question_id}}": Sample(
        "teacher", _QUESTION, _DRAFTED, ANY_VERSION
    ),
    f"DELETE {API}/assignments/{{assignment_id}}/questions/{{question_id}}": Sample(
        "teacher", None, _DRAFTED, ANY_VERSION
    ),
    f"POST {API}/assignments/{{assignment_id}}/questions/{{question_id}}/accept": Sample(
        "teacher", instead=_DRAFTED
    ),
    f"GET {API}/assignments/{{assignment_id}}/questions/{{question_id}}/key-versions": Sample("teacher"),
    f"POST {API}/assignments/{{assignment_id}}/publish": Sample("teacher", instead=_DRAFT),
    f"POST {API}/assignments/{{assignment_id}}/unpublish": Sample("teacher", instead=_DRAFT),
    f"POST {API}/assignments/{{assignment_id}}/archive": Sample("teacher"),
    f"POST {API}/assignments/{{assignment_id}}/duplicate": Sample("teacher", {"class_ids": ["{class_id}"]}),
    f"GET {API}/assignments/{{assignment_id}}/extensions": Sample("teacher"),
    f"PUT {API}/assignments/{{assignment_id}}/extensions/{{student_id}}": Sample(
        "teacher", {"extra_attempts": 2}
    ),
    f"DELETE {API}/assignments/{{assignment_id}}/extensions/{{student_id}}": Sample("teacher"),
    f"POST {API}/assignments/templates": Sample("teacher", {"assignment_id": "{assignment_id}"}),
    f"GET {API}/assignments/templates": Sample("teacher"),
    f"GET {API}/assignments/templates/{{template_id}}": Sample("teacher"),
    f"PATCH {API}/assignments/templates/{{template_id}}": Sample("teacher", {"title": "Decimals"}),
    f"DELETE {API}/assignments/templates/{{template_id}}": Sample("teacher"),
    f"POST {API}/assignments/templates/{{template_id}}/use": Sample("teacher", {"class_id": "{class_id}"}),
    f"POST {API}/question-banks": Sample("teacher", {"name": "Fractions"}),
    f"GET {API}/question-banks": Sample("teacher"),
    f"GET {API}/question-banks/{{bank_id}}": Sample("teacher"),
    f"PATCH {API}/question-banks/{{bank_id}}": Sample("teacher", {"name": "Decimals"}),
    f"DELETE {API}/question-banks/{{bank_id}}": Sample("teacher"),
    f"POST {API}/question-banks/{{bank_id}}/import": Sample(
        "teacher", headers={"Content-Type": "text/plain"}, file="::Slope::What is slope? {}"
    ),
    f"GET {API}/question-banks/{{bank_id}}/export": Sample("teacher"),
    f"GET {API}/question-banks/{{bank_id}}/questions": Sample("teacher"),
    f"POST {API}/question-banks/{{bank_id}}/questions": Sample("teacher", _QUESTION),
    f"POST {API}/question-banks/{{bank_id}}/questions/bulk": Sample("teacher", {"questions": [_QUESTION]}),
    f"POST {API}/question-banks/{{bank_id}}/questions/from-assignment": Sample(
        "teacher", {"assignment_id": "{assignment_id}", "question_ids": ["{question_id}"]}
    ),
    f"GET {API}/question-banks/{{bank_id}}/questions/{{bank_question_id}}": Sample("teacher"),
    f"PATCH {API}/question-banks/{{bank_id}}/questions/{{bank_question_id}}": Sample("teacher", _QUESTION),
    f"DELETE {API}/question-banks/{{bank_id}}/questions/{{bank_question_id}}": Sample("teacher"),
    f"POST {API}/submissions": Sample("student", {"assignment_id": "{assignment_id}"}),
    f"GET {API}/submissions": Sample("student"),
    f"GET {API}/submissions/{{submission_id}}": Sample("student"),
    f"GET {API}/submissions/{{submission_id}}/feedback": Sample("student"),
    f"POST {API}/submissions/{{submission_id}}/answers": Sample("student", _ANSWER),
    f"POST {API}/submissions/{{submission_id}}/answers/bulk": Sample("student", {"answers": [_ANSWER]}),
    f"PUT {API}/submissions/{{submission_id}}/drafts/{{question_id}}": Sample(
        "student", {"answer": {"option_id": "b"}, "client_seq": 7}
    ),
    f"GET {API}/submissions/{{submission_id}}/drafts/{{question_id}}/history": Sample("student"),
    f"GET {API}/submissions/statuses": Sample("teacher"),
    f"POST {API}/submissions/{{submission_id}}/reopen": Sample("teacher"),
    f"POST {API}/submissions/{{submission_id}}/submit": Sample("student"),
    f"POST {API}/events": Sample("student", {"events": [_EVENT]}),
    **GRADE_SAMPLES,
    f"GET {API}/analytics/classes/{{class_id}}/mastery": Sample("teacher"),
    f"GET {API}/analytics/classes/{{class_id}}/struggling": Sample("teacher"),
    f"GET {API}/analytics/classes/{{class_id}}/overview": Sample("teacher"),
    f"GET {API}/analytics/classes/{{class_id}}/performance": Sample("teacher"),
    f"GET {API}/analytics/classes/{{class_id}}/distribution": Sample("teacher"),
    f"GET {API}/analytics/classes/{{class_id}}/questions": Sample("teacher"),
    f"GET {API}/analytics/classes/{{class_id}}/questions/{{question_id}}": Sample("teacher"),
    f"GET {API}/analytics/classes/{{class_id}}/time": Sample("teacher"),
    f"GET {API}/analytics/classes/{{class_id}}/time/{{assignment_id}}": Sample("teacher"),
    f"GET {API}/analytics/classes/{{class_id}}/activity": Sample("teacher"),
    f"GET {API}/analytics/classes/{{class_id}}/concepts": Sample("teacher"),
    f"GET {API}/analytics/students/{{student_id}}/performance": Sample("teacher"),
    f"GET {API}/analytics/students/{{student_id}}/mastery": Sample("teacher"),
    f"GET {API}/analytics/students/{{student_id}}/mastery/{{concept_id}}": Sample("teacher"),
    f"GET {API}/analytics/students/{{student_id}}/questions": Sample("teacher"),
    f"GET {API}/analytics/students/{{student_id}}/time": Sample("teacher"),
    f"GET {API}/analytics/compare": Sample("teacher"),
    f"GET {API}/analytics/overview": Sample("admin"),
    f"GET {API}/analytics/schools/{{school_id}}/overview": Sample("admin"),
    f"POST {API}/analytics/exports": Sample("teacher", {"dataset": "gradebook", "class_id": "{class_id}"}),
    f"GET {API}/analytics/exports": Sample("teacher"),
    f"GET {API}/analytics/exports/student-keys": Sample("admin"),
    f"GET {API}/analytics/exports/{{export_id}}": Sample("teacher"),
    f"GET {API}/analytics/exports/{{export_id}}/file": Sample("teacher"),
    f"GET {API}/analytics/struggling": Sample("teacher"),
    f"GET {API}/analytics/struggling/{{flag_id}}": Sample("teacher"),
    f"PATCH {API}/analytics/struggling/{{flag_id}}": Sample(
        "teacher", {"action": "acknowledge"}, headers=ANY_VERSION
    ),
    f"GET {API}/progress/classes/{{class_id}}/completion": Sample("teacher"),
    f"GET {API}/progress/students/{{student_id}}": Sample("teacher"),
    f"GET {API}/progress/students/{{student_id}}/concepts": Sample("teacher"),
    f"GET {API}/progress/students/{{student_id}}/path": Sample("teacher"),
    f"GET {API}/progress/students/{{student_id}}/attempts": Sample("teacher"),
    **TALK_SAMPLES,
    **FILE_SAMPLES,
    f"GET {API}/jobs/{{job_id}}": Sample("student"),
    "GET /healthz": Sample(PUBLIC),
    "GET /readyz": Sample(PUBLIC),
    "GET /metrics": Sample(PUBLIC),
    "GET /.well-known/jwks.json": Sample(PUBLIC),
    "GET /.well-known/oauth-authorization-server": Sample(PUBLIC),
}


def documented(document: dict[str, Any]) -> list[str]:
    """Name every operation of an OpenAPI document as `METHOD /path`."""
    return [f"{method.upper()} {path}" for path, methods in document["paths"].items() for method in methods]


OTHER_WAYS = {
    f"POST {API}/assignments/generate": [
        Sample("teacher", {**_GENERATION, "source": {"file_ids": ["{file_id}"]}}),
        Sample(
            "teacher",
            {**_GENERATION, "source": {"curriculum_id": "{curriculum_id}", "section_ids": ["{section_id}"]}},
        ),
    ],
    f"POST {API}/messages/conversations": [
        Sample("student", {"teacher_id": "{teacher_id}"}),
        Sample("teacher", {"class_id": "{class_id}"}),
    ],
}
"""Further bodies of routes that take one id or another."""


def operations(document: dict[str, Any]) -> list[Operation]:
    """Return every operation, once for each way to call it, with its id-like query parameters from the document."""
    found = []
    for name in documented(document):
        method, path = name.split(" ", 1)
        parameters = document["paths"][path][method.lower()].get("parameters", [])
        takes_id = [item for item in parameters if item["in"] == "query" and _takes_id(item["schema"])]
        query = tuple(item["name"] for item in takes_id)
        required = tuple(item["name"] for item in takes_id if item.get("required"))
        samples = [SAMPLES[name], *OTHER_WAYS.get(name, [])]
        found += [Operation(method, path, query, required, sample) for sample in samples]
    return found


def _takes_id(schema: dict[str, Any]) -> bool:
    return any(option.get("format") == "uuid" for option in [schema, *schema.get("anyOf", [])])


def id_fields(document: dict[str, Any], name: str) -> set[str]:
    """Return the names of the id-like fields in an operation's body, at any depth."""
    method, path = name.split(" ", 1)
    body = document["paths"][path][method.lower()].get("requestBody", {})
    return set(_id_fields(document, body)) if body else set()


def _id_fields(document: dict[str, Any], node: Any, name: str = "") -> list[str]:
    if isinstance(node, list):
        return [found for item in node for found in _id_fields(document, item, name)]
    if not isinstance(node, dict):
        return []
    if "$ref" in node:
        return _id_fields(document, document["components"]["schemas"][node["$ref"].rpartition("/")[2]], name)
    own = [name] if node.get("format") == "uuid" else []
    for key, value in node.items():
        if key == "properties":
            own += [
                found for field_, schema in value.items() for found in _id_fields(document, schema, field_)
            ]
        else:
            own += _id_fields(document, value, name)
    return own

"""Every signed-in route as one line: who may knock, and which ids it takes."""

from uuid import UUID

from core.ids import new_id
from core.models import User
from tests.api.file_routes import FILE_ROUTES
from tests.api.grade_routes import GRADE_ROUTES
from tests.api.message_routes import MESSAGE_ROUTES
from tests.api.notification_routes import NOTIFICATION_ROUTES
from tests.api.route import ADMIN, EVERYONE, STAFF, STUDENT, TEACHER, Ids, Route
from tests.factories.world import DistrictBench, SchoolBench

QUESTION = {"kind": "free_response", "prompt": "Why?", "points": "1"}

FRAMEWORK = {"CFDocument": {"title": "Standards"}, "CFItems": []}

GENERATION = {
    "class_id": "{class_id}",
    "source": {"text": "Plants make their own food from light, water and air. " * 10},
    "counts": {"multiple_choice": 1},
}

ROUTES = [
    Route("GET", "/users/me", EVERYONE),
    Route("PATCH", "/users/me", EVERYONE, {}),
    Route("GET", "/users", STAFF),
    Route("GET", "/users/{user_id}", EVERYONE, fenced=True),
    Route("GET", "/users/{student_id}/disclosures", frozenset({STUDENT, ADMIN}), fenced=True),
    Route("GET", "/users/{student_id}/consents", frozenset({STUDENT, ADMIN}), fenced=True),
    Route(
        "POST",
        "/users/{student_id}/consents",
        frozenset({ADMIN}),
        {"decisions": {"collection": "granted"}},
        fenced=True,
    ),
    Route("GET", "/auth/permissions", EVERYONE),
    Route("POST", "/auth/logout-all", EVERYONE),
    Route(
        "POST",
        "/auth/password/change",
        EVERYONE,
        {"current_password": "not mine", "new_password": "plum-harbor-lantern-42"},
    ),
    Route("GET", "/auth/sessions", EVERYONE),
    Route("DELETE", "/auth/sessions/{session_id}", EVERYONE, fenced=True),
    Route("POST", "/auth/invitations", frozenset({ADMIN}), {"email": "a@b.example", "role": "teacher"}),
    Route("GET", "/auth/invitations", frozenset({ADMIN})),
    Route("DELETE", "/auth/invitations/{invitation_id}", frozenset({ADMIN}), fenced=True),
    Route("POST", "/classes", frozenset({TEACHER}), {"name": "Art", "subject": "Art"}),
    Route("GET", "/classes", EVERYONE),
    Route("POST", "/classes/rosters/oneroster", frozenset({ADMIN})),
    Route("GET", "/classes/rosters/oneroster", frozenset({ADMIN})),
    Route("GET", "/classes/codes/{code}", frozenset({STUDENT})),
    Route("POST", "/classes/join", frozenset({STUDENT}), {"code": "ABCDEFGHJ"}),
    Route("GET", "/classes/{class_id}", EVERYONE, fenced=True),
    Route("PATCH", "/classes/{class_id}", frozenset({TEACHER}), {"name": "Mine now"}, fenced=True),
    Route("DELETE", "/classes/{class_id}", frozenset({TEACHER}), fenced=True),
    Route("POST", "/classes/{class_id}/code", frozenset({TEACHER}), {}, fenced=True),
    Route("GET", "/classes/{class_id}/enrollments", STAFF, fenced=True),
    Route("GET", "/classes/{class_id}/roster", STAFF, fenced=True),
    Route(
        "PATCH",
        "/classes/{class_id}/enrollments/{enrollment_id}",
        frozenset({TEACHER}),
        {"status": "approved"},
        fenced=True,
    ),
    Route(
        "POST",
        "/classes/{class_id}/enrollments/decide",
        frozenset({TEACHER}),
        {"decisions": [{"enrollment_id": "{enrollment_id}", "status": "approved"}]},
        fenced=True,
    ),
    Route("GET", "/classes/{class_id}/enrollments/{enrollment_id}/history", STAFF, fenced=True),
    Route(
        "POST",
        "/classes/{class_id}/roster",
        frozenset({TEACHER}),
        {"student_id": "{student_id}"},
        fenced=True,
    ),
    Route("POST", "/classes/{class_id}/roster/import", frozenset({TEACHER}), fenced=True),
    Route("DELETE", "/classes/{class_id}/roster/{student_id}", frozenset({TEACHER}), fenced=True),
    Route("GET", "/classes/{class_id}/students/{student_id}/accommodation", EVERYONE, fenced=True),
    Route(
        "PUT",
        "/classes/{class_id}/students/{student_id}/accommodation",
        frozenset({TEACHER}),
        {},
        fenced=True,
    ),
    Route(
        "DELETE", "/classes/{class_id}/students/{student_id}/accommodation", frozenset({TEACHER}), fenced=True
    ),
    Route("POST", "/concepts", STAFF, {"subject": "Art", "name": "Lines"}),
    Route("GET", "/concepts", EVERYONE),
    Route("GET", "/concepts/{concept_id}", EVERYONE),
    Route("PATCH", "/concepts/{concept_id}", STAFF, {}),
    Route("DELETE", "/concepts/{concept_id}", frozenset({ADMIN})),
    Route("GET", "/concepts/{concept_id}/prerequisites", EVERYONE),
    Route("PUT", "/concepts/{concept_id}/prerequisites", STAFF, {"concept_ids": []}),
    Route("POST", "/concepts/import", frozenset({ADMIN}), FRAMEWORK),
    Route(
        "POST", "/assignments", frozenset({TEACHER}), {"class_id": "{class_id}", "title": "T"}, fenced=True
    ),
    Route("GET", "/assignments", EVERYONE),
    Route("GET", "/assignments/{assignment_id}", EVERYONE, fenced=True),
    Route("POST", "/assignments/generate", frozenset({TEACHER}), GENERATION, fenced=True),
    Route("GET", "/assignments/{assignment_id}/generation", STAFF, fenced=True),
    Route("GET", "/assignments/{assignment_id}/candidates", STAFF, fenced=True),
    Route(
        "POST",
        "/assignments/{assignment_id}/candidates/{candidate_id}/adopt",
        frozenset({TEACHER}),
        QUESTION,
        fenced=True,
    ),
    Route(
        "POST",
        "/assignments/{assignment_id}/questions/{question_id}/regenerate",
        frozenset({TEACHER}),
        fenced=True,
    ),
    Route("PATCH", "/assignments/{assignment_id}", frozenset({TEACHER}), {"title": "T"}, fenced=True),
    Route("DELETE", "/assignments/{assignment_id}", frozenset({TEACHER}), fenced=True),
    Route("POST", "/assignments/{assignment_id}/questions", frozenset({TEACHER}), QUESTION, fenced=True),
    Route("POST", "/assignments/{assignment_id}/publish", frozenset({TEACHER}), fenced=True),
    Route("POST", "/assignments/{assignment_id}/unpublish", frozenset({TEACHER}), fenced=True),
    Route("POST", "/assignments/{assignment_id}/archive", frozenset({TEACHER}), fenced=True),
    Route("POST", "/assignments/{assignment_id}/duplicate", frozenset({TEACHER}), {}, fenced=True),
    Route(
        "POST",
        "/assignments/{assignment_id}/questions/from-bank",
        frozenset({TEACHER}),
        {"question_ids": ["{question_id}"]},
        fenced=True,
    ),
    Route(
        "PUT",
        "/assignments/{assignment_id}/questions/order",
        frozenset({TEACHER}),
        {"question_ids": ["{question_id}"]},
        fenced=True,
    ),
    Route("POST", "/assignments/{assignment_id}/questions/accept-all", frozenset({TEACHER}), fenced=True),
    Route(
        "PATCH",
        "/assignments/{assignment_id}/questions/{question_id}",
        frozenset({TEACHER}),
        QUESTION,
        fenced=True,
    ),
    Route(
        "DELETE", "/assignments/{assignment_id}/questions/{question_id}", frozenset({TEACHER}), fenced=True
    ),
    Route(
        "POST",
        "/assignments/{assignment_id}/questions/{question_id}/accept",
        frozenset({TEACHER}),
        fenced=True,
    ),
    Route(
        "GET",
        "/assignments/{assignment_id}/questions/{question_id}/key-versions",
        frozenset({TEACHER}),
        fenced=True,
    ),
    Route("GET", "/assignments/{assignment_id}/extensions", STAFF, fenced=True),
    Route(
        "PUT",
        "/assignments/{assignment_id}/extensions/{student_id}",
        frozenset({TEACHER}),
        {"extra_attempts": 2},
        fenced=True,
    ),
    Route(
        "DELETE", "/assignments/{assignment_id}/extensions/{student_id}", frozenset({TEACHER}), fenced=True
    ),
    Route(
        "POST",
        "/assignments/templates",
        frozenset({TEACHER}),
        {"assignment_id": "{assignment_id}"},
        fenced=True,
    ),
    Route("GET", "/assignments/templates", frozenset({TEACHER})),
    Route("GET", "/assignments/templates/{template_id}", frozenset({TEACHER}), fenced=True),
    Route("PATCH", "/assignments/templates/{template_id}", frozenset({TEACHER}), {}, fenced=True),
    Route("DELETE", "/assignments/templates/{template_id}", frozenset({TEACHER}), fenced=True),
    Route(
        "POST",
        "/assignments/templates/{template_id}/use",
        frozenset({TEACHER}),
        {"class_id": "{class_id}"},
        fenced=True,
    ),
    Route("POST", "/question-banks", frozenset({TEACHER}), {"name": "Fractions"}),
    Route("GET", "/question-banks", STAFF),
    Route("GET", "/question-banks/{bank_id}", STAFF, fenced=True),
    Route("PATCH", "/question-banks/{bank_id}", frozenset({TEACHER}), {}, fenced=True),
    Route("DELETE", "/question-banks/{bank_id}", frozenset({TEACHER}), fenced=True),
    Route("GET", "/question-banks/{bank_id}/questions", STAFF, fenced=True),
    Route("POST", "/question-banks/{bank_id}/questions", frozenset({TEACHER}), QUESTION, fenced=True),
    Route(
        "POST",
        "/question-banks/{bank_id}/questions/bulk",
        frozenset({TEACHER}),
        {"questions": [QUESTION]},
        fenced=True,
    ),
    Route(
        "POST",
        "/question-banks/{bank_id}/questions/from-assignment",
        frozenset({TEACHER}),
        {"assignment_id": "{assignment_id}", "question_ids": ["{question_id}"]},
        fenced=True,
    ),
    Route("GET", "/question-banks/{bank_id}/questions/{bank_question_id}", STAFF, fenced=True),
    Route(
        "PATCH",
        "/question-banks/{bank_id}/questions/{bank_question_id}",
        frozenset({TEACHER}),
        QUESTION,
        fenced=True,
    ),
    Route(
        "DELETE",
        "/question-banks/{bank_id}/questions/{bank_question_id}",
        frozenset({TEACHER}),
        fenced=True,
    ),
    Route("POST", "/submissions", frozenset({STUDENT}), {"assignment_id": "{assignment_id}"}, fenced=True),
    Route("GET", "/submissions", EVERYONE),
    Route("GET", "/submissions/{submission_id}", EVERYONE, fenced=True),
    Route("GET", "/submissions/{submission_id}/feedback", EVERYONE, fenced=True),
    Route(
        "POST",
        "/submissions/{submission_id}/answers",
        frozenset({STUDENT}),
        {"question_id": "{question_id}", "answer": {"option_id": "a"}, "client_seq": 9},
        fenced=True,
    ),
    Route(
        "POST",
        "/submissions/{submission_id}/answers/bulk",
        frozenset({STUDENT}),
        {"answers": [{"question_id": "{question_id}", "answer": {"option_id": "a"}, "client_seq": 9}]},
        fenced=True,
    ),
    Route(
        "PUT",
        "/submissions/{submission_id}/drafts/{question_id}",
        frozenset({STUDENT}),
        {"answer": {"option_id": "a"}, "client_seq": 9},
        fenced=True,
    ),
    Route("GET", "/submissions/{submission_id}/drafts/{question_id}/history", EVERYONE, fenced=True),
    Route("GET", "/submissions/statuses", STAFF, fenced=True, query="?assignment_id={assignment_id}"),
    Route("POST", "/submissions/{submission_id}/reopen", frozenset({TEACHER}), fenced=True),
    Route("POST", "/submissions/{submission_id}/submit", frozenset({STUDENT}), fenced=True),
    Route("POST", "/events", EVERYONE, {"events": [{}]}),
    *GRADE_ROUTES,
    Route("GET", "/analytics/classes/{class_id}/mastery", STAFF, fenced=True),
    Route("GET", "/analytics/classes/{class_id}/struggling", STAFF, fenced=True),
    Route("GET", "/analytics/classes/{class_id}/overview", STAFF, fenced=True),
    Route("GET", "/analytics/classes/{class_id}/performance", STAFF, fenced=True),
    Route("GET", "/analytics/classes/{class_id}/distribution", STAFF, fenced=True),
    Route("GET", "/analytics/classes/{class_id}/questions", STAFF, fenced=True),
    Route("GET", "/analytics/classes/{class_id}/questions/{question_id}", STAFF, fenced=True),
    Route("GET", "/analytics/classes/{class_id}/time", STAFF, fenced=True),
    Route("GET", "/analytics/classes/{class_id}/time/{assignment_id}", STAFF, fenced=True),
    Route("GET", "/analytics/classes/{class_id}/activity", STAFF, fenced=True),
    Route("GET", "/analytics/classes/{class_id}/concepts", STAFF, fenced=True),
    Route("GET", "/analytics/students/{student_id}/performance", STAFF, fenced=True),
    Route("GET", "/analytics/students/{student_id}/mastery", STAFF, fenced=True),
    Route("GET", "/analytics/students/{student_id}/mastery/{concept_id}", STAFF, fenced=True),
    Route("GET", "/analytics/students/{student_id}/questions", STAFF, fenced=True),
    Route("GET", "/analytics/students/{student_id}/time", STAFF, fenced=True),
    Route("GET", "/analytics/compare", STAFF),
    Route("GET", "/analytics/overview", frozenset({ADMIN})),
    Route("GET", "/analytics/schools/{school_id}/overview", frozenset({ADMIN}), fenced=True),
    Route("GET", "/analytics/struggling", STAFF),
    Route("GET", "/analytics/struggling/{flag_id}", STAFF, fenced=True),
    Route("PATCH", "/analytics/struggling/{flag_id}", STAFF, {"action": "acknowledge"}, fenced=True),
    Route(
        "POST", "/analytics/exports", STAFF, {"dataset": "gradebook", "class_id": "{class_id}"}, fenced=True
    ),
    Route("GET", "/analytics/exports", STAFF),
    Route("GET", "/analytics/exports/student-keys", frozenset({ADMIN})),
    Route("GET", "/analytics/exports/{export_id}", STAFF, fenced=True),
    Route("GET", "/analytics/exports/{export_id}/file", STAFF, fenced=True),
    Route("GET", "/progress/classes/{class_id}/completion", STAFF, fenced=True),
    Route("GET", "/progress/students/{student_id}", EVERYONE, fenced=True),
    Route("GET", "/progress/students/{student_id}/concepts", EVERYONE, fenced=True),
    Route("GET", "/progress/students/{student_id}/path", EVERYONE, fenced=True),
    Route("GET", "/progress/students/{student_id}/attempts", EVERYONE, fenced=True),
    Route("POST", "/question-banks/{bank_id}/import", frozenset({TEACHER}), fenced=True),
    Route("GET", "/question-banks/{bank_id}/export", STAFF, fenced=True),
    *MESSAGE_ROUTES,
    *FILE_ROUTES,
    *NOTIFICATION_ROUTES,
    Route("GET", "/jobs/{job_id}", EVERYONE, fenced=True),
    Route("DELETE", "/jobs/{job_id}", STAFF, fenced=True),
]

PUBLIC_ROUTES = {
    "POST /auth/register/student",
    "POST /auth/register/child",
    "GET /auth/consents/{token}",
    "POST /auth/consents/{token}",
    "POST /auth/register/teacher",
    "POST /auth/register/admin",
    "POST /auth/verify-email",
    "POST /auth/verify-email/resend",
    "POST /auth/password/forgot",
    "POST /auth/password/reset",
    "POST /auth/login",
    "GET /auth/authorize",
    "POST /auth/authorize",
    "POST /auth/token",
    "POST /auth/revoke",
    "GET /auth/oidc/{provider}/start",
    "POST /auth/oidc/{provider}/start",
    "GET /auth/oidc/{provider}/callback",
    "POST /auth/refresh",
    "POST /auth/logout",
}


def ids_of(district: DistrictBench, school: SchoolBench) -> Ids:
    """Real ids of one school, for every name a route uses (no job: jobs belong to a person)."""
    return {
        "school_id": school.school.id,
        "class_id": school.school_class.id,
        "enrollment_id": school.pending.id,
        "assignment_id": school.assignment.id,
        "question_id": school.choice_question.id,
        "submission_id": school.submission.id,
        "grade_id": school.grade.id,
        "answer_id": school.free_answer.id,
        "template_id": school.template.id,
        "bank_id": school.bank.id,
        "bank_question_id": school.bank_question.id,
        "student_id": school.student.id,
        "session_id": school.teacher.id,  # nobody is asked to end it who has a right to
        "user_id": school.student.id,
        "invitation_id": school.invitation.id,
        "concept_id": district.concept.id,
        "flag_id": school.risk_flag.id,
        "export_id": school.data_export.id,
        "conversation_id": school.class_conversation.id,
        "file_id": school.uploaded_file.id,
        "curriculum_id": school.curriculum.id,
        "section_id": school.section.id,
        "version": school.curriculum.version,
        "message_id": school.own_message.id,
        "job_id": new_id(),
        "notification_id": new_id(),
        "candidate_id": new_id(),
        "code": new_id(),
    }


def unknown_ids(ids: Ids) -> Ids:
    """Ids of the right shape that nothing has; a number stays, because only an id can be a stranger's."""
    return {name: new_id() if isinstance(value, UUID) else value for name, value in ids.items()}


def user_of(school: SchoolBench, role: str) -> User:
    """The one who would be right for `school`'s class."""
    return {STUDENT: school.student, TEACHER: school.teacher, ADMIN: school.admin}[role]


def stranger_of(school: SchoolBench, role: str) -> User:
    """One of the same school and role who has nothing to do with its class."""
    return {STUDENT: school.other_student, TEACHER: school.other_teacher}[role]

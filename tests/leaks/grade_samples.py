"""Samples of the operations about grades."""

from tests.leaks.samples import ANY_VERSION, API, Sample

GRADE_SAMPLES: dict[str, Sample] = {
    f"GET {API}/classes/{{class_id}}/grading-policy": Sample("student"),
    f"PUT {API}/classes/{{class_id}}/grading-policy": Sample(
        "teacher", {"weighted": True}, headers=ANY_VERSION
    ),
    f"GET {API}/classes/{{class_id}}/grading-policy/versions": Sample("student"),
    f"GET {API}/classes/{{class_id}}/categories": Sample("student"),
    f"PUT {API}/classes/{{class_id}}/categories": Sample(
        "teacher", {"categories": [{"name": "Homework", "weight": "40"}]}, headers=ANY_VERSION
    ),
    f"POST {API}/grades/simulate": Sample(
        "teacher", {"class_id": "{class_id}", "policy": {"weighted": True}}
    ),
    f"POST {API}/grades/recalculate": Sample("teacher", {"class_id": "{class_id}"}),
    f"POST {API}/assignments/{{assignment_id}}/questions/{{question_id}}/key": Sample(
        "teacher", {"correct": "a", "policy": "full_credit"}, headers=ANY_VERSION
    ),
    f"GET {API}/assignments/{{assignment_id}}/questions/{{question_id}}/keys": Sample("teacher"),
    f"GET {API}/grades/reviews": Sample("teacher"),
    f"POST {API}/grades/reviews/accept": Sample("teacher", {"answer_ids": ["{answer_id}"]}),
    f"GET {API}/grades/reviews/{{answer_id}}": Sample("teacher"),
    f"POST {API}/grades/reviews/{{answer_id}}": Sample("teacher", {"score": "1"}),
    f"GET {API}/grades/ai-agreement": Sample("teacher"),
    f"GET {API}/grades/{{grade_id}}/explain": Sample("student"),
    f"GET {API}/grades/classes/{{class_id}}/students/{{student_id}}/explain": Sample("student"),
    f"GET {API}/grades/classes/{{class_id}}/students/{{student_id}}": Sample("student"),
    f"PUT {API}/grades/classes/{{class_id}}/students/{{student_id}}/override": Sample(
        "teacher", {"percent": "90", "reason": "The fair counts."}
    ),
    f"DELETE {API}/grades/classes/{{class_id}}/students/{{student_id}}/override": Sample("teacher"),
    f"GET {API}/grades/classes/{{class_id}}/students/{{student_id}}/history": Sample("student"),
    f"GET {API}/grades/classes/{{class_id}}": Sample("teacher"),
    f"GET {API}/grades/reports": Sample("teacher"),
    f"GET {API}/grades": Sample("student"),
    f"POST {API}/grades/entries": Sample(
        "teacher",
        {"assignment_id": "{assignment_id}", "entries": [{"student_id": "{student_id}", "score": "1"}]},
    ),
    f"POST {API}/grades/publish": Sample(
        "teacher", {"assignment_id": "{assignment_id}", "student_ids": ["{student_id}"]}
    ),
    f"PUT {API}/grades/{{grade_id}}/override": Sample("teacher", {"score": "1", "reason": "Shown in class"}),
    f"DELETE {API}/grades/{{grade_id}}/override": Sample("teacher"),
    f"PATCH {API}/grades/{{grade_id}}": Sample("teacher", {"excused": True}),
    f"GET {API}/grades/students/{{student_id}}": Sample("student"),
    f"GET {API}/grades/{{grade_id}}": Sample("student"),
    f"GET {API}/grades/{{grade_id}}/history": Sample("student"),
}

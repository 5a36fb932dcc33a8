"""Overall grades of the demo's classes, computed by the product's own rules from the grades that were loaded."""

import json
from collections import defaultdict
from collections.abc import Iterator
from decimal import Decimal
from typing import Any
from uuid import UUID

import psycopg

from api.grades.settling import class_grade_columns
from core.domain.gradebook import GradingPolicy, Item, course_grades
from core.domain.policy_snapshots import policy_of

_CLASSES = """
SELECT c.id, c.school_id, p.version, p.content FROM app.classes c
JOIN app.grading_policies p ON p.district_id = c.district_id AND p.class_id = c.id
WHERE c.district_id = %s ORDER BY c.id
"""
_ASSIGNMENTS = """
SELECT a.id, a.category, sum(q.points) FROM app.assignments a
JOIN app.questions q ON q.district_id = a.district_id AND q.assignment_id = a.id
WHERE a.district_id = %s AND a.class_id = %s GROUP BY a.id, a.category ORDER BY a.id
"""
_PLACES = """
SELECT student_id FROM app.class_enrollments
WHERE district_id = %s AND class_id = %s AND status = 'approved' ORDER BY student_id
"""
_GRADES = """
SELECT student_id, assignment_id, score, status FROM app.grades WHERE district_id = %s AND class_id = %s
"""
_COLUMNS = (
    "current_percent",
    "current_letter",
    "final_percent",
    "final_letter",
    "all_current_percent",
    "all_current_letter",
    "all_final_percent",
    "all_final_letter",
)
_WRITE = f"""
INSERT INTO app.class_grades (district_id, school_id, id, class_id, student_id, {", ".join(_COLUMNS)}, categories,
    policy_version, change_reason)
SELECT %(district_id)s, %(school_id)s, app.new_id(), %(class_id)s, r.student_id,
    {", ".join(f"r.{name}" for name in _COLUMNS)}, r.categories, %(version)s, 'demo'
FROM jsonb_to_recordset(%(rows)s::jsonb) AS r (student_id uuid, current_percent numeric, current_letter text,
    final_percent numeric, final_letter text, all_current_percent numeric, all_current_letter text,
    all_final_percent numeric, all_final_letter text, categories jsonb)
"""
_HISTORY = """
INSERT INTO app.class_grade_history (district_id, school_id, class_grade_id, version, new_state, policy_version,
    reason, changed_at)
SELECT district_id, school_id, id, version, app.class_grade_state(g), policy_version, change_reason, changed_at
FROM app.class_grades g WHERE district_id = %s
"""


def write_class_grades(connection: psycopg.Connection, district_id: str) -> None:
    """Settle each class as handing in would have; what triggers write is written with it."""
    for class_id, school_id, version, content in connection.execute(_CLASSES, [district_id]).fetchall():
        place = (district_id, class_id)
        rows = list(_rows(connection, place, policy_of(version, content)))
        parameters = {
            "district_id": district_id,
            "school_id": school_id,
            "class_id": class_id,
            "version": version,
            "rows": json.dumps(rows, default=str),
        }
        connection.execute(_WRITE, parameters)
    connection.execute(_HISTORY, [district_id])


def _rows(
    connection: psycopg.Connection, place: tuple[str, UUID], policy: GradingPolicy
) -> Iterator[dict[str, Any]]:
    names = {rule.name: rule.id for rule in policy.categories}
    assignments = connection.execute(_ASSIGNMENTS, place).fetchall()
    grades: dict[UUID, dict[UUID, tuple[Decimal, str]]] = defaultdict(dict)
    for student_id, assignment_id, score, status in connection.execute(_GRADES, place):
        grades[student_id][assignment_id] = (score, status)
    for (student_id,) in connection.execute(_PLACES, place).fetchall():
        items = [
            _item(assignment_id, names.get(category), possible, grades[student_id].get(assignment_id))
            for assignment_id, category, possible in assignments
        ]
        yield {"student_id": student_id, **class_grade_columns(course_grades(policy, items))}


def _item(
    assignment_id: UUID, category: str | None, possible: Decimal, grade: tuple[Decimal, str] | None
) -> Item:
    score, status = grade or (None, "no_score")
    counts = status in {"graded", "awaiting_teacher"}
    return Item(
        assignment_id,
        category,
        score if counts else None,
        possible,
        awaiting_review=status == "awaiting_teacher",
    )

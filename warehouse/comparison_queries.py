"""What is asked of the marts to compare classes. Small classes are in the rows: the caller must withhold them."""

from typing import Any

from core.domain.comparison import Measured
from core.domain.suppression import Group
from warehouse.reader import MartQuery


def class_measures(
    *, subject: str | None = None, grade_level: int | None = None, school_year: str | None = None
) -> MartQuery:
    """Each class of the district that fits, with the people behind each measure and its sum, by class."""
    return MartQuery(
        marts=("class_performance", "assignment_completion", "student_progress", "class_velocity"),
        sql="""
            WITH work AS (
                SELECT class_id, sum(submitted_count + graded_count)::BIGINT AS done_count,
                    sum(assigned_count - excused_count)::BIGINT AS due_count
                FROM assignment_completion GROUP BY class_id),
            concepts AS (
                SELECT class_id, count(*) AS practised_count, sum(concept_count)::BIGINT AS concept_count,
                    sum(secure_count)::BIGINT AS secure_count
                FROM student_progress WHERE concept_count > 0 GROUP BY class_id)
            SELECT class.class_id, class.school_id, class.student_count, class.graded_count, class.average_percent,
                coalesce(work.done_count, 0) AS done_count, coalesce(work.due_count, 0) AS due_count,
                coalesce(concepts.practised_count, 0) AS practised_count,
                coalesce(concepts.concept_count, 0) AS concept_count,
                coalesce(concepts.secure_count, 0) AS secure_count,
                coalesce(trend.student_count, 0) AS trend_count, coalesce(trend.rising_count, 0) AS rising_count
            FROM class_performance AS class
            LEFT JOIN work ON work.class_id = class.class_id
            LEFT JOIN concepts ON concepts.class_id = class.class_id
            LEFT JOIN class_velocity AS trend ON trend.class_id = class.class_id
            WHERE ($subject IS NULL OR lower(subject) = lower($subject))
                AND ($grade_level IS NULL OR grade_level = $grade_level)
                AND ($school_year IS NULL OR school_year = $school_year)
            ORDER BY class.class_id
        """,
        parameters={"subject": subject, "grade_level": grade_level, "school_year": school_year},
    )


def measured_class(row: dict[str, Any]) -> Measured:
    """Return a row of `class_measures` as the rule takes it."""
    average = row["average_percent"] or 0.0
    return Measured(
        row["student_count"],
        {
            "average_percent": Group(row["graded_count"], average * row["graded_count"]),
            "completion_percent": Group(
                row["student_count"], 100.0 * row["done_count"], cases=row["due_count"]
            ),
            "secure_percent": Group(
                row["practised_count"], 100.0 * row["secure_count"], cases=row["concept_count"]
            ),
            "rising_percent": Group(row["trend_count"], 100.0 * row["rising_count"]),
        },
    )

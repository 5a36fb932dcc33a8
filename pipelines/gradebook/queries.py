"""Statements over grades and overall grades."""

from psycopg import sql

from core.tenancy import TenantId
from pipelines.copying import microseconds
from warehouse.mart import COUNT, EXACT, FLAG, ID, TEXT

_PLACED = """
    FROM app.class_grades AS grade
    JOIN app.class_enrollments AS place ON place.district_id = grade.district_id
        AND place.class_id = grade.class_id AND place.student_id = grade.student_id
        AND place.status = 'approved' AND place.deleted_at IS NULL
    JOIN app.classes AS class ON class.district_id = grade.district_id AND class.id = grade.class_id
        AND class.deleted_at IS NULL
    WHERE grade.district_id = {district}
"""


def class_grade_rows(tenant: TenantId) -> sql.Composed:
    """The overall grade of everyone who is in a class, in the columns of the mart."""
    return sql.SQL(
        """
        SELECT grade.district_id, grade.school_id, grade.class_id, grade.student_id,
            current_percent, current_letter, final_percent, final_letter, all_current_percent, all_current_letter,
            all_final_percent, all_final_letter, overridden_at IS NOT NULL AS is_overridden, override_percent,
            override_letter, policy_version, {changed_at} AS changed_at
        """
        + _PLACED
    ).format(changed_at=microseconds("grade.changed_at"), district=sql.Literal(tenant.value))


def counted_class_grades(tenant: TenantId) -> sql.Composed:
    """How many rows `class_grade_rows` must give, counted without its joins."""
    return sql.SQL(
        "SELECT count(*) FROM app.class_grades WHERE district_id = {district} AND (class_id, student_id) IN ("
        "SELECT class_id, student_id FROM app.class_enrollments WHERE district_id = {district} "
        "AND status = 'approved' AND deleted_at IS NULL) AND class_id IN ("
        "SELECT id FROM app.classes WHERE district_id = {district} AND deleted_at IS NULL)"
    ).format(district=sql.Literal(tenant.value))


def grade_rows(tenant: TenantId) -> sql.Composed:
    """Every grade of an assignment that exists, in the columns of the gradebook mart."""
    return sql.SQL(
        """
        SELECT grade.district_id, grade.school_id, grade.class_id, grade.assignment_id, grade.student_id,
            grade.id AS grade_id, category, grade.status, source, score, possible, percent, entered_score, deduction,
            override_score, late_seconds, is_excused, is_missing, is_posted, policy_version,
            {changed_at} AS changed_at
        FROM app.grades AS grade
        JOIN app.assignments AS assignment ON assignment.district_id = {district}
            AND assignment.id = grade.assignment_id AND assignment.deleted_at IS NULL
        WHERE grade.district_id = {district}
        """
    ).format(changed_at=microseconds("grade.changed_at"), district=sql.Literal(tenant.value))


def counted_grades(tenant: TenantId) -> sql.Composed:
    """How many rows `grade_rows` must give, counted without its join."""
    return sql.SQL(
        "SELECT count(*) FROM app.grades WHERE district_id = {district} AND assignment_id IN ("
        "SELECT id FROM app.assignments WHERE district_id = {district} AND deleted_at IS NULL)"
    ).format(district=sql.Literal(tenant.value))


LINES = {
    "class_id": ID,
    "student_id": ID,
    "assignment_id": ID,
    "category": TEXT,
    "score": EXACT,
    "possible": EXACT,
    "status": TEXT,
    "is_posted": FLAG,
    "is_excused": FLAG,
    "omit_from_final": FLAG,
    "never_drop": FLAG,
}
POLICIES = {"class_id": ID, "version": COUNT, "content": TEXT}


def gradebook_lines(tenant: TenantId) -> sql.Composed:
    """Every line an overall grade follows from: each student with a place, each assignment given, with its grade."""
    return sql.SQL(
        """
        WITH asked AS (
            SELECT assignment_id, sum(points) AS points FROM app.questions
            WHERE district_id = {district} AND deleted_at IS NULL GROUP BY assignment_id)
        SELECT place.class_id, place.student_id, assignment.id AS assignment_id, category, score,
            coalesce(assignment.points, asked.points, 0) AS possible, grade.status, is_posted, is_excused,
            omit_from_final, never_drop
        FROM app.class_enrollments AS place
        JOIN app.assignments AS assignment ON assignment.district_id = {district}
            AND assignment.class_id = place.class_id AND assignment.status IN ('published', 'archived')
            AND assignment.deleted_at IS NULL
        LEFT JOIN asked ON asked.assignment_id = assignment.id
        LEFT JOIN app.grades AS grade ON grade.district_id = {district}
            AND grade.assignment_id = assignment.id AND grade.student_id = place.student_id
        WHERE place.district_id = {district} AND place.status = 'approved' AND place.deleted_at IS NULL
        """
    ).format(district=sql.Literal(tenant.value))


def standing_policies(tenant: TenantId) -> sql.Composed:
    """The newest policy of each class that has one."""
    return sql.SQL(
        "SELECT DISTINCT ON (class_id) class_id, version, content::text AS content FROM app.grading_policies "
        "WHERE district_id = {} ORDER BY class_id, version DESC"
    ).format(sql.Literal(tenant.value))

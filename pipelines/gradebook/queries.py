"""Statements over overall grades."""

from psycopg import sql

from core.tenancy import TenantId
from pipelines.copying import microseconds

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

"""Statements over classes: who is in them, what was set, what was handed in and graded."""

from psycopg import sql

from core.tenancy import TenantId


def classes(tenant: TenantId) -> sql.Composed:
    """Classes, where they belong and what is taught in them."""
    return _of_district(
        "SELECT id AS class_id, school_id, subject, grade_level, school_year FROM app.classes "
        "WHERE district_id = {} AND deleted_at IS NULL",
        tenant,
    )


def approved_students(tenant: TenantId) -> sql.Composed:
    """Who is in which class."""
    return _of_district(
        "SELECT class_id, student_id FROM app.class_enrollments "
        "WHERE district_id = {} AND status = 'approved' AND deleted_at IS NULL",
        tenant,
    )


def published_assignments(tenant: TenantId) -> sql.Composed:
    """What was set to which class."""
    return _of_district(
        "SELECT class_id, id AS assignment_id FROM app.assignments "
        "WHERE district_id = {} AND status = 'published' AND deleted_at IS NULL",
        tenant,
    )


def handed_in_attempts(tenant: TenantId) -> sql.Composed:
    """Which assignments a student has handed in at least once."""
    return _of_district(
        "SELECT DISTINCT class_id, student_id, assignment_id FROM app.student_submissions "
        "WHERE district_id = {} AND status <> 'in_progress' AND deleted_at IS NULL",
        tenant,
    )


def finished_grades(tenant: TenantId) -> sql.Composed:
    """Grades that wait for nothing any more, of assignments that still exist."""
    return _of_district(
        "SELECT grade.class_id, student_id, score, possible FROM app.grades AS grade "
        "JOIN app.assignments AS assignment ON assignment.district_id = grade.district_id "
        "AND assignment.id = grade.assignment_id "
        "WHERE grade.district_id = {} AND grade.status = 'graded' AND grade.score IS NOT NULL "
        "AND NOT grade.is_excused AND assignment.deleted_at IS NULL",
        tenant,
    )


def counted_classes(tenant: TenantId) -> sql.Composed:
    """How many classes have at least one approved student."""
    return _of_district(
        "SELECT count(*) FROM app.classes AS class WHERE class.district_id = {0} AND deleted_at IS NULL AND EXISTS ("
        "SELECT 1 FROM app.class_enrollments AS place WHERE place.district_id = {0} AND place.class_id = class.id "
        "AND place.status = 'approved' AND place.deleted_at IS NULL)",
        tenant,
    )


def _of_district(statement: str, tenant: TenantId) -> sql.Composed:
    return sql.SQL(statement).format(sql.Literal(tenant.value))

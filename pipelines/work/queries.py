"""Statements over what students were set: one row per approved student and assignment."""

from psycopg import sql

from core.tenancy import TenantId
from pipelines.copying import microseconds
from warehouse.mart import COUNT, EXACT, FLAG, ID, TEXT, TIME

ASSIGNED_WORK = {
    "school_id": ID,
    "class_id": ID,
    "assignment_id": ID,
    "student_id": ID,
    "class_due_at": TIME,
    "due_at": TIME,
    "handed_in_at": TIME,
    "attempt_count": COUNT,
    "active_ms": COUNT,
    "is_accommodated": FLAG,
    "grade_status": TEXT,
    "grade_source": TEXT,
    "percent": EXACT,
    "late_seconds": COUNT,
    "is_excused": FLAG,
    "is_entered": FLAG,
    "is_overridden": FLAG,
    "said_missing": FLAG,
}


def assigned_work(tenant: TenantId) -> sql.Composed:
    """Every published assignment of every approved student, put away or not, with what became of it.

    The student's own due date: an extension, else the class's moved by what the student needs in the class.
    """
    return sql.SQL(
        """
        WITH done AS (
            SELECT assignment_id, student_id, count(*) AS attempt_count, sum(active_ms)::bigint AS active_ms,
                max(submitted_at) AS handed_in_at
            FROM app.student_submissions WHERE district_id = {district} AND deleted_at IS NULL
            GROUP BY assignment_id, student_id),
        work AS (
            SELECT class.school_id, class.id AS class_id, assignment.id AS assignment_id, place.student_id,
                assignment.due_at AS class_due_at,
                coalesce(extension.due_at, assignment.due_at + make_interval(hours => coalesce(due_shift_hours, 0)))
                    AS due_at,
                coalesce(time_multiplier > 1, false) OR coalesce(extra_minutes > 0, false) AS is_accommodated
            FROM app.class_enrollments AS place
            JOIN app.classes AS class ON class.district_id = {district} AND class.id = place.class_id
                AND class.deleted_at IS NULL
            JOIN app.assignments AS assignment ON assignment.district_id = {district}
                AND assignment.class_id = class.id AND assignment.status IN ('published', 'archived')
                AND assignment.deleted_at IS NULL
            LEFT JOIN app.accommodations AS needs ON needs.district_id = {district}
                AND needs.class_id = class.id AND needs.student_id = place.student_id
            LEFT JOIN app.assignment_extensions AS extension ON extension.district_id = {district}
                AND extension.assignment_id = assignment.id AND extension.student_id = place.student_id
            WHERE place.district_id = {district} AND place.status = 'approved' AND place.deleted_at IS NULL)
        SELECT work.school_id, work.class_id, work.assignment_id, work.student_id, {class_due_at} AS class_due_at,
            {due_at} AS due_at, {handed_in_at} AS handed_in_at, coalesce(attempt_count, 0) AS attempt_count,
            coalesce(active_ms, 0) AS active_ms, is_accommodated, grade.status AS grade_status,
            grade.source AS grade_source, grade.percent, late_seconds, is_excused, is_entered,
            overridden_at IS NOT NULL AS is_overridden, is_missing AS said_missing
        FROM work
        LEFT JOIN done ON done.assignment_id = work.assignment_id AND done.student_id = work.student_id
        LEFT JOIN app.grades AS grade ON grade.district_id = {district}
            AND grade.assignment_id = work.assignment_id AND grade.student_id = work.student_id
        """
    ).format(
        district=sql.Literal(tenant.value),
        class_due_at=microseconds("class_due_at"),
        due_at=microseconds("work.due_at"),
        handed_in_at=microseconds("handed_in_at"),
    )


PLACES = {"school_id": ID, "class_id": ID, "student_id": ID}


def approved_places(tenant: TenantId) -> sql.Composed:
    """Who is in which class that still exists."""
    return sql.SQL(
        """
        SELECT class.school_id, place.class_id, place.student_id FROM app.class_enrollments AS place
        JOIN app.classes AS class ON class.district_id = {district} AND class.id = place.class_id
            AND class.deleted_at IS NULL
        WHERE place.district_id = {district} AND place.status = 'approved' AND place.deleted_at IS NULL
        """
    ).format(district=sql.Literal(tenant.value))


def counted_work(tenant: TenantId) -> sql.Composed:
    """How many assignments `assigned_work` tells of: those of classes with at least one approved student."""
    return sql.SQL(
        "SELECT count(*) FROM app.assignments AS assignment WHERE district_id = {district} "
        "AND status IN ('published', 'archived') AND deleted_at IS NULL AND class_id IN ("
        "SELECT class_id FROM app.class_enrollments WHERE district_id = {district} AND status = 'approved' "
        "AND deleted_at IS NULL) AND class_id IN ("
        "SELECT id FROM app.classes WHERE district_id = {district} AND deleted_at IS NULL)"
    ).format(district=sql.Literal(tenant.value))

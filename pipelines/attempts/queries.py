"""Statements over attempts."""

from psycopg import sql

from core.tenancy import TenantId
from pipelines.copying import microseconds


def attempt_rows(tenant: TenantId) -> sql.Composed:
    """Every attempt that has not been deleted, in the columns of the attempts mart."""
    return sql.SQL(
        """
        WITH answered AS (
            SELECT submission_id, count(*) AS answer_count FROM app.student_answers
            WHERE district_id = {district} AND counts GROUP BY submission_id),
        asked AS (
            SELECT assignment_id, count(*) AS question_count FROM app.questions
            WHERE district_id = {district} AND deleted_at IS NULL GROUP BY assignment_id),
        worked AS (
            SELECT attempt.*, coalesce(extension.due_at,
                    assignment.due_at + make_interval(hours => coalesce(due_shift_hours, 0))) AS due_at,
                coalesce(time_multiplier > 1, false) OR coalesce(extra_minutes > 0, false) AS is_accommodated
            FROM app.student_submissions AS attempt
            JOIN app.assignments AS assignment ON assignment.district_id = {district}
                AND assignment.id = attempt.assignment_id
            LEFT JOIN app.accommodations AS needs ON needs.district_id = {district}
                AND needs.class_id = attempt.class_id AND needs.student_id = attempt.student_id
            LEFT JOIN app.assignment_extensions AS extension ON extension.district_id = {district}
                AND extension.assignment_id = attempt.assignment_id AND extension.student_id = attempt.student_id
            WHERE attempt.district_id = {district} AND attempt.deleted_at IS NULL)
        SELECT district_id, school_id, class_id, worked.assignment_id, student_id, id AS submission_id,
            attempt_number, status, {started_at} AS started_at, {submitted_at} AS submitted_at, handed_in_by,
            coalesce(submitted_at > due_at + interval '1 minute', false) AS is_late, score, possible,
            coalesce(answer_count, 0) AS answer_count, coalesce(question_count, 0) AS question_count, active_ms,
            is_accommodated
        FROM worked
        LEFT JOIN answered ON answered.submission_id = worked.id
        LEFT JOIN asked ON asked.assignment_id = worked.assignment_id
        """
    ).format(
        district=sql.Literal(tenant.value),
        started_at=microseconds("started_at"),
        submitted_at=microseconds("submitted_at"),
    )


def counted_attempts(tenant: TenantId) -> sql.Composed:
    """How many rows `attempt_rows` must give, counted without its joins."""
    return sql.SQL(
        "SELECT count(*) FROM app.student_submissions WHERE district_id = {} AND deleted_at IS NULL"
    ).format(sql.Literal(tenant.value))

"""Statements over the students' answers."""

from psycopg import sql

from core.tenancy import TenantId
from pipelines.copying import microseconds


def answer_rows(tenant: TenantId) -> sql.Composed:
    """Every try of every attempt that has not been deleted, in the columns of the answers mart."""
    return sql.SQL(
        """
        WITH practised AS (
            SELECT question_id, string_agg(concept_id::text, ' ' ORDER BY concept_id::text) AS concept_ids
            FROM app.question_concepts WHERE district_id = {district} GROUP BY question_id)
        SELECT answer.district_id, answer.school_id, attempt.class_id, answer.assignment_id, answer.question_id,
            question.kind AS question_kind, question.difficulty, coalesce(concept_ids, '') AS concept_ids,
            answer.student_id, answer.submission_id, attempt.attempt_number, answer.id AS answer_id,
            {answered_at} AS answered_at, answer.answer ->> 'option_id' AS selected_option, answer.is_correct,
            answer.score, answer.possible, (answer.score / answer.possible)::float8 AS outcome,
            answer.time_spent_ms, answer.counts AS is_counted,
            answer.status = 'graded' AND row_number() OVER (
                PARTITION BY answer.submission_id, answer.question_id, answer.status
                ORDER BY answer.answered_at, answer.id) = 1 AS is_first_graded
        FROM app.student_answers AS answer
        JOIN app.student_submissions AS attempt
            ON attempt.district_id = {district} AND attempt.id = answer.submission_id
        JOIN app.questions AS question ON question.district_id = {district} AND question.id = answer.question_id
        LEFT JOIN practised ON practised.question_id = answer.question_id
        WHERE answer.district_id = {district} AND attempt.deleted_at IS NULL
        """
    ).format(answered_at=microseconds("answer.answered_at"), district=sql.Literal(tenant.value))


def counted_answers(tenant: TenantId) -> sql.Composed:
    """How many rows `answer_rows` must give, counted without its joins."""
    return sql.SQL(
        "SELECT count(*) FROM app.student_answers WHERE district_id = {district} AND submission_id IN ("
        "SELECT id FROM app.student_submissions WHERE district_id = {district} AND deleted_at IS NULL)"
    ).format(district=sql.Literal(tenant.value))

"""Rows that triggers write: the demo is loaded past them, so it writes each kind in one statement."""

import psycopg

_STATEMENTS = (
    "INSERT INTO app.user_search_terms (district_id, school_id, term, user_id) "
    "SELECT u.district_id, u.school_id, found.term, u.id "
    "FROM app.users u, app.search_terms(u.name, u.email) AS found (term) "
    "WHERE u.district_id = %s AND u.deleted_at IS NULL",
    "INSERT INTO app.enrollment_changes "
    "(district_id, school_id, id, enrollment_id, new_status, changed_by, changed_at) "
    "SELECT district_id, school_id, app.new_id(), id, status, decided_by, greatest(requested_at, decided_at) "
    "FROM app.class_enrollments WHERE district_id = %s",
    "INSERT INTO app.question_key_versions "
    "(district_id, school_id, question_id, version, correct_option, model_answer, rubric, points) "
    "SELECT district_id, school_id, id, key_version, correct_option, model_answer, rubric, points "
    "FROM app.questions WHERE district_id = %s",
)


def write_trigger_rows(connection: psycopg.Connection, district_id: str) -> None:
    """Write search words of people, the history of places, and the first version of every key."""
    for statement in _STATEMENTS:
        connection.execute(statement, [district_id])

"""Statements over flags of students at risk, and over what the concepts of a class build on."""

from psycopg import sql

from core.tenancy import TenantId
from warehouse.mart import ID, TEXT

STANDING_FLAGS = {"class_id": ID, "student_id": ID, "level": TEXT}
CLASS_PREREQUISITES = {"class_id": ID, "concept_id": ID}


def standing_flags(tenant: TenantId) -> sql.Composed:
    """The level each student at risk was shown at last."""
    return sql.SQL(
        "SELECT class_id, student_id, level FROM app.risk_flags WHERE district_id = {} AND cleared_at IS NULL"
    ).format(sql.Literal(tenant.value))


def counted_standing_flags(tenant: TenantId) -> sql.Composed:
    """How many students of the district are flagged in a class."""
    return sql.SQL(
        "SELECT count(*) FROM app.risk_flags WHERE district_id = {} AND cleared_at IS NULL"
    ).format(sql.Literal(tenant.value))


def class_prerequisites(tenant: TenantId) -> sql.Composed:
    """What the concepts that a class's given assignments practise build on directly."""
    return sql.SQL(
        """
        SELECT DISTINCT assignment.class_id, edge.prerequisite_id AS concept_id
        FROM app.assignments AS assignment
        JOIN app.questions AS question ON question.district_id = {district}
            AND question.assignment_id = assignment.id AND question.deleted_at IS NULL
        JOIN app.question_concepts AS practised ON practised.district_id = {district}
            AND practised.question_id = question.id
        JOIN app.concept_prerequisites AS edge ON edge.district_id = {district}
            AND edge.concept_id = practised.concept_id
        WHERE assignment.district_id = {district} AND assignment.status IN ('published', 'archived')
            AND assignment.deleted_at IS NULL
        """
    ).format(district=sql.Literal(tenant.value))

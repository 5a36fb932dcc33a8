"""Statements over what a class practises, what concepts build on, and the questions teachers keep."""

from psycopg import sql

from core.tenancy import TenantId
from pipelines.copying import microseconds
from warehouse.mart import COUNT, FLAG, ID, IDS, TEXT, TIME

PRACTISED = {
    "class_id": ID,
    "assignment_id": ID,
    "is_published": FLAG,
    "due_at": TIME,
    "position": COUNT,
    "concept_id": ID,
}


def practised_concepts(tenant: TenantId) -> sql.Composed:
    """The concepts each given assignment practises, and the first question of it that does."""
    return sql.SQL(
        """
        SELECT assignment.class_id, assignment.id AS assignment_id, assignment.status = 'published' AS is_published,
            {due_at} AS due_at, min(question.position) AS position, tag.concept_id
        FROM app.assignments AS assignment
        JOIN app.questions AS question ON question.district_id = {district}
            AND question.assignment_id = assignment.id AND question.deleted_at IS NULL
        JOIN app.question_concepts AS tag ON tag.district_id = {district} AND tag.question_id = question.id
        JOIN app.concepts AS concept ON concept.district_id = {district} AND concept.id = tag.concept_id
            AND concept.deleted_at IS NULL
        WHERE assignment.district_id = {district} AND assignment.status IN ('published', 'archived')
            AND assignment.deleted_at IS NULL
        GROUP BY assignment.class_id, assignment.id, assignment.status, assignment.due_at, tag.concept_id
        """
    ).format(district=sql.Literal(tenant.value), due_at=microseconds("assignment.due_at"))


EDGES = {"concept_id": ID, "prerequisite_id": ID}


def prerequisite_edges(tenant: TenantId) -> sql.Composed:
    """Which concept builds on which, of those that still exist."""
    return sql.SQL(
        """
        SELECT edge.concept_id, edge.prerequisite_id FROM app.concept_prerequisites AS edge
        JOIN app.concepts AS concept ON concept.district_id = {district} AND concept.id = edge.concept_id
            AND concept.deleted_at IS NULL
        JOIN app.concepts AS prerequisite ON prerequisite.district_id = {district}
            AND prerequisite.id = edge.prerequisite_id AND prerequisite.deleted_at IS NULL
        WHERE edge.district_id = {district}
        """
    ).format(district=sql.Literal(tenant.value))


CLASSES = {"class_id": ID, "school_id": ID, "teacher_id": ID}


def classes_and_teachers(tenant: TenantId) -> sql.Composed:
    """Each class that exists, with whose it is."""
    return sql.SQL(
        "SELECT id AS class_id, school_id, teacher_id FROM app.classes WHERE district_id = {} AND deleted_at IS NULL"
    ).format(sql.Literal(tenant.value))


BANK_QUESTIONS = {
    "question_id": ID,
    "school_id": ID,
    "owner_id": ID,
    "is_shared": FLAG,
    "difficulty": TEXT,
    "concept_ids": IDS,
}


def bank_questions(tenant: TenantId) -> sql.Composed:
    """Every question of a bank that practises a concept."""
    return sql.SQL(
        """
        SELECT question.id AS question_id, question.school_id, bank.owner_id, bank.is_shared, question.difficulty,
            string_agg(tag.concept_id::text, ' ' ORDER BY tag.concept_id::text) AS concept_ids
        FROM app.bank_questions AS question
        JOIN app.question_banks AS bank ON bank.district_id = {district} AND bank.id = question.bank_id
            AND bank.deleted_at IS NULL
        JOIN app.bank_question_concepts AS tag ON tag.district_id = {district} AND tag.question_id = question.id
        WHERE question.district_id = {district} AND question.deleted_at IS NULL
        GROUP BY question.id, question.school_id, bank.owner_id, bank.is_shared, question.difficulty
        """
    ).format(district=sql.Literal(tenant.value))


COPIES = {"bank_question_id": ID, "question_id": ID}


def bank_copies(tenant: TenantId) -> sql.Composed:
    """Questions of assignments that are the same as a bank's: taken from it, or put into it."""
    return sql.SQL(
        """
        SELECT provenance ->> 'question_id' AS bank_question_id, id::text AS question_id FROM app.questions
        WHERE district_id = {district} AND provenance ->> 'origin' = 'bank'
        UNION
        SELECT id::text, provenance ->> 'question_id' FROM app.bank_questions
        WHERE district_id = {district} AND provenance ->> 'origin' = 'assignment'
        """
    ).format(district=sql.Literal(tenant.value))


def counted_questions(tenant: TenantId, ids: list[str]) -> sql.Composed:
    """How many of these are questions of a bank of the district, put away since or not."""
    return sql.SQL(
        "SELECT count(*) FROM app.bank_questions WHERE district_id = {} AND id = ANY({}::uuid[])"
    ).format(sql.Literal(tenant.value), sql.Literal(ids))

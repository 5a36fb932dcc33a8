"""Statements over what models were asked and what they proposed; never over what was said."""

from psycopg import sql

from core.tenancy import TenantId
from pipelines.copying import microseconds
from warehouse.mart import ID, POINTS, TEXT

PROPOSALS = {
    "school_id": ID,
    "class_id": ID,
    "assignment_id": ID,
    "state": TEXT,
    "score": POINTS,
    "human_score": POINTS,
    "possible": POINTS,
}


def interaction_rows(tenant: TenantId) -> sql.Composed:
    """Every question asked of a model, in the columns of the mart."""
    return sql.SQL(
        """
        SELECT district_id, school_id, id AS interaction_id, purpose, subject_id, status, model, prompt_version,
            {asked_at} AS asked_at, calls, input_tokens, output_tokens, cost_usd, latency_ms, error_code
        FROM app.ai_interactions WHERE district_id = {district}
        """
    ).format(asked_at=microseconds("asked_at"), district=sql.Literal(tenant.value))


def counted_interactions(tenant: TenantId) -> sql.Composed:
    """How many rows `interaction_rows` must give."""
    return sql.SQL("SELECT count(*) FROM app.ai_interactions WHERE district_id = {}").format(
        sql.Literal(tenant.value)
    )


def proposal_rows(tenant: TenantId) -> sql.Composed:
    """Every score a model proposed, and the teacher's, in the order in which they were proposed.

    What the comparison of words proposes without a model is no opinion of a model; nor is what came too late.
    """
    return sql.SQL(
        """
        SELECT school_id, class_id, assignment_id, state, score, human_score, possible
        FROM app.ai_gradings WHERE district_id = {} AND mode = 'ai' AND state <> 'overtaken' ORDER BY id
        """
    ).format(sql.Literal(tenant.value))

"""Statements over the mastery table."""

from psycopg import sql

from core.tenancy import TenantId


def counted_mastery(tenant: TenantId) -> sql.Composed:
    """How many rows of mastery the district has."""
    return sql.SQL("SELECT count(*) FROM app.concept_mastery WHERE district_id = {}").format(
        sql.Literal(tenant.value)
    )

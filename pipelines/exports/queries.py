"""Statements of the export."""

from psycopg import sql

from core.tenancy import TenantId


def keep_secret(tenant: TenantId, secret: bytes) -> sql.Composed:
    """The district's secret, unless it has one: keys must stay the same for ever."""
    return sql.SQL(
        "INSERT INTO app.export_keys (district_id, secret) VALUES ({}, {}) ON CONFLICT (district_id) DO NOTHING"
    ).format(sql.Literal(tenant.value), sql.Literal(secret))


def secret(tenant: TenantId) -> sql.Composed:
    """What the district's keys are made with."""
    return sql.SQL("SELECT secret FROM app.export_keys WHERE district_id = {}").format(
        sql.Literal(tenant.value)
    )


def small_cell_minimum(tenant: TenantId) -> sql.Composed:
    """What the district decided; no row or null where the default holds."""
    return sql.SQL("SELECT small_cell_minimum FROM app.district_settings WHERE district_id = {}").format(
        sql.Literal(tenant.value)
    )

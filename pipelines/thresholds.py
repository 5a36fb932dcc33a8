"""Where a district's bands begin: its own thresholds, else the documented defaults."""

from dataclasses import replace
from typing import Any

from psycopg import sql

from core.domain.mastery import DEFAULT_THRESHOLDS, MasteryThresholds
from core.tenancy import TenantId
from pipelines.resources import PostgresResource

_DECIDED = ("struggling_percent", "struggling_probability", "secure_percent")


def own_thresholds(tenant: TenantId) -> sql.Composed:
    """What the district decided; no row or null where the default holds."""
    return sql.SQL("SELECT {} FROM app.district_settings WHERE district_id = {}").format(
        sql.SQL(", ").join(sql.Identifier(name) for name in _DECIDED), sql.Literal(tenant.value)
    )


def thresholds_of(postgres: PostgresResource, tenant: TenantId) -> MasteryThresholds:
    """Return the thresholds that hold for a district now."""
    with postgres.snapshot(tenant) as moment:
        row = moment.connection.execute(own_thresholds(tenant)).fetchone()
    known = zip(_DECIDED, row or (None,) * len(_DECIDED), strict=True)
    own: dict[str, Any] = {name: float(value) for name, value in known if value is not None}
    return replace(DEFAULT_THRESHOLDS, **own)

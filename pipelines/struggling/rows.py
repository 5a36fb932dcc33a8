"""Which table of PostgreSQL holds the struggling flags for the app."""

import json
from datetime import datetime

import polars as pl
import psycopg
from psycopg import sql

from core.tenancy import TenantId
from pipelines.write_back import Change, Target, replace_rows

_JUDGED = ("rank", "strength", "p_below_threshold", "mastery_percent", "reasons")
_TABLE = Target(
    table="concept_flags",
    keys=("district_id", "student_id", "concept_id"),
    values=("school_id", *_JUDGED, "as_of"),
    watched=_JUDGED,
)


def replace_concept_flags(
    connection: psycopg.Connection, tenant: TenantId, flags: pl.DataFrame, *, as_of: datetime
) -> Change:
    """Make the district's rows of app.concept_flags equal to `flags`."""
    reasons = pl.col("reasons").map_elements(lambda words: json.dumps(list(words)), return_dtype=pl.String)
    return replace_rows(connection, tenant, _TABLE, flags.with_columns(reasons, as_of=pl.lit(as_of)))


def counted_concept_flags(tenant: TenantId) -> sql.Composed:
    """How many concepts are flagged in PostgreSQL."""
    return sql.SQL("SELECT count(*) FROM app.concept_flags WHERE district_id = {}").format(
        sql.Literal(tenant.value)
    )

"""Which table of PostgreSQL holds mastery for the app."""

from datetime import datetime

import polars as pl
import psycopg

from core.tenancy import TenantId
from pipelines.write_back import Change, Target, replace_rows

_JUDGED = ("mastery_percent", "lower_percent", "upper_percent", "evidence_count", "band")
_TABLE = Target(
    table="concept_mastery",
    keys=("district_id", "student_id", "concept_id"),
    values=("school_id", *_JUDGED, "below_threshold", "as_of"),
    watched=(*_JUDGED, "below_threshold"),
)


def replace_mastery(
    connection: psycopg.Connection, tenant: TenantId, mastery: pl.DataFrame, *, as_of: datetime
) -> Change:
    """Make the district's rows of app.concept_mastery equal to `mastery`."""
    return replace_rows(connection, tenant, _TABLE, mastery.with_columns(as_of=pl.lit(as_of)))

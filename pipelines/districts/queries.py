"""Statements that ask whether a district has changed since it was last served."""

from psycopg import sql

from core.tenancy import TenantId

FOLLOWED = (
    "student_answers",
    "student_submissions",
    "grades",
    "class_enrollments",
    "assignments",
    "ai_gradings",
)
"""Tables the marts copy or count; each has a BRIN index on `updated_at`."""
_XIDS = 2**32
_LONGEST_TRANSACTION = "1 minute"


def has_changes_after(tenant: TenantId, table: str, *, moment: str, watermark: int) -> sql.Composed:
    """Whether a row was written after an ISO 8601 moment, or before it by a transaction that ended after it.

    `updated_at` is when a transaction began. One that was under way at the moment is found by its number: it is not
    below the watermark, under which all had ended. Numbers are compared as PostgreSQL keeps them in rows (32 bits).
    """
    return sql.SQL(
        """
        SELECT EXISTS (
            SELECT 1 FROM {table} WHERE district_id = {district} AND (updated_at > {moment}::timestamptz
                OR updated_at > {moment}::timestamptz - {longest}::interval
                    AND xmin::text::bigint >= {watermark}))
        """
    ).format(
        table=sql.Identifier("app", table),
        district=sql.Literal(tenant.value),
        moment=sql.Literal(moment),
        longest=sql.Literal(_LONGEST_TRANSACTION),
        watermark=sql.Literal(watermark % _XIDS),
    )

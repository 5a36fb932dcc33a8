"""Statements over the interaction events, through the view that row security reaches."""

from psycopg import sql

from core.tenancy import TenantId
from pipelines.copying import microseconds


def recorded_events(tenant: TenantId, *, since: int, before: int) -> sql.Composed:
    """Events recorded by transactions with `since <= id < before`: all have ended, so none can still appear."""
    return sql.SQL(
        """
        SELECT district_id, school_id, event_id, {event_time} AS event_time, actor_id, verb, object_type, object_id,
            class_id, assignment_id, submission_id, question_id, {occurred_at} AS occurred_at,
            {received_at} AS received_at, session_id, client_seq, duration_ms, payload
        FROM app.tenant_interaction_events
        WHERE district_id = {district} AND recorded_xid >= {since} AND recorded_xid < {before}
        """
    ).format(
        event_time=microseconds("event_time"),
        occurred_at=microseconds("occurred_at"),
        received_at=microseconds("received_at"),
        district=sql.Literal(tenant.value),
        since=_transaction(since),
        before=_transaction(before),
    )


def complete_through(tenant: TenantId, *, before: int) -> sql.Composed:
    """The moment through which events below `before` are all there are: visible later ones began no earlier."""
    return sql.SQL(
        "SELECT least(now(), min(created_at)) FROM app.tenant_interaction_events "
        "WHERE district_id = {} AND recorded_xid >= {}"
    ).format(sql.Literal(tenant.value), _transaction(before))


def has_events_since(tenant: TenantId, *, since: int) -> sql.Composed:
    """Whether the lake misses an event it could take in now; an index look-up, cheap enough every five seconds."""
    return sql.SQL(
        "SELECT EXISTS (SELECT 1 FROM app.tenant_interaction_events WHERE district_id = {} AND recorded_xid >= {} "
        "AND recorded_xid < pg_snapshot_xmin(pg_current_snapshot()))"
    ).format(sql.Literal(tenant.value), _transaction(since))


def counted_events(tenant: TenantId, *, before: int) -> sql.Composed:
    """How many events PostgreSQL still has below the watermark, and the time of its oldest."""
    return sql.SQL(
        "SELECT count(*), min(event_time) FROM app.tenant_interaction_events "
        "WHERE district_id = {} AND recorded_xid < {}"
    ).format(sql.Literal(tenant.value), _transaction(before))


def _transaction(identifier: int) -> sql.Composed:
    return sql.SQL("{}::xid8").format(sql.Literal(str(identifier)))

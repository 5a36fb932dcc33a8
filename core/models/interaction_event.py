"""Every click and answer: the hypertable, and the view through which the app reaches it.

Row security on a hypertable does not reach its chunks, but the table's grants do. So the table is granted to
nobody, and the `security_barrier` view of the same owner is what the app selects from and inserts into.
"""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import BigInteger, Column, DateTime, Index, Integer, MetaData, Table, Text, Uuid, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column
from sqlalchemy.types import UserDefinedType

from core.models.base import SCHEMA, Base, Timestamped


class TransactionId(UserDefinedType[str]):
    """PostgreSQL's 64-bit `xid8`; never wraps, so it can be a watermark."""

    cache_ok = True

    def get_col_spec(self, **_: Any) -> str:
        return "xid8"


class InteractionEvent(Timestamped, Base):
    """One fact about one person at one moment. The server sets actor and tenant; a repeat counts once.

    `event_time` is the millisecond inside the client's UUIDv7, so the unique key can contain the time
    column that TimescaleDB partitions by and a repeat is still a repeat.
    """

    __tablename__ = "interaction_events"
    __table_args__ = (
        Index("ix_interaction_events_recorded", "district_id", "recorded_xid"),
        Index("ix_interaction_events_time", "event_time", postgresql_using="brin"),
        Index("ix_interaction_events_class", "district_id", "class_id", "event_time"),
    )

    district_id: Mapped[UUID] = mapped_column(primary_key=True)
    actor_id: Mapped[UUID] = mapped_column(primary_key=True)
    event_id: Mapped[UUID] = mapped_column(primary_key=True)
    event_time: Mapped[datetime] = mapped_column(primary_key=True)
    school_id: Mapped[UUID | None]
    verb: Mapped[str]
    object_type: Mapped[str]
    object_id: Mapped[UUID | None]
    occurred_at: Mapped[datetime]
    received_at: Mapped[datetime]
    session_id: Mapped[UUID | None]
    client_seq: Mapped[int | None] = mapped_column(BigInteger)
    duration_ms: Mapped[int | None]
    class_id: Mapped[UUID | None]
    assignment_id: Mapped[UUID | None]
    submission_id: Mapped[UUID | None]
    question_id: Mapped[UUID | None]
    payload: Mapped[dict[str, Any]] = mapped_column(server_default=text("'{}'"))
    recorded_xid: Mapped[str] = mapped_column(TransactionId(), server_default=text("pg_current_xact_id()"))


_VIEW_METADATA = MetaData(schema=SCHEMA)
"""Apart from `Base.metadata`: migrations write the view by hand and autogenerate must not see it."""

tenant_interaction_events = Table(
    "tenant_interaction_events",
    _VIEW_METADATA,
    Column("district_id", Uuid, nullable=False),
    Column("actor_id", Uuid, nullable=False),
    Column("event_id", Uuid, nullable=False),
    Column("event_time", DateTime(timezone=True), nullable=False),
    Column("school_id", Uuid),
    Column("verb", Text, nullable=False),
    Column("object_type", Text, nullable=False),
    Column("object_id", Uuid),
    Column("occurred_at", DateTime(timezone=True), nullable=False),
    Column("received_at", DateTime(timezone=True), nullable=False),
    Column("session_id", Uuid),
    Column("client_seq", BigInteger),
    Column("duration_ms", Integer),
    Column("class_id", Uuid),
    Column("assignment_id", Uuid),
    Column("submission_id", Uuid),
    Column("question_id", Uuid),
    Column("payload", JSONB, nullable=False),
)

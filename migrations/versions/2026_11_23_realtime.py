"""Conversations and messages with their history, and how people want to be told of things.

What it locks and for how long: `notifications` for an instant (columns with constant defaults), then, under the same
lock, about a second per two million rows for its three indexes and two checks.

Revision ID: a647e87ed846
Revises: 410e29ec6a73
"""

from pathlib import Path

import sqlalchemy as sa
from alembic import op

from migrations import row_security

SQL = Path(__file__).parents[1] / "sql"

revision = "a647e87ed846"
down_revision = "410e29ec6a73"
branch_labels = None
depends_on = None

IN_SCHOOLS = {
    "conversations": "SELECT, INSERT, UPDATE",
    "messages": "SELECT, INSERT, UPDATE",
    "message_revisions": "SELECT, INSERT",
    "conversation_reads": "SELECT, INSERT, UPDATE",
}
OF_PEOPLE = {
    "notification_preferences": "SELECT, INSERT, UPDATE, DELETE",
    "notification_settings": "SELECT, INSERT, UPDATE, DELETE",
    "system_announcements": "SELECT, INSERT, UPDATE",
}
"""The new tables and what app_rw may do with them; district admins have preferences too, and no school."""
KEPT_FOR_A_TIME = ("user_events", "notifications")
"""Housekeeping removes what is old; nobody changes an event."""
NEW_COLUMNS = ("body", "occurrences", "delivery", "digested_at")


def upgrade() -> None:
    # env.py sets lock_timeout = 2s: a migration that waits longer fails instead of stopping the school.
    create_tables()
    create_announcements()
    widen_notifications()
    op.execute("SET ROLE auth_owner")
    op.execute((SQL / "2026_11_23_realtime_search.sql").read_text())
    op.execute("SET ROLE app_owner")
    op.execute((SQL / "2026_11_23_realtime.sql").read_text())
    for table, privileges in {**IN_SCHOOLS, **OF_PEOPLE}.items():
        row_security.fence_district(table)
        row_security.fence_school(table)
        row_security.grant(table, privileges, "app_rw")
    for table in KEPT_FOR_A_TIME:
        row_security.grant(table, "DELETE", "app_rw")


def downgrade() -> None:
    for table in KEPT_FOR_A_TIME:
        op.execute(f"REVOKE DELETE ON app.{table} FROM app_rw")
    for trigger in ("history_of_changed", "terms_of_new", "terms_of_changed"):
        op.execute(f"DROP TRIGGER {trigger} ON app.messages")
    op.execute("DROP FUNCTION app.keep_message_revision")
    op.execute("SET ROLE auth_owner")
    for function in ("search_messages", "keep_message_terms", "message_terms"):
        op.execute(f"DROP FUNCTION auth.{function}")
    op.execute("DROP TABLE auth.message_search")
    op.execute("SET ROLE app_owner")
    for name in (
        "uq_notifications_unread_conversation",
        "ix_notifications_newest",
        "ix_notifications_digest",
    ):
        op.drop_index(name, table_name="notifications", schema="app")
    for column in reversed(NEW_COLUMNS):  # their checks go with them
        op.drop_column("notifications", column, schema="app")
    for table in ("message_revisions", "conversation_reads", "messages", "conversations", *OF_PEOPLE):
        op.drop_table(table, schema="app")


def create_tables() -> None:
    op.create_table(
        "notification_preferences",
        sa.Column("district_id", sa.Uuid(), nullable=False),
        sa.Column("user_id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("school_id", sa.Uuid(), nullable=True),
        sa.Column(
            "delivery",
            sa.Enum(
                "in_app",
                "email_digest",
                "off",
                name="delivery",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.ForeignKeyConstraint(
            ["district_id", "school_id"],
            ["app.schools.district_id", "app.schools.id"],
            name=op.f("fk_notification_preferences_district_id_school_id"),
        ),
        sa.ForeignKeyConstraint(
            ["district_id", "user_id"],
            ["app.users.district_id", "app.users.id"],
            name=op.f("fk_notification_preferences_district_id_user_id"),
        ),
        sa.PrimaryKeyConstraint("district_id", "user_id", "kind", name=op.f("pk_notification_preferences")),
        schema="app",
    )
    op.create_table(
        "notification_settings",
        sa.Column("district_id", sa.Uuid(), nullable=False),
        sa.Column("user_id", sa.Uuid(), nullable=False),
        sa.Column("school_id", sa.Uuid(), nullable=True),
        sa.Column("quiet_from", sa.Time(), nullable=True),
        sa.Column("quiet_until", sa.Time(), nullable=True),
        sa.Column("time_zone", sa.String(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.CheckConstraint(
            "(quiet_from IS NULL) = (quiet_until IS NULL)", name=op.f("ck_notification_settings_quiet_hours")
        ),
        sa.ForeignKeyConstraint(
            ["district_id", "school_id"],
            ["app.schools.district_id", "app.schools.id"],
            name=op.f("fk_notification_settings_district_id_school_id"),
        ),
        sa.ForeignKeyConstraint(
            ["district_id", "user_id"],
            ["app.users.district_id", "app.users.id"],
            name=op.f("fk_notification_settings_district_id_user_id"),
        ),
        sa.PrimaryKeyConstraint("district_id", "user_id", name=op.f("pk_notification_settings")),
        schema="app",
    )
    op.create_table(
        "conversations",
        sa.Column("district_id", sa.Uuid(), nullable=False),
        sa.Column("school_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column(
            "kind",
            sa.Enum(
                "direct",
                "class",
                "announcements",
                name="kind",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column("class_id", sa.Uuid(), nullable=True),
        sa.Column("teacher_id", sa.Uuid(), nullable=True),
        sa.Column("student_id", sa.Uuid(), nullable=True),
        sa.Column("last_number", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("last_message_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.CheckConstraint(
            "(kind = 'direct') = (class_id IS NULL) AND (kind = 'direct') = (teacher_id IS NOT NULL)"
            " AND (kind = 'direct') = (student_id IS NOT NULL)",
            name=op.f("ck_conversations_people"),
        ),
        sa.CheckConstraint("last_number >= 0", name=op.f("ck_conversations_last_number")),
        sa.ForeignKeyConstraint(
            ["district_id", "school_id", "class_id"],
            ["app.classes.district_id", "app.classes.school_id", "app.classes.id"],
            name=op.f("fk_conversations_district_id_school_id_class_id"),
        ),
        sa.ForeignKeyConstraint(
            ["district_id", "school_id", "student_id"],
            ["app.users.district_id", "app.users.school_id", "app.users.id"],
            name=op.f("fk_conversations_district_id_school_id_student_id"),
        ),
        sa.ForeignKeyConstraint(
            ["district_id", "school_id", "teacher_id"],
            ["app.users.district_id", "app.users.school_id", "app.users.id"],
            name=op.f("fk_conversations_district_id_school_id_teacher_id"),
        ),
        sa.ForeignKeyConstraint(
            ["district_id", "school_id"],
            ["app.schools.district_id", "app.schools.id"],
            name=op.f("fk_conversations_district_id_school_id"),
        ),
        sa.PrimaryKeyConstraint("district_id", "id", name=op.f("pk_conversations")),
        sa.UniqueConstraint(
            "district_id", "class_id", "kind", name=op.f("uq_conversations_district_id_class_id_kind")
        ),
        sa.UniqueConstraint(
            "district_id", "school_id", "id", name=op.f("uq_conversations_district_id_school_id_id")
        ),
        sa.UniqueConstraint(
            "district_id",
            "teacher_id",
            "student_id",
            name=op.f("uq_conversations_district_id_teacher_id_student_id"),
        ),
        schema="app",
    )
    op.create_index(
        "ix_conversations_student",
        "conversations",
        ["district_id", "student_id", "id"],
        unique=False,
        schema="app",
    )
    op.create_table(
        "conversation_reads",
        sa.Column("district_id", sa.Uuid(), nullable=False),
        sa.Column("conversation_id", sa.Uuid(), nullable=False),
        sa.Column("user_id", sa.Uuid(), nullable=False),
        sa.Column("school_id", sa.Uuid(), nullable=False),
        sa.Column("read_number", sa.BigInteger(), nullable=False),
        sa.Column("read_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.CheckConstraint("read_number >= 0", name=op.f("ck_conversation_reads_read_number")),
        sa.ForeignKeyConstraint(
            ["district_id", "school_id", "conversation_id"],
            ["app.conversations.district_id", "app.conversations.school_id", "app.conversations.id"],
            name=op.f("fk_conversation_reads_district_id_school_id_conversation_id"),
        ),
        sa.ForeignKeyConstraint(
            ["district_id", "school_id", "user_id"],
            ["app.users.district_id", "app.users.school_id", "app.users.id"],
            name=op.f("fk_conversation_reads_district_id_school_id_user_id"),
        ),
        sa.ForeignKeyConstraint(
            ["district_id", "school_id"],
            ["app.schools.district_id", "app.schools.id"],
            name=op.f("fk_conversation_reads_district_id_school_id"),
        ),
        sa.PrimaryKeyConstraint(
            "district_id", "conversation_id", "user_id", name=op.f("pk_conversation_reads")
        ),
        schema="app",
    )
    op.create_table(
        "messages",
        sa.Column("district_id", sa.Uuid(), nullable=False),
        sa.Column("school_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("conversation_id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.BigInteger(), nullable=False),
        sa.Column("sender_id", sa.Uuid(), nullable=False),
        sa.Column("client_id", sa.Uuid(), nullable=False),
        sa.Column("body", sa.String(), nullable=False),
        sa.Column("sent_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("edited_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("deleted_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("char_length(body) BETWEEN 1 AND 4000", name=op.f("ck_messages_body")),
        sa.CheckConstraint("number >= 1", name=op.f("ck_messages_number")),
        sa.ForeignKeyConstraint(
            ["district_id", "school_id", "conversation_id"],
            ["app.conversations.district_id", "app.conversations.school_id", "app.conversations.id"],
            name=op.f("fk_messages_district_id_school_id_conversation_id"),
        ),
        sa.ForeignKeyConstraint(
            ["district_id", "school_id", "sender_id"],
            ["app.users.district_id", "app.users.school_id", "app.users.id"],
            name=op.f("fk_messages_district_id_school_id_sender_id"),
        ),
        sa.ForeignKeyConstraint(
            ["district_id", "school_id"],
            ["app.schools.district_id", "app.schools.id"],
            name=op.f("fk_messages_district_id_school_id"),
        ),
        sa.PrimaryKeyConstraint("district_id", "id", name=op.f("pk_messages")),
        sa.UniqueConstraint(
            "district_id",
            "conversation_id",
            "number",
            name=op.f("uq_messages_district_id_conversation_id_number"),
        ),
        sa.UniqueConstraint(
            "district_id", "school_id", "id", name=op.f("uq_messages_district_id_school_id_id")
        ),
        sa.UniqueConstraint(
            "district_id", "sender_id", "client_id", name=op.f("uq_messages_district_id_sender_id_client_id")
        ),
        schema="app",
    )
    op.create_table(
        "message_revisions",
        sa.Column("district_id", sa.Uuid(), nullable=False),
        sa.Column("school_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("message_id", sa.Uuid(), nullable=False),
        sa.Column(
            "kind",
            sa.Enum("edited", "deleted", name="kind", native_enum=False, create_constraint=True, length=32),
            nullable=False,
        ),
        sa.Column("body", sa.String(), nullable=False),
        sa.Column("changed_by", sa.Uuid(), nullable=True),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.ForeignKeyConstraint(
            ["district_id", "school_id", "message_id"],
            ["app.messages.district_id", "app.messages.school_id", "app.messages.id"],
            name=op.f("fk_message_revisions_district_id_school_id_message_id"),
        ),
        sa.ForeignKeyConstraint(
            ["district_id", "school_id"],
            ["app.schools.district_id", "app.schools.id"],
            name=op.f("fk_message_revisions_district_id_school_id"),
        ),
        sa.PrimaryKeyConstraint("district_id", "id", name=op.f("pk_message_revisions")),
        schema="app",
    )
    op.create_index(
        "ix_message_revisions_message",
        "message_revisions",
        ["district_id", "message_id", "changed_at", "id"],
        unique=False,
        schema="app",
    )


def create_announcements() -> None:
    op.create_table(
        "system_announcements",
        sa.Column("district_id", sa.Uuid(), nullable=False),
        sa.Column("school_id", sa.Uuid(), nullable=True),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("author_id", sa.Uuid(), nullable=False),
        sa.Column(
            "audience",
            sa.Enum(
                "everyone",
                "students",
                "teachers",
                name="audience",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column("title", sa.String(), nullable=False),
        sa.Column("body", sa.String(), nullable=False),
        sa.Column("job_id", sa.Uuid(), nullable=False),
        sa.Column("told_up_to", sa.Uuid(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.ForeignKeyConstraint(
            ["district_id", "author_id"],
            ["app.users.district_id", "app.users.id"],
            name=op.f("fk_system_announcements_district_id_author_id"),
        ),
        sa.ForeignKeyConstraint(
            ["district_id", "school_id"],
            ["app.schools.district_id", "app.schools.id"],
            name=op.f("fk_system_announcements_district_id_school_id"),
        ),
        sa.ForeignKeyConstraint(
            ["district_id"],
            ["app.districts.district_id"],
            name=op.f("fk_system_announcements_district_id"),
        ),
        sa.PrimaryKeyConstraint("district_id", "id", name=op.f("pk_system_announcements")),
        schema="app",
    )


def widen_notifications() -> None:
    op.add_column("notifications", sa.Column("body", sa.String(), nullable=True), schema="app")
    op.add_column(
        "notifications",
        sa.Column("occurrences", sa.Integer(), server_default="1", nullable=False),
        schema="app",
    )
    op.add_column(
        "notifications",
        sa.Column(
            "delivery",
            sa.Enum(
                "in_app",
                "email_digest",
                "off",
                name="delivery",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            server_default="in_app",
            nullable=False,
        ),
        schema="app",
    )
    op.add_column(
        "notifications", sa.Column("digested_at", sa.DateTime(timezone=True), nullable=True), schema="app"
    )
    op.create_index(
        "ix_notifications_digest",
        "notifications",
        ["district_id", "user_id", "id"],
        unique=False,
        schema="app",
        postgresql_where=sa.text("delivery = 'email_digest' AND digested_at IS NULL"),
    )
    op.create_index(
        "ix_notifications_newest",
        "notifications",
        ["district_id", "user_id", "id"],
        unique=False,
        schema="app",
    )
    op.create_index(
        "uq_notifications_unread_conversation",
        "notifications",
        ["district_id", "user_id", "related_id"],
        unique=True,
        schema="app",
        postgresql_where=sa.text("related_type = 'conversation' AND read_at IS NULL"),
    )
    op.create_check_constraint(
        op.f("ck_notifications_occurrences"), "notifications", "occurrences >= 1", schema="app"
    )

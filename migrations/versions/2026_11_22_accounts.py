"""Accounts: mailed tokens, devices, OAuth, consents, mail, search, and the audit trail as a hypertable.

What it locks and for how long: `users` for an instant (two nullable columns, one CHECK read over its rows),
`audit_log` while its rows move.

Revision ID: 9e992c095343
Revises: 64fc4ad2e9fc
"""

from pathlib import Path

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from migrations import row_security

SQL = Path(__file__).parents[1] / "sql"

revision = "9e992c095343"
down_revision = "64fc4ad2e9fc"
branch_labels = None
depends_on = None


def upgrade() -> None:
    create_audit_events()
    create_tables()
    for table in ("consents", "consent_requests", "outgoing_mails"):
        row_security.fence_district(table)
        row_security.fence_school(table)
    row_security.grant("consents", "SELECT, INSERT", "app_rw")
    row_security.grant("consent_requests", "SELECT, INSERT, UPDATE, DELETE", "app_rw")
    row_security.grant("outgoing_mails", "SELECT, INSERT, UPDATE, DELETE", "app_rw")
    op.add_column("users", sa.Column("birth_date_encrypted", sa.LargeBinary()), schema="app")
    allow_user_states("active", "awaiting_consent", "disabled")
    op.execute("SET ROLE auth_owner")
    op.execute((SQL / "2026_11_22_accounts_sessions.sql").read_text())
    op.execute((SQL / "2026_11_22_accounts_auth.sql").read_text())
    op.execute("SET ROLE app_owner")
    op.execute((SQL / "2026_11_22_accounts_app.sql").read_text())
    fill_search_terms()
    row_security.fence_district("user_search_terms")
    row_security.fence_school("user_search_terms")
    row_security.grant("user_search_terms", "SELECT, INSERT, DELETE", "app_rw")


def fill_search_terms() -> None:
    """While nobody's rows are hidden from their owner: under FORCE it would copy none, without an error."""
    op.execute("ALTER TABLE app.users NO FORCE ROW LEVEL SECURITY")
    op.execute(
        "INSERT INTO app.user_search_terms (district_id, school_id, term, user_id) "
        "SELECT u.district_id, u.school_id, found.term, u.id "
        "FROM app.users u, app.search_terms(u.name, u.email) AS found (term) WHERE u.deleted_at IS NULL"
    )
    op.execute("ALTER TABLE app.users FORCE ROW LEVEL SECURITY")


def allow_user_states(*states: str) -> None:
    listed = ", ".join(f"'{state}'" for state in states)
    op.execute("ALTER TABLE app.users DROP CONSTRAINT ck_users_status")
    op.execute(f"ALTER TABLE app.users ADD CONSTRAINT ck_users_status CHECK (status IN ({listed}))")


def create_audit_events() -> None:
    """The trail moves into a hypertable behind a barrier view, as the clicks have it.

    The rows move before the new table is fenced and while the old one, about to be dropped, is not FORCEd:
    its owner would otherwise copy nothing, without an error.
    """
    op.create_table(
        "audit_events",
        sa.Column("district_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("occurred_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("school_id", sa.Uuid(), nullable=True),
        sa.Column("actor_id", sa.Uuid(), nullable=True),
        sa.Column("subject_id", sa.Uuid(), nullable=True),
        sa.Column("action", sa.String(), nullable=False),
        sa.Column("object_type", sa.String(), nullable=False),
        sa.Column("object_id", sa.Uuid(), nullable=True),
        sa.Column("purpose", sa.String(), nullable=True),
        sa.Column("details", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.PrimaryKeyConstraint("district_id", "id", "occurred_at", name=op.f("pk_audit_events")),
        schema="app",
    )
    op.create_index(
        "ix_audit_events_object",
        "audit_events",
        ["district_id", "object_id", "occurred_at"],
        unique=False,
        schema="app",
    )
    op.create_index(
        "ix_audit_events_subject",
        "audit_events",
        ["district_id", "subject_id", "occurred_at"],
        unique=False,
        schema="app",
    )
    op.create_index(
        "ix_audit_events_time",
        "audit_events",
        ["occurred_at"],
        unique=False,
        schema="app",
        postgresql_using="brin",
    )
    if op.get_bind().scalar(sa.text("SELECT 1 FROM pg_extension WHERE extname = 'timescaledb'")):
        op.execute(
            "SELECT public.create_hypertable('app.audit_events', 'occurred_at', "
            "chunk_time_interval => interval '30 days', create_default_indexes => false)"
        )
    columns = "district_id, school_id, id, actor_id, action, object_type, object_id, details, occurred_at"
    op.execute("ALTER TABLE app.audit_log NO FORCE ROW LEVEL SECURITY")
    op.execute(f"INSERT INTO app.audit_events ({columns}) SELECT {columns} FROM app.audit_log")
    op.drop_table("audit_log", schema="app")
    row_security.fence_district("audit_events")
    row_security.fence_school("audit_events")
    op.execute(
        "CREATE VIEW app.tenant_audit_events WITH (security_barrier = true) AS SELECT * FROM app.audit_events"
    )
    row_security.grant("tenant_audit_events", "SELECT, INSERT", "app_rw")


def create_tables() -> None:
    op.create_table(
        "outgoing_mails",
        sa.Column("district_id", sa.Uuid(), nullable=False),
        sa.Column("school_id", sa.Uuid(), nullable=True),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("template", sa.String(), nullable=False),
        sa.Column("address_encrypted", sa.LargeBinary(), nullable=True),
        sa.Column("content_encrypted", sa.LargeBinary(), nullable=True),
        sa.Column(
            "status",
            sa.Enum(
                "waiting",
                "sent",
                "failed",
                name="status",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            server_default="waiting",
            nullable=False,
        ),
        sa.Column("sent_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.ForeignKeyConstraint(
            ["district_id"], ["app.districts.district_id"], name=op.f("fk_outgoing_mails_district_id")
        ),
        sa.PrimaryKeyConstraint("district_id", "id", name=op.f("pk_outgoing_mails")),
        schema="app",
    )
    op.create_index(
        "ix_outgoing_mails_status",
        "outgoing_mails",
        ["district_id", "status", "id"],
        unique=False,
        schema="app",
    )
    op.create_table(
        "consents",
        sa.Column("district_id", sa.Uuid(), nullable=False),
        sa.Column("school_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("student_id", sa.Uuid(), nullable=False),
        sa.Column(
            "scope",
            sa.Enum(
                "collection",
                "ai_processing",
                "third_party_disclosure",
                name="scope",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column(
            "decision",
            sa.Enum(
                "granted",
                "declined",
                "revoked",
                name="decision",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column(
            "basis",
            sa.Enum(
                "parent", "school_agent", name="basis", native_enum=False, create_constraint=True, length=32
            ),
            nullable=False,
        ),
        sa.Column("notice_version", sa.String(), nullable=False),
        sa.Column("method", sa.String(), nullable=False),
        sa.Column("decided_by", sa.Uuid(), nullable=True),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.ForeignKeyConstraint(
            ["district_id", "school_id"],
            ["app.schools.district_id", "app.schools.id"],
            name=op.f("fk_consents_district_id_school_id"),
        ),
        sa.PrimaryKeyConstraint("district_id", "id", name=op.f("pk_consents")),
        schema="app",
    )
    op.create_index(
        "ix_consents_student",
        "consents",
        ["district_id", "student_id", "scope", "id"],
        unique=False,
        schema="app",
    )
    op.create_table(
        "consent_requests",
        sa.Column("district_id", sa.Uuid(), nullable=False),
        sa.Column("school_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("class_id", sa.Uuid(), nullable=False),
        sa.Column("child_name", sa.String(), nullable=True),
        sa.Column("guardian_email_encrypted", sa.LargeBinary(), nullable=False),
        sa.Column(
            "status",
            sa.Enum(
                "waiting",
                "granted",
                "completed",
                name="status",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            server_default="waiting",
            nullable=False,
        ),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.ForeignKeyConstraint(
            ["district_id", "school_id"],
            ["app.schools.district_id", "app.schools.id"],
            name=op.f("fk_consent_requests_district_id_school_id"),
        ),
        sa.ForeignKeyConstraint(
            ["district_id", "school_id", "class_id"],
            ["app.classes.district_id", "app.classes.school_id", "app.classes.id"],
            name=op.f("fk_consent_requests_district_id_school_id_class_id"),
        ),
        sa.PrimaryKeyConstraint("district_id", "id", name=op.f("pk_consent_requests")),
        schema="app",
    )
    op.create_index(
        "ix_consent_requests_expires",
        "consent_requests",
        ["district_id", "status", "expires_at"],
        unique=False,
        schema="app",
    )
    op.create_table(
        "user_search_terms",
        sa.Column("district_id", sa.Uuid(), nullable=False),
        sa.Column("school_id", sa.Uuid(), nullable=True),
        sa.Column("term", sa.Text(collation="C"), nullable=False),
        sa.Column("user_id", sa.Uuid(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.ForeignKeyConstraint(
            ["district_id", "user_id"],
            ["app.users.district_id", "app.users.id"],
            name=op.f("fk_user_search_terms_district_id_user_id"),
        ),
        sa.ForeignKeyConstraint(
            ["district_id", "school_id"],
            ["app.schools.district_id", "app.schools.id"],
            name=op.f("fk_user_search_terms_district_id_school_id"),
        ),
        sa.PrimaryKeyConstraint("district_id", "term", "user_id", name=op.f("pk_user_search_terms")),
        schema="app",
    )
    op.create_index(
        "ix_user_search_terms_school",
        "user_search_terms",
        ["district_id", "school_id", "term", "user_id"],
        unique=False,
        schema="app",
    )
    op.create_index(
        "ix_user_search_terms_user",
        "user_search_terms",
        ["district_id", "user_id"],
        unique=False,
        schema="app",
    )


def downgrade() -> None:
    """Refuses to lose a child's state: nobody may be waiting for consent."""
    for trigger in ("search_terms_of_new", "search_terms_of_changed", "sessions_of_changed"):
        op.execute(f"DROP TRIGGER {trigger} ON app.users")
    for function in ("keep_search_terms", "search_terms", "fold"):
        op.execute(f"DROP FUNCTION app.{function}")
    op.execute("SET ROLE auth_owner")
    drop_auth()
    op.execute("SET ROLE app_owner")
    allow_user_states("active", "disabled")
    op.drop_table("user_search_terms", schema="app")
    op.drop_table("consent_requests", schema="app")
    op.drop_column("users", "birth_date_encrypted", schema="app")
    op.drop_table("consents", schema="app")
    op.drop_table("outgoing_mails", schema="app")
    op.create_table(
        "audit_log",
        sa.Column("district_id", sa.UUID(), autoincrement=False, nullable=False),
        sa.Column("school_id", sa.UUID(), autoincrement=False, nullable=True),
        sa.Column("id", sa.UUID(), autoincrement=False, nullable=False),
        sa.Column("actor_id", sa.UUID(), autoincrement=False, nullable=True),
        sa.Column("action", sa.VARCHAR(), autoincrement=False, nullable=False),
        sa.Column("object_type", sa.VARCHAR(), autoincrement=False, nullable=False),
        sa.Column("object_id", sa.UUID(), autoincrement=False, nullable=True),
        sa.Column("details", postgresql.JSONB(astext_type=sa.Text()), autoincrement=False, nullable=False),
        sa.Column("occurred_at", postgresql.TIMESTAMP(timezone=True), autoincrement=False, nullable=False),
        sa.Column(
            "created_at",
            postgresql.TIMESTAMP(timezone=True),
            server_default=sa.text("now()"),
            autoincrement=False,
            nullable=False,
        ),
        sa.Column(
            "updated_at",
            postgresql.TIMESTAMP(timezone=True),
            server_default=sa.text("now()"),
            autoincrement=False,
            nullable=False,
        ),
        sa.PrimaryKeyConstraint("district_id", "id", name=op.f("pk_audit_log")),
        schema="app",
    )
    op.create_index(
        op.f("ix_audit_log_object"),
        "audit_log",
        ["district_id", "object_id", "id"],
        unique=False,
        schema="app",
    )
    op.execute("DROP VIEW app.tenant_audit_events")
    op.execute("ALTER TABLE app.audit_events NO FORCE ROW LEVEL SECURITY")
    columns = "district_id, school_id, id, actor_id, action, object_type, object_id, details, occurred_at"
    op.execute(f"INSERT INTO app.audit_log ({columns}) SELECT {columns} FROM app.audit_events")
    op.drop_table("audit_events", schema="app")
    row_security.fence_district("audit_log")
    row_security.fence_school("audit_log")
    row_security.grant("audit_log", "SELECT, INSERT", "app_rw")


def drop_auth() -> None:
    functions = (
        "put_address_request",
        "find_address_request",
        "delete_address_request",
        "create_mailed_token",
        "find_mailed_token",
        "use_mailed_token",
        "void_mailed_tokens",
        "extend_mailed_token",
        "mark_email_verified",
        "credentials_of",
        "name_device",
        "sessions_of",
        "revoke_session",
        "revoke_sessions_of",
        "end_sessions_of_changed",
        "session_lives",
        "living_sessions",
        "find_session",
        "put_oauth_client",
        "list_oauth_clients",
        "delete_oauth_client",
        "find_oauth_client",
        "create_oauth_code",
        "redeem_oauth_code",
        "oauth_code_stands",
        "find_linked_identity",
        "link_identity",
        "sweep",
    )
    for name in functions:
        op.execute(f"DROP FUNCTION auth.{name}")
    for table in ("linked_identities", "oauth_codes", "oauth_clients", "mailed_tokens", "address_requests"):
        op.execute(f"DROP TABLE auth.{table}")
    op.execute((SQL / "2026_11_22_accounts_sessions_undone.sql").read_text())
    op.execute("ALTER TABLE auth.identities DROP COLUMN email_verified_at")

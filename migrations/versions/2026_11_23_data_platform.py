"""Flags with their history, exports people ask for, and what the event lake has proven to hold.

What it locks and for how long: `district_settings` for an instant (columns without defaults). Built under the lock,
about a second per ten million rows each: BRIN indexes on `updated_at` of `grades`, `student_submissions`,
`class_enrollments`, `ai_gradings` and `assignments`.

Revision ID: 410e29ec6a73
Revises: 39cb7c674dd3
"""

from pathlib import Path

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from migrations import row_security

SQL = Path(__file__).parents[1] / "sql"

revision = "410e29ec6a73"
down_revision = "39cb7c674dd3"
branch_labels = None
depends_on = None

IN_SCHOOLS = {
    "risk_flags": {"app_rw": "SELECT, UPDATE", "pipeline_rw": "SELECT, INSERT, UPDATE"},
    "risk_flag_history": {"app_rw": "SELECT, INSERT", "pipeline_rw": "SELECT, INSERT"},
    "concept_flags": {"app_rw": "SELECT", "pipeline_rw": "SELECT, INSERT, UPDATE, DELETE"},
    "data_exports": {"app_rw": "SELECT, INSERT, UPDATE"},
}
IN_DISTRICTS = {
    "export_keys": {"app_rw": "SELECT", "pipeline_rw": "SELECT, INSERT"},
    "lake_states": {"pipeline_rw": "SELECT, INSERT, UPDATE"},
}
"""The new tables and who may do what with them."""
READ_BY_PIPELINES = (
    "accommodations",
    "assignment_extensions",
    "bank_question_concepts",
    "bank_questions",
    "class_sessions",
    "academic_sessions",
    "district_settings",
    "question_banks",
)
OF_AI_INTERACTIONS = (
    "district_id, school_id, id, purpose, subject_id, status, model, prompt_version, input_tokens, output_tokens, "
    "cost_usd, latency_ms, calls, asked_at, error_code"
)
"""Never what was asked or answered, not even encrypted."""
FOLLOWED = ("ai_gradings", "assignments", "class_enrollments", "grades", "student_submissions")
"""Whether one of them changed lately is asked every five seconds."""
THRESHOLDS = {
    "struggling_percent": (sa.Numeric(5, 2), "struggling_percent BETWEEN 1 AND 99"),
    "struggling_probability": (sa.Numeric(4, 3), "struggling_probability BETWEEN 0.5 AND 0.99"),
    "secure_percent": (sa.Numeric(5, 2), "secure_percent BETWEEN 1 AND 99"),
    "small_cell_minimum": (sa.Integer(), "small_cell_minimum BETWEEN 2 AND 100"),
}


def upgrade() -> None:
    # env.py sets lock_timeout = 2s: a migration that waits longer fails instead of stopping the school.
    create_tables()
    for column, (kind, condition) in THRESHOLDS.items():
        op.add_column("district_settings", sa.Column(column, kind, nullable=True), schema="app")
        name = op.f(f"ck_district_settings_{column}")
        op.create_check_constraint(name, "district_settings", condition, schema="app")
    for table in FOLLOWED:
        op.create_index(f"ix_{table}_updated", table, ["updated_at"], schema="app", postgresql_using="brin")
    op.execute((SQL / "2026_11_23_data_platform.sql").read_text())
    fence_tables()


def fence_tables() -> None:
    for table in (*IN_SCHOOLS, *IN_DISTRICTS):
        row_security.fence_district(table)
    for table in IN_SCHOOLS:
        row_security.fence_school(table)
    for table, rights in {**IN_SCHOOLS, **IN_DISTRICTS}.items():
        for role, privileges in rights.items():
            row_security.grant(table, privileges, role)
    for table in READ_BY_PIPELINES:
        row_security.grant(table, "SELECT", "pipeline_rw")
    row_security.grant("ai_interactions", f"SELECT ({OF_AI_INTERACTIONS})", "pipeline_rw")


def downgrade() -> None:
    for table in (*READ_BY_PIPELINES, "ai_interactions"):
        op.execute(f"REVOKE SELECT ON app.{table} FROM pipeline_rw")
    for trigger in ("risk_flag_counted", "history_of_new", "history_of_changed"):
        op.execute(f"DROP TRIGGER {trigger} ON app.risk_flags")
    op.execute("DROP FUNCTION app.keep_risk_flag_history")
    for table in FOLLOWED:
        op.drop_index(f"ix_{table}_updated", table_name=table, schema="app", postgresql_using="brin")
    for column in THRESHOLDS:
        name = op.f(f"ck_district_settings_{column}")
        op.drop_constraint(name, "district_settings", schema="app", type_="check")
        op.drop_column("district_settings", column, schema="app")
    for table in ("risk_flag_history", *(t for t in IN_SCHOOLS if t != "risk_flag_history"), *IN_DISTRICTS):
        op.drop_table(table, schema="app")


def create_tables() -> None:
    op.create_table(
        "export_keys",
        sa.Column("district_id", sa.Uuid(), nullable=False),
        sa.Column("secret", sa.LargeBinary(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.ForeignKeyConstraint(
            ["district_id"], ["app.districts.district_id"], name=op.f("fk_export_keys_district_id")
        ),
        sa.PrimaryKeyConstraint("district_id", name=op.f("pk_export_keys")),
        schema="app",
    )
    op.create_table(
        "lake_states",
        sa.Column("district_id", sa.Uuid(), nullable=False),
        sa.Column("watermark", sa.BigInteger(), nullable=False),
        sa.Column("complete_through", sa.DateTime(timezone=True), nullable=False),
        sa.Column("event_count", sa.BigInteger(), nullable=False),
        sa.Column("run_id", sa.String(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.CheckConstraint("event_count >= 0", name=op.f("ck_lake_states_event_count")),
        sa.ForeignKeyConstraint(
            ["district_id"], ["app.districts.district_id"], name=op.f("fk_lake_states_district_id")
        ),
        sa.PrimaryKeyConstraint("district_id", name=op.f("pk_lake_states")),
        schema="app",
    )
    op.create_table(
        "concept_flags",
        sa.Column("district_id", sa.Uuid(), nullable=False),
        sa.Column("student_id", sa.Uuid(), nullable=False),
        sa.Column("concept_id", sa.Uuid(), nullable=False),
        sa.Column("school_id", sa.Uuid(), nullable=False),
        sa.Column("rank", sa.Integer(), nullable=False),
        sa.Column("strength", sa.String(), nullable=False),
        sa.Column("p_below_threshold", sa.Float(precision=53), nullable=False),
        sa.Column("mastery_percent", sa.Float(precision=53), nullable=False),
        sa.Column("reasons", postgresql.JSONB(none_as_null=True, astext_type=sa.Text()), nullable=False),
        sa.Column("as_of", sa.DateTime(timezone=True), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.CheckConstraint("rank >= 1", name=op.f("ck_concept_flags_rank")),
        sa.ForeignKeyConstraint(
            ["district_id", "concept_id"],
            ["app.concepts.district_id", "app.concepts.id"],
            name=op.f("fk_concept_flags_district_id_concept_id"),
        ),
        sa.ForeignKeyConstraint(
            ["district_id", "school_id", "student_id"],
            ["app.users.district_id", "app.users.school_id", "app.users.id"],
            name=op.f("fk_concept_flags_district_id_school_id_student_id"),
        ),
        sa.ForeignKeyConstraint(
            ["district_id", "school_id"],
            ["app.schools.district_id", "app.schools.id"],
            name=op.f("fk_concept_flags_district_id_school_id"),
        ),
        sa.PrimaryKeyConstraint("district_id", "student_id", "concept_id", name=op.f("pk_concept_flags")),
        schema="app",
    )
    op.create_index(
        "ix_concept_flags_concept",
        "concept_flags",
        ["district_id", "concept_id", "student_id"],
        unique=False,
        schema="app",
    )
    op.create_table(
        "data_exports",
        sa.Column("district_id", sa.Uuid(), nullable=False),
        sa.Column("school_id", sa.Uuid(), nullable=True),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("requested_by", sa.Uuid(), nullable=False),
        sa.Column("class_id", sa.Uuid(), nullable=True),
        sa.Column("dataset", sa.String(), nullable=False),
        sa.Column(
            "format",
            sa.Enum("csv", "parquet", name="format", native_enum=False, create_constraint=True, length=32),
            nullable=False,
        ),
        sa.Column(
            "profile",
            sa.Enum(
                "named",
                "record",
                "aggregate",
                name="profile",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column(
            "state",
            sa.Enum(
                "queued",
                "done",
                "failed",
                "expired",
                name="state",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            server_default="queued",
            nullable=False,
        ),
        sa.Column("job_id", sa.Uuid(), nullable=True),
        sa.Column("file_name", sa.String(), nullable=True),
        sa.Column("storage_key", sa.String(), nullable=True),
        sa.Column("row_count", sa.BigInteger(), nullable=True),
        sa.Column("byte_count", sa.BigInteger(), nullable=True),
        sa.Column("sha256", sa.String(), nullable=True),
        sa.Column("as_of", sa.DateTime(timezone=True), nullable=True),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("error_code", sa.String(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.CheckConstraint("row_count >= 0 AND byte_count >= 0", name=op.f("ck_data_exports_counts")),
        sa.ForeignKeyConstraint(
            ["district_id", "class_id"],
            ["app.classes.district_id", "app.classes.id"],
            name=op.f("fk_data_exports_district_id_class_id"),
        ),
        sa.ForeignKeyConstraint(
            ["district_id", "job_id"],
            ["app.background_jobs.district_id", "app.background_jobs.id"],
            name=op.f("fk_data_exports_district_id_job_id"),
        ),
        sa.ForeignKeyConstraint(
            ["district_id", "requested_by"],
            ["app.users.district_id", "app.users.id"],
            name=op.f("fk_data_exports_district_id_requested_by"),
        ),
        sa.ForeignKeyConstraint(
            ["district_id", "school_id"],
            ["app.schools.district_id", "app.schools.id"],
            name=op.f("fk_data_exports_district_id_school_id"),
        ),
        sa.ForeignKeyConstraint(
            ["district_id"], ["app.districts.district_id"], name=op.f("fk_data_exports_district_id")
        ),
        sa.PrimaryKeyConstraint("district_id", "id", name=op.f("pk_data_exports")),
        schema="app",
    )
    op.create_index(
        "ix_data_exports_expiry",
        "data_exports",
        ["expires_at"],
        unique=False,
        schema="app",
        postgresql_using="brin",
    )
    op.create_index(
        "ix_data_exports_requested",
        "data_exports",
        ["district_id", "requested_by", "id"],
        unique=False,
        schema="app",
    )
    op.create_table(
        "risk_flags",
        sa.Column("district_id", sa.Uuid(), nullable=False),
        sa.Column("school_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("class_id", sa.Uuid(), nullable=False),
        sa.Column("student_id", sa.Uuid(), nullable=False),
        sa.Column(
            "level",
            sa.Enum(
                "watch",
                "concern",
                "urgent",
                name="level",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column("probability", sa.Float(precision=53), nullable=False),
        sa.Column("reasons", postgresql.JSONB(none_as_null=True, astext_type=sa.Text()), nullable=False),
        sa.Column(
            "status",
            sa.Enum(
                "open",
                "acknowledged",
                "dismissed",
                "acted",
                name="status",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            server_default="open",
            nullable=False,
        ),
        sa.Column("raised_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("level_since", sa.DateTime(timezone=True), nullable=False),
        sa.Column("cleared_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("note", sa.String(), nullable=True),
        sa.Column("decided_by", sa.Uuid(), nullable=True),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("as_of", sa.DateTime(timezone=True), nullable=False),
        sa.Column("version", sa.Integer(), server_default="1", nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.CheckConstraint("probability BETWEEN 0 AND 1", name=op.f("ck_risk_flags_probability")),
        sa.ForeignKeyConstraint(
            ["district_id", "school_id", "class_id"],
            ["app.classes.district_id", "app.classes.school_id", "app.classes.id"],
            name=op.f("fk_risk_flags_district_id_school_id_class_id"),
        ),
        sa.ForeignKeyConstraint(
            ["district_id", "school_id", "student_id"],
            ["app.users.district_id", "app.users.school_id", "app.users.id"],
            name=op.f("fk_risk_flags_district_id_school_id_student_id"),
        ),
        sa.ForeignKeyConstraint(
            ["district_id", "school_id"],
            ["app.schools.district_id", "app.schools.id"],
            name=op.f("fk_risk_flags_district_id_school_id"),
        ),
        sa.PrimaryKeyConstraint("district_id", "id", name=op.f("pk_risk_flags")),
        sa.UniqueConstraint(
            "district_id", "school_id", "id", name=op.f("uq_risk_flags_district_id_school_id_id")
        ),
        schema="app",
    )
    op.create_index(
        "ix_risk_flags_school",
        "risk_flags",
        ["district_id", "school_id", "id"],
        unique=False,
        schema="app",
        postgresql_where=sa.text("cleared_at IS NULL"),
    )
    op.create_index(
        "ix_risk_flags_student", "risk_flags", ["district_id", "student_id", "id"], unique=False, schema="app"
    )
    op.create_index(
        "uq_risk_flags_standing",
        "risk_flags",
        ["district_id", "class_id", "student_id"],
        unique=True,
        schema="app",
        postgresql_where=sa.text("cleared_at IS NULL"),
    )
    op.create_table(
        "risk_flag_history",
        sa.Column("district_id", sa.Uuid(), nullable=False),
        sa.Column("flag_id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("school_id", sa.Uuid(), nullable=False),
        sa.Column(
            "level",
            sa.Enum(
                "watch",
                "concern",
                "urgent",
                name="level",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column("probability", sa.Float(precision=53), nullable=False),
        sa.Column("reasons", postgresql.JSONB(none_as_null=True, astext_type=sa.Text()), nullable=False),
        sa.Column(
            "status",
            sa.Enum(
                "open",
                "acknowledged",
                "dismissed",
                "acted",
                name="status",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column("note", sa.String(), nullable=True),
        sa.Column("actor_id", sa.Uuid(), nullable=True),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("is_cleared", sa.Boolean(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.ForeignKeyConstraint(
            ["district_id", "school_id", "flag_id"],
            ["app.risk_flags.district_id", "app.risk_flags.school_id", "app.risk_flags.id"],
            name=op.f("fk_risk_flag_history_district_id_school_id_flag_id"),
        ),
        sa.ForeignKeyConstraint(
            ["district_id", "school_id"],
            ["app.schools.district_id", "app.schools.id"],
            name=op.f("fk_risk_flag_history_district_id_school_id"),
        ),
        sa.PrimaryKeyConstraint("district_id", "flag_id", "version", name=op.f("pk_risk_flag_history")),
        schema="app",
    )

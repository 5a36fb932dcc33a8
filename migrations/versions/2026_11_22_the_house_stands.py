"""The house stands: roles' functions, tables, row security, the event hypertable, auth and the job queue.

What it locks and for how long: everything is new, nothing waits.

Revision ID: 64fc4ad2e9fc
Revises: -
"""

from pathlib import Path

import sqlalchemy as sa
from alembic import op
from procrastinate.schema import SchemaManager
from sqlalchemy.dialects import postgresql

from core.models.interaction_event import TransactionId
from migrations import row_security

revision = "64fc4ad2e9fc"
down_revision = None
branch_labels = None
depends_on = None


SQL = Path(__file__).parents[1] / "sql"

DISTRICT_TABLES = ["concepts", "concept_prerequisites", "question_concepts", "concept_mastery"]
SCHOOL_TABLES = [
    "classes",
    "class_enrollments",
    "assignments",
    "questions",
    "question_concepts",
    "student_submissions",
    "student_answers",
    "grades",
    "grade_history",
    "concept_mastery",
    "notifications",
    "user_event_counters",
    "user_events",
    "background_jobs",
    "idempotency_keys",
    "audit_log",
    "invitations",
]
WRITTEN_BY_APP = [
    "users",
    "invitations",
    "classes",
    "class_enrollments",
    "concepts",
    "assignments",
    "questions",
    "student_submissions",
    "student_answers",
    "grades",
    "notifications",
    "user_event_counters",
    "background_jobs",
]
APPEND_ONLY = ["grade_history", "user_events", "audit_log"]
REPLACED = ["idempotency_keys", "question_concepts", "concept_prerequisites"]
READ_ONLY = ["districts", "schools", "concept_mastery", "district_directory"]
READ_BY_PIPELINES = [
    "district_directory",
    "districts",
    "schools",
    "classes",
    "class_enrollments",
    "concepts",
    "concept_prerequisites",
    "assignments",
    "questions",
    "question_concepts",
    "student_submissions",
    "student_answers",
    "grades",
]


TABLES = [
    "audit_log",
    "district_directory",
    "districts",
    "interaction_events",
    "user_events",
    "concepts",
    "schools",
    "concept_prerequisites",
    "users",
    "background_jobs",
    "classes",
    "concept_mastery",
    "idempotency_keys",
    "invitations",
    "notifications",
    "user_event_counters",
    "assignments",
    "class_enrollments",
    "questions",
    "student_submissions",
    "grades",
    "question_concepts",
    "student_answers",
    "grade_history",
]


def upgrade() -> None:
    op.execute((SQL / "2026_11_22_context.sql").read_text())
    create_tables()
    fence_tables()
    grant_tables()
    make_event_hypertable()
    op.execute("SET ROLE auth_owner")
    op.execute((SQL / "2026_11_22_auth.sql").read_text())
    op.execute("SET ROLE app_owner")
    create_job_queue()


def fence_tables() -> None:
    tenant_tables = ["districts", "schools", "users", *dict.fromkeys(DISTRICT_TABLES + SCHOOL_TABLES)]
    for table in tenant_tables:
        row_security.fence_district(table)
    for table in SCHOOL_TABLES:
        row_security.fence_school(table)
    row_security.fence_school("schools", school_column="id")
    # A teacher may see who administers the district, and nobody but the district may write such a user.
    row_security.fence_school("users", or_condition="school_id IS NULL")


def grant_tables() -> None:
    for table in WRITTEN_BY_APP:
        row_security.grant(table, "SELECT, INSERT, UPDATE", "app_rw")
    for table in APPEND_ONLY:
        row_security.grant(table, "SELECT, INSERT", "app_rw")
    for table in REPLACED:
        row_security.grant(table, "SELECT, INSERT, UPDATE, DELETE", "app_rw")
    for table in READ_ONLY:
        row_security.grant(table, "SELECT", "app_rw")
    for table in READ_BY_PIPELINES:
        row_security.grant(table, "SELECT", "pipeline_rw")
    row_security.grant("concept_mastery", "SELECT, INSERT, UPDATE, DELETE", "pipeline_rw")
    # Neither names nor addresses ever reach the warehouse.
    op.execute(
        "GRANT SELECT (district_id, school_id, id, role, grade_level, deleted_at) ON app.users TO pipeline_rw"
    )


def make_event_hypertable() -> None:
    """Partition by time where TimescaleDB is present; BRIN index on time, fence and view in both.

    Row security does not reach chunks but grants do, so the table is granted to nobody: the app goes through
    the barrier view, whose owner is bound by the FORCEd policy like everyone else.
    """
    row_security.fence_district("interaction_events")
    row_security.fence_school("interaction_events")
    if op.get_bind().scalar(sa.text("SELECT 1 FROM pg_extension WHERE extname = 'timescaledb'")):
        op.execute(
            "SELECT public.create_hypertable('app.interaction_events', 'event_time', "
            "chunk_time_interval => interval '7 days', create_default_indexes => false)"
        )
    op.execute(
        "CREATE VIEW app.tenant_interaction_events WITH (security_barrier = true) AS "
        "SELECT * FROM app.interaction_events"
    )
    row_security.grant("tenant_interaction_events", "SELECT, INSERT", "app_rw")
    row_security.grant("tenant_interaction_events", "SELECT", "pipeline_rw")


def create_job_queue() -> None:
    """procrastinate's own schema; arguments are ids only, so it stays outside row security."""
    op.execute("SET search_path = jobs")
    op.get_bind().exec_driver_sql(SchemaManager.get_schema().replace("%", "%%"))
    op.execute("SET search_path = public")
    op.execute("GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA jobs TO app_rw")
    op.execute("GRANT USAGE ON ALL SEQUENCES IN SCHEMA jobs TO app_rw")


def create_tables() -> None:
    op.create_table(
        "audit_log",
        sa.Column("district_id", sa.Uuid(), nullable=False),
        sa.Column("school_id", sa.Uuid(), nullable=True),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("actor_id", sa.Uuid(), nullable=True),
        sa.Column("action", sa.String(), nullable=False),
        sa.Column("object_type", sa.String(), nullable=False),
        sa.Column("object_id", sa.Uuid(), nullable=True),
        sa.Column("details", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("occurred_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.PrimaryKeyConstraint("district_id", "id", name=op.f("pk_audit_log")),
        schema="app",
    )
    op.create_index(
        "ix_audit_log_object", "audit_log", ["district_id", "object_id", "id"], unique=False, schema="app"
    )
    op.create_table(
        "district_directory",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column(
            "status",
            sa.Enum("active", "closed", name="status", native_enum=False, create_constraint=True, length=32),
            nullable=False,
        ),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_district_directory")),
        schema="app",
    )
    op.create_table(
        "districts",
        sa.Column("district_id", sa.Uuid(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("time_zone", sa.String(), server_default="UTC", nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.PrimaryKeyConstraint("district_id", name=op.f("pk_districts")),
        schema="app",
    )
    op.create_table(
        "interaction_events",
        sa.Column("district_id", sa.Uuid(), nullable=False),
        sa.Column("actor_id", sa.Uuid(), nullable=False),
        sa.Column("event_id", sa.Uuid(), nullable=False),
        sa.Column("event_time", sa.DateTime(timezone=True), nullable=False),
        sa.Column("school_id", sa.Uuid(), nullable=True),
        sa.Column("verb", sa.String(), nullable=False),
        sa.Column("object_type", sa.String(), nullable=False),
        sa.Column("object_id", sa.Uuid(), nullable=True),
        sa.Column("occurred_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("received_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("session_id", sa.Uuid(), nullable=True),
        sa.Column("client_seq", sa.BigInteger(), nullable=True),
        sa.Column("duration_ms", sa.Integer(), nullable=True),
        sa.Column("class_id", sa.Uuid(), nullable=True),
        sa.Column("assignment_id", sa.Uuid(), nullable=True),
        sa.Column("submission_id", sa.Uuid(), nullable=True),
        sa.Column("question_id", sa.Uuid(), nullable=True),
        sa.Column(
            "payload", postgresql.JSONB(astext_type=sa.Text()), server_default=sa.text("'{}'"), nullable=False
        ),
        sa.Column(
            "recorded_xid", TransactionId(), server_default=sa.text("pg_current_xact_id()"), nullable=False
        ),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.PrimaryKeyConstraint(
            "district_id", "actor_id", "event_id", "event_time", name=op.f("pk_interaction_events")
        ),
        schema="app",
    )
    op.create_index(
        "ix_interaction_events_class",
        "interaction_events",
        ["district_id", "class_id", "event_time"],
        unique=False,
        schema="app",
    )
    op.create_index(
        "ix_interaction_events_time",
        "interaction_events",
        ["event_time"],
        unique=False,
        schema="app",
        postgresql_using="brin",
    )
    op.create_index(
        "ix_interaction_events_recorded",
        "interaction_events",
        ["district_id", "recorded_xid"],
        unique=False,
        schema="app",
    )
    op.create_table(
        "user_events",
        sa.Column("district_id", sa.Uuid(), nullable=False),
        sa.Column("user_id", sa.Uuid(), nullable=False),
        sa.Column("seq", sa.BigInteger(), nullable=False),
        sa.Column("school_id", sa.Uuid(), nullable=True),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("payload", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("occurred_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.PrimaryKeyConstraint("district_id", "user_id", "seq", name=op.f("pk_user_events")),
        schema="app",
    )
    op.create_table(
        "concepts",
        sa.Column("district_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("subject", sa.String(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("description", sa.String(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("deleted_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["district_id"], ["app.districts.district_id"], name=op.f("fk_concepts_district_id")
        ),
        sa.PrimaryKeyConstraint("district_id", "id", name=op.f("pk_concepts")),
        sa.UniqueConstraint(
            "district_id", "subject", "name", name=op.f("uq_concepts_district_id_subject_name")
        ),
        schema="app",
    )
    op.create_table(
        "schools",
        sa.Column("district_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("deleted_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["district_id"], ["app.districts.district_id"], name=op.f("fk_schools_district_id")
        ),
        sa.PrimaryKeyConstraint("district_id", "id", name=op.f("pk_schools")),
        schema="app",
    )
    op.create_table(
        "concept_prerequisites",
        sa.Column("district_id", sa.Uuid(), nullable=False),
        sa.Column("concept_id", sa.Uuid(), nullable=False),
        sa.Column("prerequisite_id", sa.Uuid(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.CheckConstraint("concept_id <> prerequisite_id", name=op.f("ck_concept_prerequisites_not_itself")),
        sa.ForeignKeyConstraint(
            ["district_id", "concept_id"],
            ["app.concepts.district_id", "app.concepts.id"],
            name=op.f("fk_concept_prerequisites_district_id_concept_id"),
        ),
        sa.ForeignKeyConstraint(
            ["district_id", "prerequisite_id"],
            ["app.concepts.district_id", "app.concepts.id"],
            name=op.f("fk_concept_prerequisites_district_id_prerequisite_id"),
        ),
        sa.PrimaryKeyConstraint(
            "district_id", "concept_id", "prerequisite_id", name=op.f("pk_concept_prerequisites")
        ),
        schema="app",
    )
    op.create_index(
        "ix_concept_prerequisites_prerequisite",
        "concept_prerequisites",
        ["district_id", "prerequisite_id"],
        unique=False,
        schema="app",
    )
    op.create_table(
        "users",
        sa.Column("district_id", sa.Uuid(), nullable=False),
        sa.Column("school_id", sa.Uuid(), nullable=True),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column(
            "role",
            sa.Enum(
                "student",
                "teacher",
                "admin",
                name="role",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("email", sa.String(), nullable=False),
        sa.Column("grade_level", sa.Integer(), nullable=True),
        sa.Column(
            "status",
            sa.Enum(
                "active", "disabled", name="status", native_enum=False, create_constraint=True, length=32
            ),
            server_default="active",
            nullable=False,
        ),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("deleted_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("school_id IS NOT NULL OR role = 'admin'", name=op.f("ck_users_school")),
        sa.CheckConstraint("grade_level BETWEEN 0 AND 12", name=op.f("ck_users_grade_level")),
        sa.ForeignKeyConstraint(
            ["district_id", "school_id"],
            ["app.schools.district_id", "app.schools.id"],
            name=op.f("fk_users_district_id_school_id"),
        ),
        sa.ForeignKeyConstraint(
            ["district_id"], ["app.districts.district_id"], name=op.f("fk_users_district_id")
        ),
        sa.PrimaryKeyConstraint("district_id", "id", name=op.f("pk_users")),
        sa.UniqueConstraint("district_id", "email", name=op.f("uq_users_district_id_email")),
        sa.UniqueConstraint("district_id", "school_id", "id", name=op.f("uq_users_district_id_school_id_id")),
        schema="app",
    )
    op.create_index(
        "ix_users_school", "users", ["district_id", "school_id", "role", "id"], unique=False, schema="app"
    )
    op.create_table(
        "background_jobs",
        sa.Column("district_id", sa.Uuid(), nullable=False),
        sa.Column("school_id", sa.Uuid(), nullable=True),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("user_id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column(
            "status",
            sa.Enum(
                "queued",
                "running",
                "succeeded",
                "failed",
                "cancelled",
                name="status",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            server_default="queued",
            nullable=False,
        ),
        sa.Column("progress_percent", sa.Integer(), server_default="0", nullable=False),
        sa.Column("subject_id", sa.Uuid(), nullable=True),
        sa.Column("result", postgresql.JSONB(astext_type=sa.Text()), nullable=True),
        sa.Column("error", sa.String(), nullable=True),
        sa.Column("finished_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.CheckConstraint(
            "progress_percent BETWEEN 0 AND 100", name=op.f("ck_background_jobs_progress_percent")
        ),
        sa.ForeignKeyConstraint(
            ["district_id", "school_id"],
            ["app.schools.district_id", "app.schools.id"],
            name=op.f("fk_background_jobs_district_id_school_id"),
        ),
        sa.ForeignKeyConstraint(
            ["district_id", "user_id"],
            ["app.users.district_id", "app.users.id"],
            name=op.f("fk_background_jobs_district_id_user_id"),
        ),
        sa.PrimaryKeyConstraint("district_id", "id", name=op.f("pk_background_jobs")),
        schema="app",
    )
    op.create_index(
        "ix_background_jobs_user",
        "background_jobs",
        ["district_id", "user_id", "id"],
        unique=False,
        schema="app",
    )
    op.create_table(
        "classes",
        sa.Column("district_id", sa.Uuid(), nullable=False),
        sa.Column("school_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("teacher_id", sa.Uuid(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("subject", sa.String(), nullable=False),
        sa.Column("grade_level", sa.Integer(), nullable=True),
        sa.Column("school_year", sa.String(), nullable=False),
        sa.Column("code", sa.String(), nullable=False),
        sa.Column("code_expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("deleted_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("grade_level BETWEEN 0 AND 12", name=op.f("ck_classes_grade_level")),
        sa.ForeignKeyConstraint(
            ["district_id", "school_id", "teacher_id"],
            ["app.users.district_id", "app.users.school_id", "app.users.id"],
            name=op.f("fk_classes_district_id_school_id_teacher_id"),
        ),
        sa.ForeignKeyConstraint(
            ["district_id", "school_id"],
            ["app.schools.district_id", "app.schools.id"],
            name=op.f("fk_classes_district_id_school_id"),
        ),
        sa.PrimaryKeyConstraint("district_id", "id", name=op.f("pk_classes")),
        sa.UniqueConstraint(
            "district_id", "school_id", "id", name=op.f("uq_classes_district_id_school_id_id")
        ),
        schema="app",
    )
    op.create_index(
        "ix_classes_school", "classes", ["district_id", "school_id", "id"], unique=False, schema="app"
    )
    op.create_index(
        "ix_classes_teacher", "classes", ["district_id", "teacher_id", "id"], unique=False, schema="app"
    )
    op.create_table(
        "concept_mastery",
        sa.Column("district_id", sa.Uuid(), nullable=False),
        sa.Column("student_id", sa.Uuid(), nullable=False),
        sa.Column("concept_id", sa.Uuid(), nullable=False),
        sa.Column("school_id", sa.Uuid(), nullable=False),
        sa.Column("mastery_percent", sa.Float(precision=53), nullable=False),
        sa.Column("lower_percent", sa.Float(precision=53), nullable=False),
        sa.Column("upper_percent", sa.Float(precision=53), nullable=False),
        sa.Column("evidence_count", sa.Integer(), nullable=False),
        sa.Column(
            "band",
            sa.Enum(
                "not_enough_evidence",
                "struggling",
                "developing",
                "secure",
                name="band",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column("below_threshold", sa.Boolean(), nullable=False),
        sa.Column("as_of", sa.DateTime(timezone=True), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.CheckConstraint(
            "mastery_percent BETWEEN 0 AND 100", name=op.f("ck_concept_mastery_mastery_percent")
        ),
        sa.ForeignKeyConstraint(
            ["district_id", "concept_id"],
            ["app.concepts.district_id", "app.concepts.id"],
            name=op.f("fk_concept_mastery_district_id_concept_id"),
        ),
        sa.ForeignKeyConstraint(
            ["district_id", "school_id", "student_id"],
            ["app.users.district_id", "app.users.school_id", "app.users.id"],
            name=op.f("fk_concept_mastery_district_id_school_id_student_id"),
        ),
        sa.ForeignKeyConstraint(
            ["district_id", "school_id"],
            ["app.schools.district_id", "app.schools.id"],
            name=op.f("fk_concept_mastery_district_id_school_id"),
        ),
        sa.PrimaryKeyConstraint("district_id", "student_id", "concept_id", name=op.f("pk_concept_mastery")),
        schema="app",
    )
    op.create_index(
        "ix_concept_mastery_concept",
        "concept_mastery",
        ["district_id", "concept_id", "student_id"],
        unique=False,
        schema="app",
    )
    op.create_table(
        "idempotency_keys",
        sa.Column("district_id", sa.Uuid(), nullable=False),
        sa.Column("user_id", sa.Uuid(), nullable=False),
        sa.Column("route", sa.String(), nullable=False),
        sa.Column("key", sa.String(), nullable=False),
        sa.Column("school_id", sa.Uuid(), nullable=True),
        sa.Column("fingerprint", sa.String(), nullable=False),
        sa.Column("response", postgresql.JSONB(astext_type=sa.Text()), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.ForeignKeyConstraint(
            ["district_id", "school_id"],
            ["app.schools.district_id", "app.schools.id"],
            name=op.f("fk_idempotency_keys_district_id_school_id"),
        ),
        sa.ForeignKeyConstraint(
            ["district_id", "user_id"],
            ["app.users.district_id", "app.users.id"],
            name=op.f("fk_idempotency_keys_district_id_user_id"),
        ),
        sa.PrimaryKeyConstraint("district_id", "user_id", "route", "key", name=op.f("pk_idempotency_keys")),
        schema="app",
    )
    op.create_index(
        "ix_idempotency_keys_created",
        "idempotency_keys",
        ["district_id", "created_at"],
        unique=False,
        schema="app",
    )
    op.create_table(
        "invitations",
        sa.Column("district_id", sa.Uuid(), nullable=False),
        sa.Column("school_id", sa.Uuid(), nullable=True),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("email", sa.String(), nullable=False),
        sa.Column(
            "role",
            sa.Enum(
                "student",
                "teacher",
                "admin",
                name="role_known",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column(
            "status",
            sa.Enum(
                "pending",
                "accepted",
                "revoked",
                name="status",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            server_default="pending",
            nullable=False,
        ),
        sa.Column("invited_by", sa.Uuid(), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.CheckConstraint("role IN ('teacher', 'admin')", name=op.f("ck_invitations_role")),
        sa.CheckConstraint("school_id IS NOT NULL OR role = 'admin'", name=op.f("ck_invitations_school")),
        sa.ForeignKeyConstraint(
            ["district_id", "invited_by"],
            ["app.users.district_id", "app.users.id"],
            name=op.f("fk_invitations_district_id_invited_by"),
        ),
        sa.ForeignKeyConstraint(
            ["district_id", "school_id"],
            ["app.schools.district_id", "app.schools.id"],
            name=op.f("fk_invitations_district_id_school_id"),
        ),
        sa.ForeignKeyConstraint(
            ["district_id"], ["app.districts.district_id"], name=op.f("fk_invitations_district_id")
        ),
        sa.PrimaryKeyConstraint("district_id", "id", name=op.f("pk_invitations")),
        schema="app",
    )
    op.create_index(
        "ix_invitations_newest",
        "invitations",
        ["district_id", "created_at", "id"],
        unique=False,
        schema="app",
    )
    op.create_table(
        "notifications",
        sa.Column("district_id", sa.Uuid(), nullable=False),
        sa.Column("school_id", sa.Uuid(), nullable=True),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("user_id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("title", sa.String(), nullable=False),
        sa.Column("related_type", sa.String(), nullable=True),
        sa.Column("related_id", sa.Uuid(), nullable=True),
        sa.Column("read_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.ForeignKeyConstraint(
            ["district_id", "school_id"],
            ["app.schools.district_id", "app.schools.id"],
            name=op.f("fk_notifications_district_id_school_id"),
        ),
        sa.ForeignKeyConstraint(
            ["district_id", "user_id"],
            ["app.users.district_id", "app.users.id"],
            name=op.f("fk_notifications_district_id_user_id"),
        ),
        sa.PrimaryKeyConstraint("district_id", "id", name=op.f("pk_notifications")),
        schema="app",
    )
    op.create_index(
        "ix_notifications_user",
        "notifications",
        ["district_id", "user_id", "read_at", "id"],
        unique=False,
        schema="app",
    )
    op.create_table(
        "user_event_counters",
        sa.Column("district_id", sa.Uuid(), nullable=False),
        sa.Column("user_id", sa.Uuid(), nullable=False),
        sa.Column("school_id", sa.Uuid(), nullable=True),
        sa.Column("last_seq", sa.BigInteger(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.ForeignKeyConstraint(
            ["district_id", "school_id"],
            ["app.schools.district_id", "app.schools.id"],
            name=op.f("fk_user_event_counters_district_id_school_id"),
        ),
        sa.ForeignKeyConstraint(
            ["district_id", "user_id"],
            ["app.users.district_id", "app.users.id"],
            name=op.f("fk_user_event_counters_district_id_user_id"),
        ),
        sa.PrimaryKeyConstraint("district_id", "user_id", name=op.f("pk_user_event_counters")),
        schema="app",
    )
    op.create_table(
        "assignments",
        sa.Column("district_id", sa.Uuid(), nullable=False),
        sa.Column("school_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("class_id", sa.Uuid(), nullable=False),
        sa.Column("title", sa.String(), nullable=False),
        sa.Column("description", sa.String(), nullable=True),
        sa.Column("instructions", sa.String(), nullable=True),
        sa.Column("category", sa.String(), nullable=True),
        sa.Column(
            "status",
            sa.Enum(
                "draft",
                "published",
                "archived",
                name="status",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            server_default="draft",
            nullable=False,
        ),
        sa.Column("available_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("max_attempts", sa.Integer(), server_default="1", nullable=False),
        sa.Column("published_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("version", sa.Integer(), server_default="1", nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("deleted_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("max_attempts BETWEEN 1 AND 100", name=op.f("ck_assignments_max_attempts")),
        sa.ForeignKeyConstraint(
            ["district_id", "school_id", "class_id"],
            ["app.classes.district_id", "app.classes.school_id", "app.classes.id"],
            name=op.f("fk_assignments_district_id_school_id_class_id"),
        ),
        sa.ForeignKeyConstraint(
            ["district_id", "school_id"],
            ["app.schools.district_id", "app.schools.id"],
            name=op.f("fk_assignments_district_id_school_id"),
        ),
        sa.PrimaryKeyConstraint("district_id", "id", name=op.f("pk_assignments")),
        sa.UniqueConstraint(
            "district_id", "school_id", "id", name=op.f("uq_assignments_district_id_school_id_id")
        ),
        schema="app",
    )
    op.create_index(
        "ix_assignments_class",
        "assignments",
        ["district_id", "class_id", "status", "id"],
        unique=False,
        schema="app",
    )
    op.create_table(
        "class_enrollments",
        sa.Column("district_id", sa.Uuid(), nullable=False),
        sa.Column("school_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("class_id", sa.Uuid(), nullable=False),
        sa.Column("student_id", sa.Uuid(), nullable=False),
        sa.Column(
            "status",
            sa.Enum(
                "pending",
                "approved",
                "rejected",
                "removed",
                name="status",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column("requested_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("decided_by", sa.Uuid(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("deleted_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["district_id", "school_id", "class_id"],
            ["app.classes.district_id", "app.classes.school_id", "app.classes.id"],
            name=op.f("fk_class_enrollments_district_id_school_id_class_id"),
        ),
        sa.ForeignKeyConstraint(
            ["district_id", "school_id", "decided_by"],
            ["app.users.district_id", "app.users.school_id", "app.users.id"],
            name=op.f("fk_class_enrollments_district_id_school_id_decided_by"),
        ),
        sa.ForeignKeyConstraint(
            ["district_id", "school_id", "student_id"],
            ["app.users.district_id", "app.users.school_id", "app.users.id"],
            name=op.f("fk_class_enrollments_district_id_school_id_student_id"),
        ),
        sa.ForeignKeyConstraint(
            ["district_id", "school_id"],
            ["app.schools.district_id", "app.schools.id"],
            name=op.f("fk_class_enrollments_district_id_school_id"),
        ),
        sa.PrimaryKeyConstraint("district_id", "id", name=op.f("pk_class_enrollments")),
        sa.UniqueConstraint(
            "district_id",
            "class_id",
            "student_id",
            name=op.f("uq_class_enrollments_district_id_class_id_student_id"),
        ),
        schema="app",
    )
    op.create_index(
        "ix_class_enrollments_status",
        "class_enrollments",
        ["district_id", "class_id", "status", "id"],
        unique=False,
        schema="app",
    )
    op.create_index(
        "ix_class_enrollments_student",
        "class_enrollments",
        ["district_id", "student_id", "status", "class_id"],
        unique=False,
        schema="app",
    )
    op.create_table(
        "questions",
        sa.Column("district_id", sa.Uuid(), nullable=False),
        sa.Column("school_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("assignment_id", sa.Uuid(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column(
            "kind",
            sa.Enum(
                "multiple_choice",
                "free_response",
                name="kind",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column("prompt", sa.String(), nullable=False),
        sa.Column("points", sa.Numeric(precision=10, scale=4), nullable=False),
        sa.Column(
            "difficulty",
            sa.Enum(
                "easy",
                "medium",
                "hard",
                name="difficulty",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column("options", postgresql.JSONB(astext_type=sa.Text()), nullable=True),
        sa.Column("correct_option", sa.String(), nullable=True),
        sa.Column("model_answer", sa.String(), nullable=True),
        sa.Column("rubric", postgresql.JSONB(astext_type=sa.Text()), nullable=True),
        sa.Column("explanation", sa.String(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("deleted_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint(
            "(kind = 'multiple_choice') = (correct_option IS NOT NULL)",
            name=op.f("ck_questions_correct_option"),
        ),
        sa.CheckConstraint(
            "(kind = 'multiple_choice') = (options IS NOT NULL)", name=op.f("ck_questions_options")
        ),
        sa.CheckConstraint("points > 0", name=op.f("ck_questions_points")),
        sa.ForeignKeyConstraint(
            ["district_id", "school_id", "assignment_id"],
            ["app.assignments.district_id", "app.assignments.school_id", "app.assignments.id"],
            name=op.f("fk_questions_district_id_school_id_assignment_id"),
        ),
        sa.ForeignKeyConstraint(
            ["district_id", "school_id"],
            ["app.schools.district_id", "app.schools.id"],
            name=op.f("fk_questions_district_id_school_id"),
        ),
        sa.PrimaryKeyConstraint("district_id", "id", name=op.f("pk_questions")),
        sa.UniqueConstraint(
            "district_id",
            "school_id",
            "assignment_id",
            "id",
            name=op.f("uq_questions_district_id_school_id_assignment_id_id"),
        ),
        sa.UniqueConstraint(
            "district_id", "school_id", "id", name=op.f("uq_questions_district_id_school_id_id")
        ),
        schema="app",
    )
    op.create_index(
        "ix_questions_assignment",
        "questions",
        ["district_id", "assignment_id", "position", "id"],
        unique=False,
        schema="app",
    )
    op.create_table(
        "student_submissions",
        sa.Column("district_id", sa.Uuid(), nullable=False),
        sa.Column("school_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("assignment_id", sa.Uuid(), nullable=False),
        sa.Column("class_id", sa.Uuid(), nullable=False),
        sa.Column("student_id", sa.Uuid(), nullable=False),
        sa.Column("attempt_number", sa.Integer(), nullable=False),
        sa.Column(
            "status",
            sa.Enum(
                "in_progress",
                "submitted",
                "graded",
                name="status",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column("started_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("submitted_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("score", sa.Numeric(precision=10, scale=4), server_default="0", nullable=False),
        sa.Column("possible", sa.Numeric(precision=10, scale=4), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("deleted_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("attempt_number >= 1", name=op.f("ck_student_submissions_attempt_number")),
        sa.ForeignKeyConstraint(
            ["district_id", "school_id", "assignment_id"],
            ["app.assignments.district_id", "app.assignments.school_id", "app.assignments.id"],
            name=op.f("fk_student_submissions_district_id_school_id_assignment_id"),
        ),
        sa.ForeignKeyConstraint(
            ["district_id", "school_id", "class_id"],
            ["app.classes.district_id", "app.classes.school_id", "app.classes.id"],
            name=op.f("fk_student_submissions_district_id_school_id_class_id"),
        ),
        sa.ForeignKeyConstraint(
            ["district_id", "school_id", "student_id"],
            ["app.users.district_id", "app.users.school_id", "app.users.id"],
            name=op.f("fk_student_submissions_district_id_school_id_student_id"),
        ),
        sa.ForeignKeyConstraint(
            ["district_id", "school_id"],
            ["app.schools.district_id", "app.schools.id"],
            name=op.f("fk_student_submissions_district_id_school_id"),
        ),
        sa.PrimaryKeyConstraint("district_id", "id", name=op.f("pk_student_submissions")),
        sa.UniqueConstraint(
            "district_id",
            "assignment_id",
            "student_id",
            "attempt_number",
            name=op.f("uq_student_submissions_district_id_assignment_id_student_id_attempt_number"),
        ),
        sa.UniqueConstraint(
            "district_id", "school_id", "id", name=op.f("uq_student_submissions_district_id_school_id_id")
        ),
        schema="app",
    )
    op.create_index(
        "ix_student_submissions_class",
        "student_submissions",
        ["district_id", "class_id", "id"],
        unique=False,
        schema="app",
    )
    op.create_index(
        "ix_student_submissions_student",
        "student_submissions",
        ["district_id", "student_id", "id"],
        unique=False,
        schema="app",
    )
    op.create_table(
        "grades",
        sa.Column("district_id", sa.Uuid(), nullable=False),
        sa.Column("school_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("assignment_id", sa.Uuid(), nullable=False),
        sa.Column("class_id", sa.Uuid(), nullable=False),
        sa.Column("student_id", sa.Uuid(), nullable=False),
        sa.Column("submission_id", sa.Uuid(), nullable=False),
        sa.Column("score", sa.Numeric(precision=10, scale=4), nullable=False),
        sa.Column("possible", sa.Numeric(precision=10, scale=4), nullable=False),
        sa.Column("percent", sa.Numeric(precision=8, scale=2), nullable=True),
        sa.Column(
            "status",
            sa.Enum(
                "in_progress",
                "awaiting_teacher",
                "graded",
                name="status",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column("version", sa.Integer(), server_default="1", nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.ForeignKeyConstraint(
            ["district_id", "school_id", "assignment_id"],
            ["app.assignments.district_id", "app.assignments.school_id", "app.assignments.id"],
            name=op.f("fk_grades_district_id_school_id_assignment_id"),
        ),
        sa.ForeignKeyConstraint(
            ["district_id", "school_id", "class_id"],
            ["app.classes.district_id", "app.classes.school_id", "app.classes.id"],
            name=op.f("fk_grades_district_id_school_id_class_id"),
        ),
        sa.ForeignKeyConstraint(
            ["district_id", "school_id", "student_id"],
            ["app.users.district_id", "app.users.school_id", "app.users.id"],
            name=op.f("fk_grades_district_id_school_id_student_id"),
        ),
        sa.ForeignKeyConstraint(
            ["district_id", "school_id", "submission_id"],
            [
                "app.student_submissions.district_id",
                "app.student_submissions.school_id",
                "app.student_submissions.id",
            ],
            name=op.f("fk_grades_district_id_school_id_submission_id"),
        ),
        sa.ForeignKeyConstraint(
            ["district_id", "school_id"],
            ["app.schools.district_id", "app.schools.id"],
            name=op.f("fk_grades_district_id_school_id"),
        ),
        sa.PrimaryKeyConstraint("district_id", "id", name=op.f("pk_grades")),
        sa.UniqueConstraint(
            "district_id",
            "assignment_id",
            "student_id",
            name=op.f("uq_grades_district_id_assignment_id_student_id"),
        ),
        sa.UniqueConstraint(
            "district_id", "school_id", "id", name=op.f("uq_grades_district_id_school_id_id")
        ),
        schema="app",
    )
    op.create_index(
        "ix_grades_class",
        "grades",
        ["district_id", "class_id", "student_id", "id"],
        unique=False,
        schema="app",
    )
    op.create_index(
        "ix_grades_student", "grades", ["district_id", "student_id", "id"], unique=False, schema="app"
    )
    op.create_table(
        "question_concepts",
        sa.Column("district_id", sa.Uuid(), nullable=False),
        sa.Column("question_id", sa.Uuid(), nullable=False),
        sa.Column("concept_id", sa.Uuid(), nullable=False),
        sa.Column("school_id", sa.Uuid(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.ForeignKeyConstraint(
            ["district_id", "concept_id"],
            ["app.concepts.district_id", "app.concepts.id"],
            name=op.f("fk_question_concepts_district_id_concept_id"),
        ),
        sa.ForeignKeyConstraint(
            ["district_id", "school_id", "question_id"],
            ["app.questions.district_id", "app.questions.school_id", "app.questions.id"],
            name=op.f("fk_question_concepts_district_id_school_id_question_id"),
        ),
        sa.ForeignKeyConstraint(
            ["district_id", "school_id"],
            ["app.schools.district_id", "app.schools.id"],
            name=op.f("fk_question_concepts_district_id_school_id"),
        ),
        sa.PrimaryKeyConstraint(
            "district_id", "question_id", "concept_id", name=op.f("pk_question_concepts")
        ),
        schema="app",
    )
    op.create_index(
        "ix_question_concepts_concept",
        "question_concepts",
        ["district_id", "concept_id", "question_id"],
        unique=False,
        schema="app",
    )
    op.create_table(
        "student_answers",
        sa.Column("district_id", sa.Uuid(), nullable=False),
        sa.Column("school_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("submission_id", sa.Uuid(), nullable=False),
        sa.Column("assignment_id", sa.Uuid(), nullable=False),
        sa.Column("question_id", sa.Uuid(), nullable=False),
        sa.Column("student_id", sa.Uuid(), nullable=False),
        sa.Column("client_seq", sa.Integer(), nullable=False),
        sa.Column("answer", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column(
            "status",
            sa.Enum(
                "graded",
                "pending",
                "awaiting_teacher",
                name="status",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column("is_correct", sa.Boolean(), nullable=True),
        sa.Column("score", sa.Numeric(precision=10, scale=4), nullable=True),
        sa.Column("possible", sa.Numeric(precision=10, scale=4), nullable=False),
        sa.Column("feedback", sa.String(), nullable=True),
        sa.Column("time_spent_ms", sa.Integer(), nullable=False),
        sa.Column("counts", sa.Boolean(), nullable=False),
        sa.Column("answered_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("graded_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.CheckConstraint(
            "(status = 'graded') = (score IS NOT NULL)", name=op.f("ck_student_answers_graded")
        ),
        sa.CheckConstraint("score BETWEEN 0 AND possible", name=op.f("ck_student_answers_score")),
        sa.CheckConstraint("time_spent_ms >= 0", name=op.f("ck_student_answers_time_spent_ms")),
        sa.ForeignKeyConstraint(
            ["district_id", "school_id", "assignment_id", "question_id"],
            [
                "app.questions.district_id",
                "app.questions.school_id",
                "app.questions.assignment_id",
                "app.questions.id",
            ],
            name=op.f("fk_student_answers_district_id_school_id_assignment_id_question_id"),
        ),
        sa.ForeignKeyConstraint(
            ["district_id", "school_id", "student_id"],
            ["app.users.district_id", "app.users.school_id", "app.users.id"],
            name=op.f("fk_student_answers_district_id_school_id_student_id"),
        ),
        sa.ForeignKeyConstraint(
            ["district_id", "school_id", "submission_id"],
            [
                "app.student_submissions.district_id",
                "app.student_submissions.school_id",
                "app.student_submissions.id",
            ],
            name=op.f("fk_student_answers_district_id_school_id_submission_id"),
        ),
        sa.ForeignKeyConstraint(
            ["district_id", "school_id"],
            ["app.schools.district_id", "app.schools.id"],
            name=op.f("fk_student_answers_district_id_school_id"),
        ),
        sa.PrimaryKeyConstraint("district_id", "id", name=op.f("pk_student_answers")),
        sa.UniqueConstraint(
            "district_id",
            "submission_id",
            "question_id",
            "client_seq",
            name=op.f("uq_student_answers_district_id_submission_id_question_id_client_seq"),
        ),
        schema="app",
    )
    op.create_index(
        "ix_student_answers_question",
        "student_answers",
        ["district_id", "question_id", "answered_at"],
        unique=False,
        schema="app",
    )
    op.create_index(
        "ix_student_answers_updated",
        "student_answers",
        ["updated_at"],
        unique=False,
        schema="app",
        postgresql_using="brin",
    )
    op.create_index(
        "ix_student_answers_student",
        "student_answers",
        ["district_id", "student_id", "answered_at"],
        unique=False,
        schema="app",
    )
    op.create_index(
        "uq_student_answers_counts",
        "student_answers",
        ["district_id", "submission_id", "question_id"],
        unique=True,
        schema="app",
        postgresql_where=sa.text("counts"),
    )
    op.create_table(
        "grade_history",
        sa.Column("district_id", sa.Uuid(), nullable=False),
        sa.Column("grade_id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("school_id", sa.Uuid(), nullable=False),
        sa.Column("old_score", sa.Numeric(precision=10, scale=4), nullable=True),
        sa.Column("new_score", sa.Numeric(precision=10, scale=4), nullable=False),
        sa.Column("possible", sa.Numeric(precision=10, scale=4), nullable=False),
        sa.Column("old_status", sa.String(), nullable=True),
        sa.Column("new_status", sa.String(), nullable=False),
        sa.Column(
            "source",
            sa.Enum(
                "automatic", "teacher", name="source", native_enum=False, create_constraint=True, length=32
            ),
            nullable=False,
        ),
        sa.Column("actor_id", sa.Uuid(), nullable=False),
        sa.Column("reason", sa.String(), nullable=False),
        sa.Column("answer_id", sa.Uuid(), nullable=True),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.ForeignKeyConstraint(
            ["district_id", "school_id", "grade_id"],
            ["app.grades.district_id", "app.grades.school_id", "app.grades.id"],
            name=op.f("fk_grade_history_district_id_school_id_grade_id"),
        ),
        sa.ForeignKeyConstraint(
            ["district_id", "school_id"],
            ["app.schools.district_id", "app.schools.id"],
            name=op.f("fk_grade_history_district_id_school_id"),
        ),
        sa.PrimaryKeyConstraint("district_id", "grade_id", "version", name=op.f("pk_grade_history")),
        schema="app",
    )


def downgrade() -> None:
    """Drop everything the revision made; roles stay, they belong to the whole server."""
    op.execute("SET ROLE auth_owner")
    op.execute(
        "DO $$ DECLARE name regprocedure; BEGIN FOR name IN SELECT oid::regprocedure FROM pg_proc "
        "WHERE pronamespace = 'auth'::regnamespace LOOP EXECUTE 'DROP FUNCTION ' || name; END LOOP; END $$"
    )
    op.execute("DROP TABLE auth.class_codes, auth.invitation_tokens, auth.sessions, auth.identities")
    op.execute("SET ROLE app_owner")
    op.execute("DROP SCHEMA jobs CASCADE")
    op.execute("DROP VIEW app.tenant_interaction_events")
    for table in reversed(TABLES):
        op.execute(f"DROP TABLE app.{table}")
    op.execute("DROP FUNCTION app.scope_school(), app.scope(), app.tenant()")

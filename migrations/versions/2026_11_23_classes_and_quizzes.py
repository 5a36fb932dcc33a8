"""Classes, rosters, assignments, question banks, and quizzes written by a model.

What it locks and for how long: `assignments`, `questions`, `classes`, `class_enrollments`, `users`, `schools` and
`concepts` for an instant each (columns with constant defaults); their new unique keys are built under the lock: about
a second per million rows. The first key versions and enrolment changes are copied from what stands.

Revision ID: 69275e4ea69d
Revises: b1c7a5e2d903
"""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from migrations import row_security

SQL = Path(__file__).parents[1] / "sql"

revision = "69275e4ea69d"
down_revision = "b1c7a5e2d903"
branch_labels = None
depends_on = None

DISTRICT_TABLES = ("academic_sessions", "courses", "ai_spending", "district_settings")
"""Without a school fence."""
SCHOOL_TABLES = (
    "ai_interactions",
    "assignment_templates",
    "question_banks",
    "accommodations",
    "bank_questions",
    "class_sessions",
    "assignment_extensions",
    "bank_question_concepts",
    "bank_question_terms",
    "enrollment_changes",
    "quiz_generations",
    "question_candidates",
    "question_key_versions",
    "roster_uploads",
)
APPEND_ONLY = ("enrollment_changes", "question_key_versions")
REPLACED = (
    "ai_interactions",
    "accommodations",
    "assignment_extensions",
    "bank_question_concepts",
    "bank_question_terms",
    "class_sessions",
    "roster_uploads",
)
"""Rows that the app may delete."""


TRIGGERS = {
    "class_enrollments": ("history_of_new", "history_of_changed"),
    "questions": ("key_version_counted", "key_version_of_new", "key_version_of_changed"),
    "bank_questions": ("terms_of_new", "terms_of_changed"),
}
FUNCTIONS = (
    "keep_enrollment_history",
    "count_key_version",
    "keep_key_version",
    "keep_bank_question_terms",
    "words",
    "acting_user",
    "new_id",
)


def upgrade() -> None:
    op.create_unique_constraint(
        op.f("uq_class_enrollments_district_id_school_id_id"),
        "class_enrollments",
        ["district_id", "school_id", "id"],
        schema="app",
    )
    create_tables()
    with seen_by_their_owner("users", "classes", "class_enrollments", "questions"):
        extend_tables()
        op.execute((SQL / "2026_11_23_classes_and_quizzes.sql").read_text())
        copy_history()
    fence_tables()


def fence_tables() -> None:
    for table in (*DISTRICT_TABLES, *SCHOOL_TABLES):
        row_security.fence_district(table)
        rights = {
            **dict.fromkeys(APPEND_ONLY, "SELECT, INSERT"),
            **dict.fromkeys(REPLACED, "SELECT, INSERT, UPDATE, DELETE"),
        }
        row_security.grant(table, rights.get(table, "SELECT, INSERT, UPDATE"), "app_rw")
    for table in SCHOOL_TABLES:
        row_security.fence_school(table)
    row_security.grant("question_concepts", "DELETE", "app_rw")
    row_security.grant("schools", "INSERT, UPDATE", "app_rw")  # rosters bring schools; the fences stand
    op.execute("GRANT UPDATE (sourced_id, updated_at) ON app.districts TO app_rw")


@contextmanager
def seen_by_their_owner(*tables: str) -> Iterator[None]:
    """Under FORCE the owner's statements see no rows: copies copy none, and new foreign keys cannot be checked."""
    for table in tables:
        op.execute(f"ALTER TABLE app.{table} NO FORCE ROW LEVEL SECURITY")
    yield
    for table in tables:
        op.execute(f"ALTER TABLE app.{table} FORCE ROW LEVEL SECURITY")


def copy_history() -> None:
    op.execute(
        "INSERT INTO app.question_key_versions "
        "(district_id, school_id, question_id, version, correct_option, model_answer, rubric, points) "
        "SELECT district_id, school_id, id, 1, correct_option, model_answer, rubric, points FROM app.questions"
    )
    op.execute(
        "INSERT INTO app.enrollment_changes "
        "(district_id, school_id, id, enrollment_id, new_status, changed_by, changed_at) "
        "SELECT district_id, school_id, app.new_id(), id, status, decided_by, greatest(requested_at, decided_at) "
        "FROM app.class_enrollments"
    )


def create_tables() -> None:
    # env.py sets lock_timeout = 2s: a migration that waits longer fails instead of stopping the school.
    op.create_table(
        "academic_sessions",
        sa.Column("district_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("sourced_id", sa.String(), nullable=False),
        sa.Column("title", sa.String(), nullable=False),
        sa.Column(
            "session_type",
            sa.Enum(
                "gradingPeriod",
                "semester",
                "schoolYear",
                "term",
                name="session_type",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column("starts_on", sa.Date(), nullable=False),
        sa.Column("ends_on", sa.Date(), nullable=False),
        sa.Column("school_year", sa.String(), nullable=False),
        sa.Column("parent_id", sa.Uuid(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("deleted_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("starts_on <= ends_on", name=op.f("ck_academic_sessions_dates")),
        sa.ForeignKeyConstraint(
            ["district_id", "parent_id"],
            ["app.academic_sessions.district_id", "app.academic_sessions.id"],
            name=op.f("fk_academic_sessions_district_id_parent_id"),
        ),
        sa.ForeignKeyConstraint(
            ["district_id"], ["app.districts.district_id"], name=op.f("fk_academic_sessions_district_id")
        ),
        sa.PrimaryKeyConstraint("district_id", "id", name=op.f("pk_academic_sessions")),
        sa.UniqueConstraint(
            "district_id", "sourced_id", name=op.f("uq_academic_sessions_district_id_sourced_id")
        ),
        schema="app",
    )
    op.create_table(
        "roster_uploads",
        sa.Column("district_id", sa.Uuid(), nullable=False),
        sa.Column("school_id", sa.Uuid(), nullable=True),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("requested_by", sa.Uuid(), nullable=False),
        sa.Column("max_deactivation_percent", sa.Integer(), nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.CheckConstraint(
            "max_deactivation_percent BETWEEN 0 AND 100",
            name=op.f("ck_roster_uploads_max_deactivation_percent"),
        ),
        sa.ForeignKeyConstraint(
            ["district_id", "id"],
            ["app.background_jobs.district_id", "app.background_jobs.id"],
            name=op.f("fk_roster_uploads_district_id_id"),
        ),
        sa.ForeignKeyConstraint(
            ["district_id", "requested_by"],
            ["app.users.district_id", "app.users.id"],
            name=op.f("fk_roster_uploads_district_id_requested_by"),
        ),
        sa.ForeignKeyConstraint(
            ["district_id", "school_id"],
            ["app.schools.district_id", "app.schools.id"],
            name=op.f("fk_roster_uploads_district_id_school_id"),
        ),
        sa.ForeignKeyConstraint(
            ["district_id"], ["app.districts.district_id"], name=op.f("fk_roster_uploads_district_id")
        ),
        sa.PrimaryKeyConstraint("district_id", "id", name=op.f("pk_roster_uploads")),
        schema="app",
    )
    op.create_index(
        "ix_roster_uploads_created",
        "roster_uploads",
        ["district_id", "created_at"],
        unique=False,
        schema="app",
    )
    op.create_table(
        "ai_spending",
        sa.Column("district_id", sa.Uuid(), nullable=False),
        sa.Column("month", sa.Date(), nullable=False),
        sa.Column(
            "spent_usd", sa.Numeric(precision=14, scale=8), server_default=sa.text("0"), nullable=False
        ),
        sa.Column(
            "reserved_usd", sa.Numeric(precision=14, scale=8), server_default=sa.text("0"), nullable=False
        ),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.CheckConstraint("spent_usd >= 0 AND reserved_usd >= 0", name=op.f("ck_ai_spending_amounts")),
        sa.ForeignKeyConstraint(
            ["district_id"], ["app.districts.district_id"], name=op.f("fk_ai_spending_district_id")
        ),
        sa.PrimaryKeyConstraint("district_id", "month", name=op.f("pk_ai_spending")),
        schema="app",
    )
    op.create_table(
        "district_settings",
        sa.Column("district_id", sa.Uuid(), nullable=False),
        sa.Column("ai_enabled", sa.Boolean(), server_default=sa.text("true"), nullable=False),
        sa.Column("ai_monthly_budget_usd", sa.Numeric(precision=14, scale=8), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.CheckConstraint(
            "ai_monthly_budget_usd >= 0", name=op.f("ck_district_settings_ai_monthly_budget_usd")
        ),
        sa.ForeignKeyConstraint(
            ["district_id"], ["app.districts.district_id"], name=op.f("fk_district_settings_district_id")
        ),
        sa.PrimaryKeyConstraint("district_id", name=op.f("pk_district_settings")),
        schema="app",
    )
    op.create_table(
        "ai_interactions",
        sa.Column("district_id", sa.Uuid(), nullable=False),
        sa.Column("school_id", sa.Uuid(), nullable=True),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("request_hash", sa.String(), nullable=False),
        sa.Column("purpose", sa.String(), nullable=False),
        sa.Column("subject_id", sa.Uuid(), nullable=False),
        sa.Column(
            "status",
            sa.Enum(
                "asked",
                "answered",
                "failed",
                name="status",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column("model", sa.String(), nullable=False),
        sa.Column("prompt_version", sa.String(), nullable=False),
        sa.Column("request_encrypted", sa.LargeBinary(), nullable=True),
        sa.Column("reply_encrypted", sa.LargeBinary(), nullable=True),
        sa.Column("finish_reason", sa.String(), nullable=True),
        sa.Column("error_code", sa.String(), nullable=True),
        sa.Column("input_tokens", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.Column("output_tokens", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.Column(
            "reserved_usd", sa.Numeric(precision=14, scale=8), server_default=sa.text("0"), nullable=False
        ),
        sa.Column("cost_usd", sa.Numeric(precision=14, scale=8), server_default=sa.text("0"), nullable=False),
        sa.Column("latency_ms", sa.Integer(), nullable=True),
        sa.Column("calls", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.Column("asked_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.CheckConstraint(
            "input_tokens >= 0 AND output_tokens >= 0", name=op.f("ck_ai_interactions_tokens")
        ),
        sa.ForeignKeyConstraint(
            ["district_id", "school_id"],
            ["app.schools.district_id", "app.schools.id"],
            name=op.f("fk_ai_interactions_district_id_school_id"),
        ),
        sa.ForeignKeyConstraint(
            ["district_id"], ["app.districts.district_id"], name=op.f("fk_ai_interactions_district_id")
        ),
        sa.PrimaryKeyConstraint("district_id", "id", name=op.f("pk_ai_interactions")),
        sa.UniqueConstraint(
            "district_id", "request_hash", name=op.f("uq_ai_interactions_district_id_request_hash")
        ),
        schema="app",
    )
    op.create_index(
        "ix_ai_interactions_expiry",
        "ai_interactions",
        ["expires_at"],
        unique=False,
        schema="app",
        postgresql_using="brin",
    )
    op.create_index(
        "ix_ai_interactions_subject",
        "ai_interactions",
        ["district_id", "subject_id", "id"],
        unique=False,
        schema="app",
    )
    op.create_table(
        "courses",
        sa.Column("district_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("sourced_id", sa.String(), nullable=False),
        sa.Column("title", sa.String(), nullable=False),
        sa.Column("course_code", sa.String(), nullable=True),
        sa.Column("subjects", sa.String(), nullable=True),
        sa.Column("grades", sa.String(), nullable=True),
        sa.Column("organisation_sourced_id", sa.String(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("deleted_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["district_id"], ["app.districts.district_id"], name=op.f("fk_courses_district_id")
        ),
        sa.PrimaryKeyConstraint("district_id", "id", name=op.f("pk_courses")),
        sa.UniqueConstraint("district_id", "sourced_id", name=op.f("uq_courses_district_id_sourced_id")),
        schema="app",
    )
    op.create_table(
        "assignment_templates",
        sa.Column("district_id", sa.Uuid(), nullable=False),
        sa.Column("school_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("owner_id", sa.Uuid(), nullable=False),
        sa.Column("title", sa.String(), nullable=False),
        sa.Column("is_shared", sa.Boolean(), server_default="false", nullable=False),
        sa.Column("content", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("deleted_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["district_id", "school_id", "owner_id"],
            ["app.users.district_id", "app.users.school_id", "app.users.id"],
            name=op.f("fk_assignment_templates_district_id_school_id_owner_id"),
        ),
        sa.ForeignKeyConstraint(
            ["district_id", "school_id"],
            ["app.schools.district_id", "app.schools.id"],
            name=op.f("fk_assignment_templates_district_id_school_id"),
        ),
        sa.PrimaryKeyConstraint("district_id", "id", name=op.f("pk_assignment_templates")),
        schema="app",
    )
    op.create_index(
        "ix_assignment_templates_owner",
        "assignment_templates",
        ["district_id", "owner_id", "id"],
        unique=False,
        schema="app",
    )
    op.create_index(
        "ix_assignment_templates_school",
        "assignment_templates",
        ["district_id", "school_id", "id"],
        unique=False,
        schema="app",
    )
    op.create_table(
        "question_banks",
        sa.Column("district_id", sa.Uuid(), nullable=False),
        sa.Column("school_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("owner_id", sa.Uuid(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("description", sa.String(), nullable=True),
        sa.Column("subject", sa.String(), nullable=True),
        sa.Column("is_shared", sa.Boolean(), server_default="false", nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("deleted_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["district_id", "school_id", "owner_id"],
            ["app.users.district_id", "app.users.school_id", "app.users.id"],
            name=op.f("fk_question_banks_district_id_school_id_owner_id"),
        ),
        sa.ForeignKeyConstraint(
            ["district_id", "school_id"],
            ["app.schools.district_id", "app.schools.id"],
            name=op.f("fk_question_banks_district_id_school_id"),
        ),
        sa.PrimaryKeyConstraint("district_id", "id", name=op.f("pk_question_banks")),
        sa.UniqueConstraint(
            "district_id", "school_id", "id", name=op.f("uq_question_banks_district_id_school_id_id")
        ),
        schema="app",
    )
    op.create_index(
        "ix_question_banks_owner",
        "question_banks",
        ["district_id", "owner_id", "id"],
        unique=False,
        schema="app",
    )
    op.create_index(
        "ix_question_banks_school",
        "question_banks",
        ["district_id", "school_id", "id"],
        unique=False,
        schema="app",
    )
    op.create_table(
        "accommodations",
        sa.Column("district_id", sa.Uuid(), nullable=False),
        sa.Column("school_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("class_id", sa.Uuid(), nullable=False),
        sa.Column("student_id", sa.Uuid(), nullable=False),
        sa.Column("time_multiplier", sa.Numeric(precision=4, scale=2), server_default="1", nullable=False),
        sa.Column("due_shift_hours", sa.Integer(), server_default="0", nullable=False),
        sa.Column("granted_by", sa.Uuid(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.CheckConstraint(
            "due_shift_hours BETWEEN 0 AND 8760", name=op.f("ck_accommodations_due_shift_hours")
        ),
        sa.CheckConstraint(
            "time_multiplier BETWEEN 1 AND 10", name=op.f("ck_accommodations_time_multiplier")
        ),
        sa.ForeignKeyConstraint(
            ["district_id", "school_id", "class_id"],
            ["app.classes.district_id", "app.classes.school_id", "app.classes.id"],
            name=op.f("fk_accommodations_district_id_school_id_class_id"),
        ),
        sa.ForeignKeyConstraint(
            ["district_id", "school_id", "granted_by"],
            ["app.users.district_id", "app.users.school_id", "app.users.id"],
            name=op.f("fk_accommodations_district_id_school_id_granted_by"),
        ),
        sa.ForeignKeyConstraint(
            ["district_id", "school_id", "student_id"],
            ["app.users.district_id", "app.users.school_id", "app.users.id"],
            name=op.f("fk_accommodations_district_id_school_id_student_id"),
        ),
        sa.ForeignKeyConstraint(
            ["district_id", "school_id"],
            ["app.schools.district_id", "app.schools.id"],
            name=op.f("fk_accommodations_district_id_school_id"),
        ),
        sa.PrimaryKeyConstraint("district_id", "id", name=op.f("pk_accommodations")),
        sa.UniqueConstraint(
            "district_id",
            "class_id",
            "student_id",
            name=op.f("uq_accommodations_district_id_class_id_student_id"),
        ),
        schema="app",
    )
    op.create_index(
        "ix_accommodations_student",
        "accommodations",
        ["district_id", "student_id", "class_id"],
        unique=False,
        schema="app",
    )
    op.create_table(
        "bank_questions",
        sa.Column("district_id", sa.Uuid(), nullable=False),
        sa.Column("school_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("bank_id", sa.Uuid(), nullable=False),
        sa.Column("name", sa.String(), nullable=True),
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
        sa.Column("partial_credit", sa.Boolean(), server_default="true", nullable=False),
        sa.Column("explanation", sa.String(), nullable=True),
        sa.Column("source_quote", sa.String(), nullable=True),
        sa.Column("provenance", postgresql.JSONB(astext_type=sa.Text()), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("deleted_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint(
            "(kind = 'multiple_choice') = (correct_option IS NOT NULL)",
            name=op.f("ck_bank_questions_correct_option"),
        ),
        sa.CheckConstraint(
            "(kind = 'multiple_choice') = (options IS NOT NULL)", name=op.f("ck_bank_questions_options")
        ),
        sa.CheckConstraint("points > 0", name=op.f("ck_bank_questions_points")),
        sa.ForeignKeyConstraint(
            ["district_id", "school_id", "bank_id"],
            ["app.question_banks.district_id", "app.question_banks.school_id", "app.question_banks.id"],
            name=op.f("fk_bank_questions_district_id_school_id_bank_id"),
        ),
        sa.ForeignKeyConstraint(
            ["district_id", "school_id"],
            ["app.schools.district_id", "app.schools.id"],
            name=op.f("fk_bank_questions_district_id_school_id"),
        ),
        sa.PrimaryKeyConstraint("district_id", "id", name=op.f("pk_bank_questions")),
        sa.UniqueConstraint(
            "district_id", "school_id", "id", name=op.f("uq_bank_questions_district_id_school_id_id")
        ),
        schema="app",
    )
    op.create_index(
        "ix_bank_questions_bank",
        "bank_questions",
        ["district_id", "bank_id", "id"],
        unique=False,
        schema="app",
    )
    op.create_index(
        "ix_bank_questions_difficulty",
        "bank_questions",
        ["district_id", "bank_id", "difficulty", "id"],
        unique=False,
        schema="app",
    )
    op.create_table(
        "class_sessions",
        sa.Column("district_id", sa.Uuid(), nullable=False),
        sa.Column("class_id", sa.Uuid(), nullable=False),
        sa.Column("academic_session_id", sa.Uuid(), nullable=False),
        sa.Column("school_id", sa.Uuid(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.ForeignKeyConstraint(
            ["district_id", "academic_session_id"],
            ["app.academic_sessions.district_id", "app.academic_sessions.id"],
            name=op.f("fk_class_sessions_district_id_academic_session_id"),
        ),
        sa.ForeignKeyConstraint(
            ["district_id", "school_id", "class_id"],
            ["app.classes.district_id", "app.classes.school_id", "app.classes.id"],
            name=op.f("fk_class_sessions_district_id_school_id_class_id"),
        ),
        sa.ForeignKeyConstraint(
            ["district_id", "school_id"],
            ["app.schools.district_id", "app.schools.id"],
            name=op.f("fk_class_sessions_district_id_school_id"),
        ),
        sa.PrimaryKeyConstraint(
            "district_id", "class_id", "academic_session_id", name=op.f("pk_class_sessions")
        ),
        schema="app",
    )
    op.create_index(
        "ix_class_sessions_session",
        "class_sessions",
        ["district_id", "academic_session_id", "class_id"],
        unique=False,
        schema="app",
    )
    op.create_table(
        "assignment_extensions",
        sa.Column("district_id", sa.Uuid(), nullable=False),
        sa.Column("school_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("assignment_id", sa.Uuid(), nullable=False),
        sa.Column("student_id", sa.Uuid(), nullable=False),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("available_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("extra_attempts", sa.Integer(), server_default="0", nullable=False),
        sa.Column("extra_minutes", sa.Integer(), server_default="0", nullable=False),
        sa.Column("reason", sa.String(), nullable=True),
        sa.Column("granted_by", sa.Uuid(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.CheckConstraint(
            "extra_attempts BETWEEN 0 AND 100", name=op.f("ck_assignment_extensions_extra_attempts")
        ),
        sa.CheckConstraint(
            "extra_minutes BETWEEN 0 AND 1440", name=op.f("ck_assignment_extensions_extra_minutes")
        ),
        sa.ForeignKeyConstraint(
            ["district_id", "school_id", "assignment_id"],
            ["app.assignments.district_id", "app.assignments.school_id", "app.assignments.id"],
            name=op.f("fk_assignment_extensions_district_id_school_id_assignment_id"),
        ),
        sa.ForeignKeyConstraint(
            ["district_id", "school_id", "granted_by"],
            ["app.users.district_id", "app.users.school_id", "app.users.id"],
            name=op.f("fk_assignment_extensions_district_id_school_id_granted_by"),
        ),
        sa.ForeignKeyConstraint(
            ["district_id", "school_id", "student_id"],
            ["app.users.district_id", "app.users.school_id", "app.users.id"],
            name=op.f("fk_assignment_extensions_district_id_school_id_student_id"),
        ),
        sa.ForeignKeyConstraint(
            ["district_id", "school_id"],
            ["app.schools.district_id", "app.schools.id"],
            name=op.f("fk_assignment_extensions_district_id_school_id"),
        ),
        sa.PrimaryKeyConstraint("district_id", "id", name=op.f("pk_assignment_extensions")),
        sa.UniqueConstraint(
            "district_id",
            "assignment_id",
            "student_id",
            name=op.f("uq_assignment_extensions_district_id_assignment_id_student_id"),
        ),
        schema="app",
    )
    op.create_index(
        "ix_assignment_extensions_student",
        "assignment_extensions",
        ["district_id", "student_id", "assignment_id"],
        unique=False,
        schema="app",
    )
    op.create_table(
        "bank_question_concepts",
        sa.Column("district_id", sa.Uuid(), nullable=False),
        sa.Column("question_id", sa.Uuid(), nullable=False),
        sa.Column("concept_id", sa.Uuid(), nullable=False),
        sa.Column("school_id", sa.Uuid(), nullable=False),
        sa.Column("bank_id", sa.Uuid(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.ForeignKeyConstraint(
            ["district_id", "concept_id"],
            ["app.concepts.district_id", "app.concepts.id"],
            name=op.f("fk_bank_question_concepts_district_id_concept_id"),
        ),
        sa.ForeignKeyConstraint(
            ["district_id", "school_id", "question_id"],
            ["app.bank_questions.district_id", "app.bank_questions.school_id", "app.bank_questions.id"],
            name=op.f("fk_bank_question_concepts_district_id_school_id_question_id"),
        ),
        sa.ForeignKeyConstraint(
            ["district_id", "school_id"],
            ["app.schools.district_id", "app.schools.id"],
            name=op.f("fk_bank_question_concepts_district_id_school_id"),
        ),
        sa.PrimaryKeyConstraint(
            "district_id", "question_id", "concept_id", name=op.f("pk_bank_question_concepts")
        ),
        schema="app",
    )
    op.create_index(
        "ix_bank_question_concepts_bank",
        "bank_question_concepts",
        ["district_id", "bank_id", "concept_id", "question_id"],
        unique=False,
        schema="app",
    )
    op.create_index(
        "ix_bank_question_concepts_concept",
        "bank_question_concepts",
        ["district_id", "concept_id", "question_id"],
        unique=False,
        schema="app",
    )
    op.create_table(
        "bank_question_terms",
        sa.Column("district_id", sa.Uuid(), nullable=False),
        sa.Column("bank_id", sa.Uuid(), nullable=False),
        sa.Column("term", sa.Text(collation="C"), nullable=False),
        sa.Column("question_id", sa.Uuid(), nullable=False),
        sa.Column("school_id", sa.Uuid(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.ForeignKeyConstraint(
            ["district_id", "school_id", "question_id"],
            ["app.bank_questions.district_id", "app.bank_questions.school_id", "app.bank_questions.id"],
            name=op.f("fk_bank_question_terms_district_id_school_id_question_id"),
        ),
        sa.ForeignKeyConstraint(
            ["district_id", "school_id"],
            ["app.schools.district_id", "app.schools.id"],
            name=op.f("fk_bank_question_terms_district_id_school_id"),
        ),
        sa.PrimaryKeyConstraint(
            "district_id", "bank_id", "term", "question_id", name=op.f("pk_bank_question_terms")
        ),
        schema="app",
    )
    op.create_index(
        "ix_bank_question_terms_question",
        "bank_question_terms",
        ["district_id", "bank_id", "question_id", "term"],
        unique=False,
        schema="app",
    )
    op.create_table(
        "enrollment_changes",
        sa.Column("district_id", sa.Uuid(), nullable=False),
        sa.Column("school_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("enrollment_id", sa.Uuid(), nullable=False),
        sa.Column(
            "old_status",
            sa.Enum(
                "pending",
                "approved",
                "rejected",
                "removed",
                name="old_status",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=True,
        ),
        sa.Column(
            "new_status",
            sa.Enum(
                "pending",
                "approved",
                "rejected",
                "removed",
                name="new_status",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column("changed_by", sa.Uuid(), nullable=True),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.ForeignKeyConstraint(
            ["district_id", "school_id", "enrollment_id"],
            [
                "app.class_enrollments.district_id",
                "app.class_enrollments.school_id",
                "app.class_enrollments.id",
            ],
            name=op.f("fk_enrollment_changes_district_id_school_id_enrollment_id"),
        ),
        sa.ForeignKeyConstraint(
            ["district_id", "school_id"],
            ["app.schools.district_id", "app.schools.id"],
            name=op.f("fk_enrollment_changes_district_id_school_id"),
        ),
        sa.PrimaryKeyConstraint("district_id", "id", name=op.f("pk_enrollment_changes")),
        schema="app",
    )
    op.create_index(
        "ix_enrollment_changes_enrollment",
        "enrollment_changes",
        ["district_id", "enrollment_id", "changed_at", "id"],
        unique=False,
        schema="app",
    )
    op.create_table(
        "quiz_generations",
        sa.Column("district_id", sa.Uuid(), nullable=False),
        sa.Column("school_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("assignment_id", sa.Uuid(), nullable=False),
        sa.Column("class_id", sa.Uuid(), nullable=False),
        sa.Column("requested_by", sa.Uuid(), nullable=False),
        sa.Column("job_id", sa.Uuid(), nullable=False),
        sa.Column("replaces_question_id", sa.Uuid(), nullable=True),
        sa.Column("source_text", sa.String(), nullable=False),
        sa.Column("request", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column(
            "mode",
            sa.Enum("ai", "offline", name="mode", native_enum=False, create_constraint=True, length=32),
            nullable=True,
        ),
        sa.Column("offline_reason", sa.String(), nullable=True),
        sa.Column("waiting_since", sa.DateTime(timezone=True), nullable=True),
        sa.Column("finished_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.ForeignKeyConstraint(
            ["district_id", "school_id", "assignment_id"],
            ["app.assignments.district_id", "app.assignments.school_id", "app.assignments.id"],
            name=op.f("fk_quiz_generations_district_id_school_id_assignment_id"),
        ),
        sa.ForeignKeyConstraint(
            ["district_id", "school_id", "class_id"],
            ["app.classes.district_id", "app.classes.school_id", "app.classes.id"],
            name=op.f("fk_quiz_generations_district_id_school_id_class_id"),
        ),
        sa.ForeignKeyConstraint(
            ["district_id", "school_id", "requested_by"],
            ["app.users.district_id", "app.users.school_id", "app.users.id"],
            name=op.f("fk_quiz_generations_district_id_school_id_requested_by"),
        ),
        sa.ForeignKeyConstraint(
            ["district_id", "school_id"],
            ["app.schools.district_id", "app.schools.id"],
            name=op.f("fk_quiz_generations_district_id_school_id"),
        ),
        sa.PrimaryKeyConstraint("district_id", "id", name=op.f("pk_quiz_generations")),
        sa.UniqueConstraint(
            "district_id", "school_id", "id", name=op.f("uq_quiz_generations_district_id_school_id_id")
        ),
        schema="app",
    )
    op.create_index(
        "ix_quiz_generations_assignment",
        "quiz_generations",
        ["district_id", "assignment_id", "id"],
        unique=False,
        schema="app",
    )
    op.create_table(
        "question_candidates",
        sa.Column("district_id", sa.Uuid(), nullable=False),
        sa.Column("school_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("generation_id", sa.Uuid(), nullable=False),
        sa.Column("batch", sa.Integer(), nullable=False),
        sa.Column("attempt", sa.Integer(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("content", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("findings", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column(
            "state",
            sa.Enum(
                "passed",
                "replaced",
                "quarantined",
                "adopted",
                name="state",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column("question_id", sa.Uuid(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.ForeignKeyConstraint(
            ["district_id", "school_id", "generation_id"],
            ["app.quiz_generations.district_id", "app.quiz_generations.school_id", "app.quiz_generations.id"],
            name=op.f("fk_question_candidates_district_id_school_id_generation_id"),
        ),
        sa.ForeignKeyConstraint(
            ["district_id", "school_id"],
            ["app.schools.district_id", "app.schools.id"],
            name=op.f("fk_question_candidates_district_id_school_id"),
        ),
        sa.PrimaryKeyConstraint("district_id", "id", name=op.f("pk_question_candidates")),
        sa.UniqueConstraint(
            "district_id",
            "generation_id",
            "batch",
            "attempt",
            "position",
            name=op.f("uq_question_candidates_district_id_generation_id_batch_attempt_position"),
        ),
        schema="app",
    )
    op.create_index(
        "ix_question_candidates_generation",
        "question_candidates",
        ["district_id", "generation_id", "state", "id"],
        unique=False,
        schema="app",
    )
    op.create_table(
        "question_key_versions",
        sa.Column("district_id", sa.Uuid(), nullable=False),
        sa.Column("question_id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("school_id", sa.Uuid(), nullable=False),
        sa.Column("correct_option", sa.String(), nullable=True),
        sa.Column("model_answer", sa.String(), nullable=True),
        sa.Column("rubric", postgresql.JSONB(astext_type=sa.Text()), nullable=True),
        sa.Column("points", sa.Numeric(precision=10, scale=4), nullable=False),
        sa.Column("changed_by", sa.Uuid(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.ForeignKeyConstraint(
            ["district_id", "school_id", "question_id"],
            ["app.questions.district_id", "app.questions.school_id", "app.questions.id"],
            name=op.f("fk_question_key_versions_district_id_school_id_question_id"),
        ),
        sa.ForeignKeyConstraint(
            ["district_id", "school_id"],
            ["app.schools.district_id", "app.schools.id"],
            name=op.f("fk_question_key_versions_district_id_school_id"),
        ),
        sa.PrimaryKeyConstraint(
            "district_id", "question_id", "version", name=op.f("pk_question_key_versions")
        ),
        schema="app",
    )


def extend_tables() -> None:
    op.add_column(
        "assignments", sa.Column("available_until", sa.DateTime(timezone=True), nullable=True), schema="app"
    )
    op.add_column("assignments", sa.Column("time_limit_minutes", sa.Integer(), nullable=True), schema="app")
    op.add_column(
        "assignments", sa.Column("points", sa.Numeric(precision=10, scale=4), nullable=True), schema="app"
    )
    op.add_column(
        "assignments",
        sa.Column("shuffle_questions", sa.Boolean(), server_default="false", nullable=False),
        schema="app",
    )
    op.add_column(
        "assignments",
        sa.Column("shuffle_options", sa.Boolean(), server_default="false", nullable=False),
        schema="app",
    )
    op.add_column(
        "assignments",
        sa.Column(
            "feedback_release",
            sa.Enum(
                "instant",
                "after_submit",
                "after_due",
                name="feedback_release",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            server_default="instant",
            nullable=False,
        ),
        schema="app",
    )
    op.add_column("assignments", sa.Column("sourced_id", sa.String(), nullable=True), schema="app")
    op.create_unique_constraint(
        op.f("uq_assignments_district_id_sourced_id"),
        "assignments",
        ["district_id", "sourced_id"],
        schema="app",
    )
    op.add_column("class_enrollments", sa.Column("sourced_id", sa.String(), nullable=True), schema="app")
    op.create_unique_constraint(
        op.f("uq_class_enrollments_district_id_sourced_id"),
        "class_enrollments",
        ["district_id", "sourced_id"],
        schema="app",
    )
    op.add_column("classes", sa.Column("code_max_uses", sa.Integer(), nullable=True), schema="app")
    op.add_column(
        "classes", sa.Column("code_uses", sa.Integer(), server_default="0", nullable=False), schema="app"
    )
    op.add_column("classes", sa.Column("course_id", sa.Uuid(), nullable=True), schema="app")
    op.add_column("classes", sa.Column("sourced_id", sa.String(), nullable=True), schema="app")
    op.create_unique_constraint(
        op.f("uq_classes_district_id_sourced_id"), "classes", ["district_id", "sourced_id"], schema="app"
    )
    op.create_foreign_key(
        op.f("fk_classes_district_id_course_id"),
        "classes",
        "courses",
        ["district_id", "course_id"],
        ["district_id", "id"],
        source_schema="app",
        referent_schema="app",
    )
    op.add_column("concepts", sa.Column("code", sa.String(), nullable=True), schema="app")
    op.add_column("concepts", sa.Column("sourced_id", sa.String(), nullable=True), schema="app")
    op.create_unique_constraint(
        op.f("uq_concepts_district_id_sourced_id"), "concepts", ["district_id", "sourced_id"], schema="app"
    )
    op.add_column("districts", sa.Column("sourced_id", sa.String(), nullable=True), schema="app")
    op.add_column(
        "questions",
        sa.Column(
            "review_status",
            sa.Enum(
                "accepted",
                "unreviewed",
                name="review_status",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            server_default="accepted",
            nullable=False,
        ),
        schema="app",
    )
    op.add_column("questions", sa.Column("reviewed_by", sa.Uuid(), nullable=True), schema="app")
    op.add_column(
        "questions", sa.Column("reviewed_at", sa.DateTime(timezone=True), nullable=True), schema="app"
    )
    op.add_column(
        "questions", sa.Column("key_version", sa.Integer(), server_default="1", nullable=False), schema="app"
    )
    op.add_column(
        "questions",
        sa.Column("partial_credit", sa.Boolean(), server_default="true", nullable=False),
        schema="app",
    )
    op.add_column("questions", sa.Column("source_quote", sa.String(), nullable=True), schema="app")
    op.add_column(
        "questions",
        sa.Column("provenance", postgresql.JSONB(astext_type=sa.Text()), nullable=True),
        schema="app",
    )
    op.create_foreign_key(
        op.f("fk_questions_district_id_school_id_reviewed_by"),
        "questions",
        "users",
        ["district_id", "school_id", "reviewed_by"],
        ["district_id", "school_id", "id"],
        source_schema="app",
        referent_schema="app",
    )
    op.add_column("schools", sa.Column("sourced_id", sa.String(), nullable=True), schema="app")
    op.create_unique_constraint(
        op.f("uq_schools_district_id_sourced_id"), "schools", ["district_id", "sourced_id"], schema="app"
    )
    op.add_column("users", sa.Column("sourced_id", sa.String(), nullable=True), schema="app")
    op.create_unique_constraint(
        op.f("uq_users_district_id_sourced_id"), "users", ["district_id", "sourced_id"], schema="app"
    )
    op.create_check_constraint(
        op.f("ck_assignments_time_limit_minutes"),
        "assignments",
        "time_limit_minutes BETWEEN 1 AND 1440",
        schema="app",
    )
    op.create_check_constraint(op.f("ck_assignments_points"), "assignments", "points >= 0", schema="app")
    op.create_check_constraint(op.f("ck_classes_code_max_uses"), "classes", "code_max_uses > 0", schema="app")


def downgrade() -> None:
    for table, triggers in TRIGGERS.items():
        for trigger in triggers:
            op.execute(f"DROP TRIGGER {trigger} ON app.{table}")
    for function in FUNCTIONS:
        op.execute(f"DROP FUNCTION app.{function}")
    shrink_tables()
    drop_tables()
    op.drop_constraint(
        op.f("uq_class_enrollments_district_id_school_id_id"),
        "class_enrollments",
        schema="app",
        type_="unique",
    )


def shrink_tables() -> None:
    for table, rule in (
        ("assignments", "time_limit_minutes"),
        ("assignments", "points"),
        ("classes", "code_max_uses"),
    ):
        op.drop_constraint(op.f(f"ck_{table}_{rule}"), table, schema="app", type_="check")
    op.execute("REVOKE DELETE ON app.question_concepts FROM app_rw")
    op.execute("REVOKE INSERT, UPDATE ON app.schools FROM app_rw")
    op.execute("REVOKE UPDATE (sourced_id, updated_at) ON app.districts FROM app_rw")
    op.drop_constraint(op.f("uq_users_district_id_sourced_id"), "users", schema="app", type_="unique")
    op.drop_column("users", "sourced_id", schema="app")
    op.drop_constraint(op.f("uq_schools_district_id_sourced_id"), "schools", schema="app", type_="unique")
    op.drop_column("schools", "sourced_id", schema="app")
    op.drop_constraint(
        op.f("fk_questions_district_id_school_id_reviewed_by"), "questions", schema="app", type_="foreignkey"
    )
    op.drop_column("questions", "provenance", schema="app")
    op.drop_column("questions", "source_quote", schema="app")
    op.drop_column("questions", "partial_credit", schema="app")
    op.drop_column("questions", "key_version", schema="app")
    op.drop_column("questions", "reviewed_at", schema="app")
    op.drop_column("questions", "reviewed_by", schema="app")
    op.drop_column("questions", "review_status", schema="app")
    op.drop_column("districts", "sourced_id", schema="app")
    op.drop_constraint(op.f("uq_concepts_district_id_sourced_id"), "concepts", schema="app", type_="unique")
    op.drop_column("concepts", "sourced_id", schema="app")
    op.drop_column("concepts", "code", schema="app")
    op.drop_constraint(op.f("fk_classes_district_id_course_id"), "classes", schema="app", type_="foreignkey")
    op.drop_constraint(op.f("uq_classes_district_id_sourced_id"), "classes", schema="app", type_="unique")
    op.drop_column("classes", "sourced_id", schema="app")
    op.drop_column("classes", "course_id", schema="app")
    op.drop_column("classes", "code_uses", schema="app")
    op.drop_column("classes", "code_max_uses", schema="app")
    op.drop_constraint(
        op.f("uq_class_enrollments_district_id_sourced_id"), "class_enrollments", schema="app", type_="unique"
    )
    op.drop_column("class_enrollments", "sourced_id", schema="app")
    op.drop_constraint(
        op.f("uq_assignments_district_id_sourced_id"), "assignments", schema="app", type_="unique"
    )
    op.drop_column("assignments", "sourced_id", schema="app")
    op.drop_column("assignments", "feedback_release", schema="app")
    op.drop_column("assignments", "shuffle_options", schema="app")
    op.drop_column("assignments", "shuffle_questions", schema="app")
    op.drop_column("assignments", "points", schema="app")
    op.drop_column("assignments", "time_limit_minutes", schema="app")
    op.drop_column("assignments", "available_until", schema="app")


def drop_tables() -> None:
    op.drop_table("question_key_versions", schema="app")
    op.drop_index("ix_question_candidates_generation", table_name="question_candidates", schema="app")
    op.drop_table("question_candidates", schema="app")
    op.drop_index("ix_quiz_generations_assignment", table_name="quiz_generations", schema="app")
    op.drop_table("quiz_generations", schema="app")
    op.drop_index("ix_enrollment_changes_enrollment", table_name="enrollment_changes", schema="app")
    op.drop_table("enrollment_changes", schema="app")
    op.drop_index("ix_bank_question_terms_question", table_name="bank_question_terms", schema="app")
    op.drop_table("bank_question_terms", schema="app")
    op.drop_index("ix_bank_question_concepts_concept", table_name="bank_question_concepts", schema="app")
    op.drop_index("ix_bank_question_concepts_bank", table_name="bank_question_concepts", schema="app")
    op.drop_table("bank_question_concepts", schema="app")
    op.drop_index("ix_assignment_extensions_student", table_name="assignment_extensions", schema="app")
    op.drop_table("assignment_extensions", schema="app")
    op.drop_index("ix_class_sessions_session", table_name="class_sessions", schema="app")
    op.drop_table("class_sessions", schema="app")
    op.drop_index("ix_bank_questions_difficulty", table_name="bank_questions", schema="app")
    op.drop_index("ix_bank_questions_bank", table_name="bank_questions", schema="app")
    op.drop_table("bank_questions", schema="app")
    op.drop_index("ix_accommodations_student", table_name="accommodations", schema="app")
    op.drop_table("accommodations", schema="app")
    op.drop_index("ix_question_banks_school", table_name="question_banks", schema="app")
    op.drop_index("ix_question_banks_owner", table_name="question_banks", schema="app")
    op.drop_table("question_banks", schema="app")
    op.drop_index("ix_assignment_templates_school", table_name="assignment_templates", schema="app")
    op.drop_index("ix_assignment_templates_owner", table_name="assignment_templates", schema="app")
    op.drop_table("assignment_templates", schema="app")
    op.drop_table("courses", schema="app")
    op.drop_index("ix_ai_interactions_subject", table_name="ai_interactions", schema="app")
    op.drop_index(
        "ix_ai_interactions_expiry", table_name="ai_interactions", schema="app", postgresql_using="brin"
    )
    op.drop_table("ai_interactions", schema="app")
    op.drop_table("district_settings", schema="app")
    op.drop_table("ai_spending", schema="app")
    op.drop_index("ix_roster_uploads_created", table_name="roster_uploads", schema="app")
    op.drop_table("roster_uploads", schema="app")
    op.drop_table("academic_sessions", schema="app")

"""Grades with policies, overrides and deductions; drafts of answers; what models propose for free responses.

What it locks and for how long: `assignments`, `questions`, `student_submissions`, `student_answers`, `grades`,
`grade_history` and `district_settings` for an instant each (columns with constant defaults; a number without its
places is no other number). Built under the lock, about a second per million rows: a unique key and a partial index on
`student_answers`, a partial index on `student_submissions`. Rewritten: every graded answer (who graded it) and every
grade (what was entered).

Revision ID: 39cb7c674dd3
Revises: 69275e4ea69d
"""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from migrations import row_security

SQL = Path(__file__).parents[1] / "sql"

revision = "39cb7c674dd3"
down_revision = "69275e4ea69d"
branch_labels = None
depends_on = None

APPEND_ONLY = ("answer_drafts", "class_grade_history", "grading_policies", "regrades")
CHANGING = ("ai_gradings", "class_grades")
FOR_PIPELINES = ("ai_gradings", "class_grades", "grading_policies")
TRIGGERS = {
    "grades": ("grade_version_counted", "history_of_new", "history_of_changed"),
    "class_grades": ("grade_version_counted", "history_of_new", "history_of_changed"),
}
FUNCTIONS = (
    "keep_class_grade_history",
    "class_grade_state",
    "keep_grade_history",
    "exact",
    "count_grade_version",
)
WIDENED = {
    "grades": {"score": (10, 4), "percent": (8, 2)},
    "grade_history": {"old_score": (10, 4), "new_score": (10, 4)},
}
"""Numbers that keep all their places from now on."""
CHECKS = {
    "grades": {
        "deduction": "deduction >= 0",
        "late_seconds": "late_seconds >= 0",
        "override": "(override_score IS NULL) = (overridden_at IS NULL)",
    },
    "district_settings": {"ai_release_confidence": "ai_release_confidence BETWEEN 0 AND 1"},
}
CHOICES = {
    ("grades", "status"): (
        ("no_score", "in_progress", "awaiting_teacher", "graded"),
        ("in_progress", "awaiting_teacher", "graded"),
    ),
    ("grade_history", "source"): (
        ("missing", "automatic", "ai", "teacher", "override"),
        ("automatic", "teacher"),
    ),
}
"""What a column may hold: after, and before."""


def upgrade() -> None:
    # env.py sets lock_timeout = 2s: a migration that waits longer fails instead of stopping the school.
    extend_tables()
    create_tables()
    for table, columns in WIDENED.items():
        for column in columns:
            op.alter_column(table, column, type_=sa.Numeric(), schema="app")
    for (table, column), (after, _) in CHOICES.items():
        replace_choice(table, column, after)
    for table, checks in CHECKS.items():
        for name, condition in checks.items():
            op.create_check_constraint(op.f(f"ck_{table}_{name}"), table, condition, schema="app")
    with seen_by_their_owner("student_answers", "questions", "grades"):
        say_who_graded()
    op.execute((SQL / "2026_11_23_grading.sql").read_text())
    fence_tables()


def fence_tables() -> None:
    for table in (*APPEND_ONLY, *CHANGING):
        row_security.fence_district(table)
        row_security.fence_school(table)
        row_security.grant(
            table, "SELECT, INSERT" if table in APPEND_ONLY else "SELECT, INSERT, UPDATE", "app_rw"
        )
    for table in FOR_PIPELINES:
        row_security.grant(table, "SELECT", "pipeline_rw")


@contextmanager
def seen_by_their_owner(*tables: str) -> Iterator[None]:
    """Under FORCE the owner's statements see no rows: an UPDATE would change none."""
    for table in tables:
        op.execute(f"ALTER TABLE app.{table} NO FORCE ROW LEVEL SECURITY")
    yield
    for table in tables:
        op.execute(f"ALTER TABLE app.{table} FORCE ROW LEVEL SECURITY")


def say_who_graded() -> None:
    op.execute(
        "UPDATE app.student_answers a SET graded_by = "
        "CASE q.kind WHEN 'multiple_choice' THEN 'automatic' ELSE 'teacher' END, key_version = q.key_version "
        "FROM app.questions q WHERE q.district_id = a.district_id AND q.id = a.question_id AND a.score IS NOT NULL"
    )
    op.execute("UPDATE app.grades SET entered_score = score, changed_at = updated_at")


def replace_choice(table: str, column: str, values: tuple[str, ...]) -> None:
    listed = ", ".join(f"'{value}'" for value in values)
    op.drop_constraint(op.f(f"ck_{table}_{column}"), table, schema="app", type_="check")
    op.create_check_constraint(op.f(f"ck_{table}_{column}"), table, f"{column} IN ({listed})", schema="app")


def downgrade() -> None:
    for table, triggers in TRIGGERS.items():
        for trigger in triggers:
            op.execute(f"DROP TRIGGER {trigger} ON app.{table}")
    for function in FUNCTIONS:
        op.execute(f"DROP FUNCTION app.{function}")
    for table, checks in CHECKS.items():
        for name in checks:
            op.drop_constraint(op.f(f"ck_{table}_{name}"), table, schema="app", type_="check")
    with seen_by_their_owner("grades", "grade_history"):
        forget_what_has_no_place()
    for (table, column), (_, before) in CHOICES.items():
        replace_choice(table, column, before)
    for table, columns in WIDENED.items():
        for column, (precision, scale) in columns.items():
            op.alter_column(table, column, type_=sa.Numeric(precision, scale), schema="app")
    drop_tables()
    shrink_tables()


def forget_what_has_no_place() -> None:
    """Grades without a score or an attempt cannot be kept by the release before; nor could their history."""
    op.execute(
        "DELETE FROM app.grade_history h USING app.grades g WHERE g.district_id = h.district_id "
        "AND g.id = h.grade_id AND (g.score IS NULL OR g.submission_id IS NULL)"
    )
    op.execute("DELETE FROM app.grades WHERE score IS NULL OR submission_id IS NULL")
    op.execute("DELETE FROM app.grade_history WHERE new_score IS NULL")
    op.execute("UPDATE app.grade_history SET actor_id = district_id WHERE actor_id IS NULL")
    op.execute(
        "UPDATE app.grade_history SET source = CASE source WHEN 'override' THEN 'teacher' ELSE 'automatic' END "
        "WHERE source IN ('override', 'ai', 'missing')"
    )


def create_tables() -> None:
    op.create_table(
        "class_grades",
        sa.Column("district_id", sa.Uuid(), nullable=False),
        sa.Column("school_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("class_id", sa.Uuid(), nullable=False),
        sa.Column("student_id", sa.Uuid(), nullable=False),
        sa.Column("current_percent", sa.Numeric(), nullable=True),
        sa.Column("current_letter", sa.String(), nullable=True),
        sa.Column("final_percent", sa.Numeric(), nullable=True),
        sa.Column("final_letter", sa.String(), nullable=True),
        sa.Column("all_current_percent", sa.Numeric(), nullable=True),
        sa.Column("all_current_letter", sa.String(), nullable=True),
        sa.Column("all_final_percent", sa.Numeric(), nullable=True),
        sa.Column("all_final_letter", sa.String(), nullable=True),
        sa.Column("categories", postgresql.JSONB(none_as_null=True, astext_type=sa.Text()), nullable=False),
        sa.Column("override_percent", sa.Numeric(), nullable=True),
        sa.Column("override_letter", sa.String(), nullable=True),
        sa.Column("override_reason", sa.String(), nullable=True),
        sa.Column("overridden_by", sa.Uuid(), nullable=True),
        sa.Column("overridden_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("policy_version", sa.Integer(), server_default="0", nullable=False),
        sa.Column("version", sa.Integer(), server_default="1", nullable=False),
        sa.Column("change_reason", sa.String(), server_default="", nullable=False),
        sa.Column("changed_by", sa.Uuid(), nullable=True),
        sa.Column("changed_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.ForeignKeyConstraint(
            ["district_id", "school_id", "class_id"],
            ["app.classes.district_id", "app.classes.school_id", "app.classes.id"],
            name=op.f("fk_class_grades_district_id_school_id_class_id"),
        ),
        sa.ForeignKeyConstraint(
            ["district_id", "school_id", "student_id"],
            ["app.users.district_id", "app.users.school_id", "app.users.id"],
            name=op.f("fk_class_grades_district_id_school_id_student_id"),
        ),
        sa.ForeignKeyConstraint(
            ["district_id", "school_id"],
            ["app.schools.district_id", "app.schools.id"],
            name=op.f("fk_class_grades_district_id_school_id"),
        ),
        sa.PrimaryKeyConstraint("district_id", "id", name=op.f("pk_class_grades")),
        sa.UniqueConstraint(
            "district_id",
            "class_id",
            "student_id",
            name=op.f("uq_class_grades_district_id_class_id_student_id"),
        ),
        sa.UniqueConstraint(
            "district_id", "school_id", "id", name=op.f("uq_class_grades_district_id_school_id_id")
        ),
        schema="app",
    )
    op.create_index(
        "ix_class_grades_student",
        "class_grades",
        ["district_id", "student_id", "class_id"],
        unique=False,
        schema="app",
    )
    op.create_table(
        "grading_policies",
        sa.Column("district_id", sa.Uuid(), nullable=False),
        sa.Column("class_id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("school_id", sa.Uuid(), nullable=False),
        sa.Column("content", postgresql.JSONB(none_as_null=True, astext_type=sa.Text()), nullable=False),
        sa.Column("created_by", sa.Uuid(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.CheckConstraint("version >= 1", name=op.f("ck_grading_policies_version")),
        sa.ForeignKeyConstraint(
            ["district_id", "school_id", "class_id"],
            ["app.classes.district_id", "app.classes.school_id", "app.classes.id"],
            name=op.f("fk_grading_policies_district_id_school_id_class_id"),
        ),
        sa.ForeignKeyConstraint(
            ["district_id", "school_id", "created_by"],
            ["app.users.district_id", "app.users.school_id", "app.users.id"],
            name=op.f("fk_grading_policies_district_id_school_id_created_by"),
        ),
        sa.ForeignKeyConstraint(
            ["district_id", "school_id"],
            ["app.schools.district_id", "app.schools.id"],
            name=op.f("fk_grading_policies_district_id_school_id"),
        ),
        sa.PrimaryKeyConstraint("district_id", "class_id", "version", name=op.f("pk_grading_policies")),
        schema="app",
    )
    op.create_table(
        "class_grade_history",
        sa.Column("district_id", sa.Uuid(), nullable=False),
        sa.Column("class_grade_id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("school_id", sa.Uuid(), nullable=False),
        sa.Column("old_state", postgresql.JSONB(none_as_null=True, astext_type=sa.Text()), nullable=True),
        sa.Column("new_state", postgresql.JSONB(none_as_null=True, astext_type=sa.Text()), nullable=False),
        sa.Column("policy_version", sa.Integer(), nullable=False),
        sa.Column("actor_id", sa.Uuid(), nullable=True),
        sa.Column("reason", sa.String(), nullable=False),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.ForeignKeyConstraint(
            ["district_id", "school_id", "class_grade_id"],
            ["app.class_grades.district_id", "app.class_grades.school_id", "app.class_grades.id"],
            name=op.f("fk_class_grade_history_district_id_school_id_class_grade_id"),
        ),
        sa.ForeignKeyConstraint(
            ["district_id", "school_id"],
            ["app.schools.district_id", "app.schools.id"],
            name=op.f("fk_class_grade_history_district_id_school_id"),
        ),
        sa.PrimaryKeyConstraint(
            "district_id", "class_grade_id", "version", name=op.f("pk_class_grade_history")
        ),
        schema="app",
    )
    op.create_table(
        "answer_drafts",
        sa.Column("district_id", sa.Uuid(), nullable=False),
        sa.Column("school_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("submission_id", sa.Uuid(), nullable=False),
        sa.Column("assignment_id", sa.Uuid(), nullable=False),
        sa.Column("question_id", sa.Uuid(), nullable=False),
        sa.Column("student_id", sa.Uuid(), nullable=False),
        sa.Column("client_seq", sa.Integer(), nullable=False),
        sa.Column("answer", postgresql.JSONB(none_as_null=True, astext_type=sa.Text()), nullable=False),
        sa.Column("saved_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.ForeignKeyConstraint(
            ["district_id", "school_id", "assignment_id", "question_id"],
            [
                "app.questions.district_id",
                "app.questions.school_id",
                "app.questions.assignment_id",
                "app.questions.id",
            ],
            name=op.f("fk_answer_drafts_district_id_school_id_assignment_id_question_id"),
        ),
        sa.ForeignKeyConstraint(
            ["district_id", "school_id", "student_id"],
            ["app.users.district_id", "app.users.school_id", "app.users.id"],
            name=op.f("fk_answer_drafts_district_id_school_id_student_id"),
        ),
        sa.ForeignKeyConstraint(
            ["district_id", "school_id", "submission_id"],
            [
                "app.student_submissions.district_id",
                "app.student_submissions.school_id",
                "app.student_submissions.id",
            ],
            name=op.f("fk_answer_drafts_district_id_school_id_submission_id"),
        ),
        sa.ForeignKeyConstraint(
            ["district_id", "school_id"],
            ["app.schools.district_id", "app.schools.id"],
            name=op.f("fk_answer_drafts_district_id_school_id"),
        ),
        sa.PrimaryKeyConstraint("district_id", "id", name=op.f("pk_answer_drafts")),
        sa.UniqueConstraint(
            "district_id",
            "submission_id",
            "question_id",
            "client_seq",
            name=op.f("uq_answer_drafts_district_id_submission_id_question_id_client_seq"),
        ),
        schema="app",
    )
    op.create_table(
        "regrades",
        sa.Column("district_id", sa.Uuid(), nullable=False),
        sa.Column("school_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("assignment_id", sa.Uuid(), nullable=False),
        sa.Column("question_id", sa.Uuid(), nullable=False),
        sa.Column("key_version", sa.Integer(), nullable=False),
        sa.Column("policy", sa.String(), nullable=False),
        sa.Column("answers_changed", sa.Integer(), nullable=False),
        sa.Column("applied_by", sa.Uuid(), nullable=False),
        sa.Column("applied_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.ForeignKeyConstraint(
            ["district_id", "school_id", "applied_by"],
            ["app.users.district_id", "app.users.school_id", "app.users.id"],
            name=op.f("fk_regrades_district_id_school_id_applied_by"),
        ),
        sa.ForeignKeyConstraint(
            ["district_id", "school_id", "assignment_id", "question_id"],
            [
                "app.questions.district_id",
                "app.questions.school_id",
                "app.questions.assignment_id",
                "app.questions.id",
            ],
            name=op.f("fk_regrades_district_id_school_id_assignment_id_question_id"),
        ),
        sa.ForeignKeyConstraint(
            ["district_id", "school_id"],
            ["app.schools.district_id", "app.schools.id"],
            name=op.f("fk_regrades_district_id_school_id"),
        ),
        sa.PrimaryKeyConstraint("district_id", "id", name=op.f("pk_regrades")),
        sa.UniqueConstraint(
            "district_id",
            "question_id",
            "key_version",
            name=op.f("uq_regrades_district_id_question_id_key_version"),
        ),
        schema="app",
    )
    op.create_table(
        "ai_gradings",
        sa.Column("district_id", sa.Uuid(), nullable=False),
        sa.Column("school_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("class_id", sa.Uuid(), nullable=False),
        sa.Column("assignment_id", sa.Uuid(), nullable=False),
        sa.Column("question_id", sa.Uuid(), nullable=False),
        sa.Column("student_id", sa.Uuid(), nullable=False),
        sa.Column("answer_id", sa.Uuid(), nullable=False),
        sa.Column("rubric_version", sa.Integer(), nullable=False),
        sa.Column(
            "mode",
            sa.Enum("ai", "offline", name="mode", native_enum=False, create_constraint=True, length=32),
            nullable=False,
        ),
        sa.Column("offline_reason", sa.String(), nullable=True),
        sa.Column("model", sa.String(), nullable=True),
        sa.Column("prompt_version", sa.String(), nullable=True),
        sa.Column("interaction_id", sa.Uuid(), nullable=True),
        sa.Column("criteria", postgresql.JSONB(none_as_null=True, astext_type=sa.Text()), nullable=False),
        sa.Column("score", sa.Numeric(precision=10, scale=4), nullable=False),
        sa.Column("possible", sa.Numeric(precision=10, scale=4), nullable=False),
        sa.Column("confidence", sa.Numeric(precision=4, scale=3), nullable=False),
        sa.Column("feedback", sa.String(), nullable=True),
        sa.Column("suspicions", postgresql.JSONB(none_as_null=True, astext_type=sa.Text()), nullable=False),
        sa.Column(
            "state",
            sa.Enum(
                "waiting",
                "released",
                "accepted",
                "changed",
                "overtaken",
                name="state",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column("graded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("human_score", sa.Numeric(precision=10, scale=4), nullable=True),
        sa.Column("decided_by", sa.Uuid(), nullable=True),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.CheckConstraint("confidence BETWEEN 0 AND 1", name=op.f("ck_ai_gradings_confidence")),
        sa.CheckConstraint("score BETWEEN 0 AND possible", name=op.f("ck_ai_gradings_score")),
        sa.ForeignKeyConstraint(
            ["district_id", "school_id", "answer_id"],
            ["app.student_answers.district_id", "app.student_answers.school_id", "app.student_answers.id"],
            name=op.f("fk_ai_gradings_district_id_school_id_answer_id"),
        ),
        sa.ForeignKeyConstraint(
            ["district_id", "school_id", "assignment_id", "question_id"],
            [
                "app.questions.district_id",
                "app.questions.school_id",
                "app.questions.assignment_id",
                "app.questions.id",
            ],
            name=op.f("fk_ai_gradings_district_id_school_id_assignment_id_question_id"),
        ),
        sa.ForeignKeyConstraint(
            ["district_id", "school_id", "class_id"],
            ["app.classes.district_id", "app.classes.school_id", "app.classes.id"],
            name=op.f("fk_ai_gradings_district_id_school_id_class_id"),
        ),
        sa.ForeignKeyConstraint(
            ["district_id", "school_id", "student_id"],
            ["app.users.district_id", "app.users.school_id", "app.users.id"],
            name=op.f("fk_ai_gradings_district_id_school_id_student_id"),
        ),
        sa.ForeignKeyConstraint(
            ["district_id", "school_id"],
            ["app.schools.district_id", "app.schools.id"],
            name=op.f("fk_ai_gradings_district_id_school_id"),
        ),
        sa.PrimaryKeyConstraint("district_id", "id", name=op.f("pk_ai_gradings")),
        sa.UniqueConstraint(
            "district_id",
            "answer_id",
            "rubric_version",
            name=op.f("uq_ai_gradings_district_id_answer_id_rubric_version"),
        ),
        schema="app",
    )
    op.create_index(
        "ix_ai_gradings_assignment",
        "ai_gradings",
        ["district_id", "assignment_id", "id"],
        unique=False,
        schema="app",
    )
    op.create_index(
        "ix_ai_gradings_class",
        "ai_gradings",
        ["district_id", "class_id", "state", "id"],
        unique=False,
        schema="app",
    )


def extend_tables() -> None:
    op.add_column(
        "assignments",
        sa.Column(
            "attempt_policy",
            sa.Enum(
                "best",
                "latest",
                "average",
                name="attempt_policy",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            server_default="best",
            nullable=False,
        ),
        schema="app",
    )
    op.add_column(
        "assignments",
        sa.Column(
            "grade_posting",
            sa.Enum(
                "automatic",
                "manual",
                name="grade_posting",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            server_default="automatic",
            nullable=False,
        ),
        schema="app",
    )
    op.add_column(
        "assignments",
        sa.Column(
            "grading_type",
            sa.Enum(
                "points",
                "pass_fail",
                name="grading_type",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            server_default="points",
            nullable=False,
        ),
        schema="app",
    )
    op.add_column(
        "assignments",
        sa.Column("omit_from_final", sa.Boolean(), server_default="false", nullable=False),
        schema="app",
    )
    op.add_column(
        "assignments",
        sa.Column("never_drop", sa.Boolean(), server_default="false", nullable=False),
        schema="app",
    )
    op.add_column(
        "district_settings",
        sa.Column("ai_release_confidence", sa.Numeric(precision=4, scale=3), nullable=True),
        schema="app",
    )
    op.add_column(
        "grade_history",
        sa.Column("policy_version", sa.Integer(), server_default="0", nullable=False),
        schema="app",
    )
    op.add_column(
        "grade_history",
        sa.Column("state", postgresql.JSONB(none_as_null=True, astext_type=sa.Text()), nullable=True),
        schema="app",
    )
    op.alter_column(
        "grade_history",
        "new_score",
        existing_type=sa.NUMERIC(precision=10, scale=4),
        nullable=True,
        schema="app",
    )
    op.alter_column("grade_history", "actor_id", existing_type=sa.UUID(), nullable=True, schema="app")
    op.add_column(
        "grades",
        sa.Column(
            "source",
            sa.Enum(
                "missing",
                "automatic",
                "ai",
                "teacher",
                "override",
                name="source",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            server_default="automatic",
            nullable=False,
        ),
        schema="app",
    )
    op.add_column("grades", sa.Column("entered_score", sa.Numeric(), nullable=True), schema="app")
    op.add_column(
        "grades", sa.Column("is_entered", sa.Boolean(), server_default="false", nullable=False), schema="app"
    )
    op.add_column(
        "grades", sa.Column("deduction", sa.Numeric(), server_default="0", nullable=False), schema="app"
    )
    op.add_column(
        "grades", sa.Column("late_seconds", sa.Integer(), server_default="0", nullable=False), schema="app"
    )
    op.add_column("grades", sa.Column("late_seconds_override", sa.Integer(), nullable=True), schema="app")
    op.add_column(
        "grades", sa.Column("is_excused", sa.Boolean(), server_default="false", nullable=False), schema="app"
    )
    op.add_column("grades", sa.Column("is_missing", sa.Boolean(), nullable=True), schema="app")
    op.add_column(
        "grades", sa.Column("is_posted", sa.Boolean(), server_default="true", nullable=False), schema="app"
    )
    op.add_column("grades", sa.Column("posted_at", sa.DateTime(timezone=True), nullable=True), schema="app")
    op.add_column("grades", sa.Column("override_score", sa.Numeric(), nullable=True), schema="app")
    op.add_column("grades", sa.Column("override_reason", sa.String(), nullable=True), schema="app")
    op.add_column("grades", sa.Column("overridden_by", sa.Uuid(), nullable=True), schema="app")
    op.add_column(
        "grades", sa.Column("overridden_at", sa.DateTime(timezone=True), nullable=True), schema="app"
    )
    op.add_column("grades", sa.Column("score_before_regrade", sa.Numeric(), nullable=True), schema="app")
    op.add_column(
        "grades", sa.Column("policy_version", sa.Integer(), server_default="0", nullable=False), schema="app"
    )
    op.add_column(
        "grades", sa.Column("change_reason", sa.String(), server_default="", nullable=False), schema="app"
    )
    op.add_column("grades", sa.Column("changed_by", sa.Uuid(), nullable=True), schema="app")
    op.add_column("grades", sa.Column("changed_for_answer", sa.Uuid(), nullable=True), schema="app")
    op.add_column(
        "grades",
        sa.Column("changed_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        schema="app",
    )
    op.alter_column("grades", "submission_id", existing_type=sa.UUID(), nullable=True, schema="app")
    op.alter_column(
        "grades", "score", existing_type=sa.NUMERIC(precision=10, scale=4), nullable=True, schema="app"
    )
    op.add_column(
        "questions",
        sa.Column("credits_everyone", sa.Boolean(), server_default="false", nullable=False),
        schema="app",
    )
    op.add_column(
        "student_answers",
        sa.Column(
            "graded_by",
            sa.Enum(
                "automatic",
                "ai",
                "teacher",
                name="graded_by",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=True,
        ),
        schema="app",
    )
    op.add_column("student_answers", sa.Column("grader_id", sa.Uuid(), nullable=True), schema="app")
    op.add_column(
        "student_answers",
        sa.Column("key_version", sa.Integer(), server_default="1", nullable=False),
        schema="app",
    )
    op.add_column(
        "student_answers",
        sa.Column("score_before_regrade", sa.Numeric(precision=10, scale=4), nullable=True),
        schema="app",
    )
    op.create_index(
        "ix_grades_unposted",
        "grades",
        ["district_id", "class_id", "assignment_id"],
        unique=False,
        schema="app",
        postgresql_where=sa.text("NOT is_posted"),
    )
    op.create_index(
        "ix_student_answers_waiting",
        "student_answers",
        ["district_id", "assignment_id", "id"],
        unique=False,
        schema="app",
        postgresql_where=sa.text("counts AND status <> 'graded'"),
    )
    op.create_unique_constraint(
        op.f("uq_student_answers_district_id_school_id_id"),
        "student_answers",
        ["district_id", "school_id", "id"],
        schema="app",
    )
    op.add_column(
        "student_submissions",
        sa.Column(
            "handed_in_by",
            sa.Enum(
                "student",
                "time_limit",
                name="handed_in_by",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=True,
        ),
        schema="app",
    )
    op.add_column(
        "student_submissions",
        sa.Column("active_ms", sa.BigInteger(), server_default="0", nullable=False),
        schema="app",
    )
    op.add_column(
        "student_submissions",
        sa.Column("last_active_at", sa.DateTime(timezone=True), nullable=True),
        schema="app",
    )
    op.create_index(
        "ix_student_submissions_open",
        "student_submissions",
        ["district_id", "assignment_id", "id"],
        unique=False,
        schema="app",
        postgresql_where=sa.text("status = 'in_progress' AND deleted_at IS NULL"),
    )


def shrink_tables() -> None:
    op.drop_index(
        "ix_student_submissions_open",
        table_name="student_submissions",
        schema="app",
        postgresql_where=sa.text("status = 'in_progress' AND deleted_at IS NULL"),
    )
    op.drop_column("student_submissions", "last_active_at", schema="app")
    op.drop_column("student_submissions", "active_ms", schema="app")
    op.drop_column("student_submissions", "handed_in_by", schema="app")
    op.drop_constraint(
        op.f("uq_student_answers_district_id_school_id_id"), "student_answers", schema="app", type_="unique"
    )
    op.drop_index(
        "ix_student_answers_waiting",
        table_name="student_answers",
        schema="app",
        postgresql_where=sa.text("counts AND status <> 'graded'"),
    )
    op.drop_column("student_answers", "score_before_regrade", schema="app")
    op.drop_column("student_answers", "key_version", schema="app")
    op.drop_column("student_answers", "grader_id", schema="app")
    op.drop_column("student_answers", "graded_by", schema="app")
    op.drop_column("questions", "credits_everyone", schema="app")
    op.alter_column(
        "grades", "score", existing_type=sa.NUMERIC(precision=10, scale=4), nullable=False, schema="app"
    )
    op.alter_column("grades", "submission_id", existing_type=sa.UUID(), nullable=False, schema="app")
    op.drop_column("grades", "changed_at", schema="app")
    op.drop_column("grades", "changed_for_answer", schema="app")
    op.drop_column("grades", "changed_by", schema="app")
    op.drop_column("grades", "change_reason", schema="app")
    op.drop_column("grades", "policy_version", schema="app")
    op.drop_column("grades", "score_before_regrade", schema="app")
    op.drop_column("grades", "overridden_at", schema="app")
    op.drop_column("grades", "overridden_by", schema="app")
    op.drop_column("grades", "override_reason", schema="app")
    op.drop_column("grades", "override_score", schema="app")
    op.drop_column("grades", "posted_at", schema="app")
    op.drop_index("ix_grades_unposted", table_name="grades", schema="app")
    op.drop_column("grades", "is_posted", schema="app")
    op.drop_column("grades", "is_missing", schema="app")
    op.drop_column("grades", "is_excused", schema="app")
    op.drop_column("grades", "late_seconds_override", schema="app")
    op.drop_column("grades", "late_seconds", schema="app")
    op.drop_column("grades", "deduction", schema="app")
    op.drop_column("grades", "entered_score", schema="app")
    op.drop_column("grades", "is_entered", schema="app")
    op.drop_column("grades", "source", schema="app")
    op.alter_column("grade_history", "actor_id", existing_type=sa.UUID(), nullable=False, schema="app")
    op.alter_column(
        "grade_history",
        "new_score",
        existing_type=sa.NUMERIC(precision=10, scale=4),
        nullable=False,
        schema="app",
    )
    op.drop_column("grade_history", "state", schema="app")
    op.drop_column("grade_history", "policy_version", schema="app")
    op.drop_column("district_settings", "ai_release_confidence", schema="app")
    op.drop_column("assignments", "never_drop", schema="app")
    op.drop_column("assignments", "omit_from_final", schema="app")
    op.drop_column("assignments", "grading_type", schema="app")
    op.drop_column("assignments", "grade_posting", schema="app")
    op.drop_column("assignments", "attempt_policy", schema="app")


def drop_tables() -> None:
    op.drop_index("ix_ai_gradings_class", table_name="ai_gradings", schema="app")
    op.drop_index("ix_ai_gradings_assignment", table_name="ai_gradings", schema="app")
    op.drop_table("ai_gradings", schema="app")
    op.drop_table("regrades", schema="app")
    op.drop_table("answer_drafts", schema="app")
    op.drop_table("class_grade_history", schema="app")
    op.drop_table("grading_policies", schema="app")
    op.drop_index("ix_class_grades_student", table_name="class_grades", schema="app")
    op.drop_table("class_grades", schema="app")

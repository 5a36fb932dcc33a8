"""Curricula made of files, their versions, and the banks of questions written from them.

What it locks and for how long: nothing that exists but for the instant in which foreign keys are added.

Revision ID: 7d2b5e90c1fa
Revises: c0f7d1a94e26
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from migrations import row_security

revision = "7d2b5e90c1fa"
down_revision = "c0f7d1a94e26"
branch_labels = None
depends_on = None

JSON = postgresql.JSONB(none_as_null=True)
PRIVILEGES = {
    "curricula": "SELECT, INSERT, UPDATE",
    "curriculum_files": "SELECT, INSERT",
    "curriculum_sections": "SELECT, INSERT, UPDATE",
    "curriculum_revisions": "SELECT, INSERT",
    "bank_generations": "SELECT, INSERT, UPDATE",
    "bank_generation_batches": "SELECT, INSERT",
}


def upgrade() -> None:
    create_curricula()
    create_curriculum_files()
    create_curriculum_sections()
    create_curriculum_revisions()
    create_bank_generations()
    create_bank_generation_batches()
    for table, privileges in PRIVILEGES.items():
        row_security.fence_district(table)
        row_security.fence_school(table)
        row_security.grant(table, privileges, "app_rw")


def downgrade() -> None:
    for table in reversed(PRIVILEGES):
        op.drop_table(table, schema="app")


def choice(*values: str, name: str) -> sa.Enum:
    return sa.Enum(*values, name=name, native_enum=False, create_constraint=True, length=32)


def moments() -> list[sa.Column]:
    return [
        sa.Column(name, sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False)
        for name in ("created_at", "updated_at")
    ]


def reference(table: str, columns: list[str], target: str, to: list[str]) -> sa.ForeignKeyConstraint:
    name = f"fk_{table}_{'_'.join(columns)}"
    return sa.ForeignKeyConstraint(columns, [f"app.{target}.{column}" for column in to], name=op.f(name))


def create_curricula() -> None:
    name = "curricula"
    op.create_table(
        name,
        sa.Column("district_id", sa.Uuid(), nullable=False),
        sa.Column("school_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("owner_id", sa.Uuid(), nullable=False),
        sa.Column("title", sa.String(), nullable=False),
        sa.Column(
            "status", choice("outlining", "draft", "finalized", "failed", name="status"), nullable=False
        ),
        sa.Column("job_id", sa.Uuid(), nullable=False),
        sa.Column("mode", choice("ai", "offline", name="mode"), nullable=True),
        sa.Column("offline_reason", sa.String(), nullable=True),
        sa.Column("waiting_since", sa.DateTime(timezone=True), nullable=True),
        sa.Column("version", sa.Integer(), server_default=sa.text("1"), nullable=False),
        sa.Column("finalized_at", sa.DateTime(timezone=True), nullable=True),
        *moments(),
        sa.Column("deleted_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint(
            "(status = 'finalized') = (finalized_at IS NOT NULL)", name=op.f("ck_curricula_finalized")
        ),
        reference(
            name, ["district_id", "school_id", "owner_id"], "users", ["district_id", "school_id", "id"]
        ),
        reference(name, ["district_id", "school_id"], "schools", ["district_id", "id"]),
        sa.PrimaryKeyConstraint("district_id", "id", name=op.f("pk_curricula")),
        sa.UniqueConstraint(
            "district_id", "school_id", "id", name=op.f("uq_curricula_district_id_school_id_id")
        ),
        schema="app",
    )
    op.create_index("ix_curricula_owner", name, ["district_id", "owner_id", "id"], schema="app")


def create_curriculum_files() -> None:
    name = "curriculum_files"
    op.create_table(
        name,
        sa.Column("district_id", sa.Uuid(), nullable=False),
        sa.Column("school_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("curriculum_id", sa.Uuid(), nullable=False),
        sa.Column("file_id", sa.Uuid(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        *moments(),
        reference(
            name,
            ["district_id", "school_id", "curriculum_id"],
            "curricula",
            ["district_id", "school_id", "id"],
        ),
        reference(
            name,
            ["district_id", "school_id", "file_id"],
            "uploaded_files",
            ["district_id", "school_id", "id"],
        ),
        reference(name, ["district_id", "school_id"], "schools", ["district_id", "id"]),
        sa.PrimaryKeyConstraint("district_id", "id", name=op.f("pk_curriculum_files")),
        sa.UniqueConstraint(
            "district_id",
            "curriculum_id",
            "file_id",
            name=op.f("uq_curriculum_files_district_id_curriculum_id_file_id"),
        ),
        schema="app",
    )


def create_curriculum_sections() -> None:
    name = "curriculum_sections"
    op.create_table(
        name,
        sa.Column("district_id", sa.Uuid(), nullable=False),
        sa.Column("school_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("curriculum_id", sa.Uuid(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("unit", sa.String(), nullable=False),
        sa.Column("title", sa.String(), nullable=False),
        sa.Column("objectives", JSON, nullable=False),
        sa.Column("concepts", JSON, nullable=False),
        sa.Column("source_text", sa.String(), nullable=False),
        sa.Column("spans", JSON, nullable=False),
        sa.Column("origin", JSON, nullable=False),
        *moments(),
        sa.Column("deleted_at", sa.DateTime(timezone=True), nullable=True),
        reference(
            name,
            ["district_id", "school_id", "curriculum_id"],
            "curricula",
            ["district_id", "school_id", "id"],
        ),
        reference(name, ["district_id", "school_id"], "schools", ["district_id", "id"]),
        sa.PrimaryKeyConstraint("district_id", "id", name=op.f("pk_curriculum_sections")),
        sa.UniqueConstraint(
            "district_id", "school_id", "id", name=op.f("uq_curriculum_sections_district_id_school_id_id")
        ),
        schema="app",
    )
    op.create_index(
        "ix_curriculum_sections_curriculum",
        name,
        ["district_id", "curriculum_id", "position", "id"],
        schema="app",
    )


def create_curriculum_revisions() -> None:
    name = "curriculum_revisions"
    op.create_table(
        name,
        sa.Column("district_id", sa.Uuid(), nullable=False),
        sa.Column("school_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("curriculum_id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("what", sa.String(), nullable=False),
        sa.Column("content", JSON, nullable=False),
        sa.Column("saved_by", sa.Uuid(), nullable=False),
        *moments(),
        reference(
            name,
            ["district_id", "school_id", "curriculum_id"],
            "curricula",
            ["district_id", "school_id", "id"],
        ),
        reference(
            name, ["district_id", "school_id", "saved_by"], "users", ["district_id", "school_id", "id"]
        ),
        reference(name, ["district_id", "school_id"], "schools", ["district_id", "id"]),
        sa.PrimaryKeyConstraint("district_id", "id", name=op.f("pk_curriculum_revisions")),
        sa.UniqueConstraint(
            "district_id",
            "curriculum_id",
            "version",
            name=op.f("uq_curriculum_revisions_district_id_curriculum_id_version"),
        ),
        schema="app",
    )


def create_bank_generations() -> None:
    name = "bank_generations"
    op.create_table(
        name,
        sa.Column("district_id", sa.Uuid(), nullable=False),
        sa.Column("school_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("curriculum_id", sa.Uuid(), nullable=False),
        sa.Column("bank_id", sa.Uuid(), nullable=False),
        sa.Column("requested_by", sa.Uuid(), nullable=False),
        sa.Column("job_id", sa.Uuid(), nullable=False),
        sa.Column("request", JSON, nullable=False),
        sa.Column("mode", choice("ai", "offline", name="mode"), nullable=True),
        sa.Column("offline_reason", sa.String(), nullable=True),
        sa.Column("waiting_since", sa.DateTime(timezone=True), nullable=True),
        sa.Column("finished_at", sa.DateTime(timezone=True), nullable=True),
        *moments(),
        reference(
            name,
            ["district_id", "school_id", "bank_id"],
            "question_banks",
            ["district_id", "school_id", "id"],
        ),
        reference(
            name,
            ["district_id", "school_id", "curriculum_id"],
            "curricula",
            ["district_id", "school_id", "id"],
        ),
        reference(
            name, ["district_id", "school_id", "requested_by"], "users", ["district_id", "school_id", "id"]
        ),
        reference(name, ["district_id", "school_id"], "schools", ["district_id", "id"]),
        sa.PrimaryKeyConstraint("district_id", "id", name=op.f("pk_bank_generations")),
        sa.UniqueConstraint(
            "district_id", "school_id", "id", name=op.f("uq_bank_generations_district_id_school_id_id")
        ),
        schema="app",
    )
    op.create_index(
        "ix_bank_generations_curriculum", name, ["district_id", "curriculum_id", "id"], schema="app"
    )


def create_bank_generation_batches() -> None:
    name = "bank_generation_batches"
    op.create_table(
        name,
        sa.Column("district_id", sa.Uuid(), nullable=False),
        sa.Column("school_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("generation_id", sa.Uuid(), nullable=False),
        sa.Column("section_id", sa.Uuid(), nullable=False),
        sa.Column("batch", sa.Integer(), nullable=False),
        sa.Column("passed", sa.Integer(), nullable=False),
        sa.Column("failed", sa.Integer(), nullable=False),
        sa.Column("findings", JSON, nullable=False),
        *moments(),
        reference(
            name,
            ["district_id", "school_id", "generation_id"],
            "bank_generations",
            ["district_id", "school_id", "id"],
        ),
        reference(
            name,
            ["district_id", "school_id", "section_id"],
            "curriculum_sections",
            ["district_id", "school_id", "id"],
        ),
        reference(name, ["district_id", "school_id"], "schools", ["district_id", "id"]),
        sa.PrimaryKeyConstraint("district_id", "id", name=op.f("pk_bank_generation_batches")),
        sa.UniqueConstraint(
            "district_id",
            "generation_id",
            "section_id",
            "batch",
            name=op.f("uq_bank_generation_batches_district_id_generation_id_section_id_batch"),
        ),
        schema="app",
    )

"""Files teachers upload, and the evidence of their removal.

What it locks and for how long: nothing that exists but for the instant in which foreign keys are added.

Revision ID: c0f7d1a94e26
Revises: a647e87ed846
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from migrations import row_security

revision = "c0f7d1a94e26"
down_revision = "a647e87ed846"
branch_labels = None
depends_on = None

PRIVILEGES = {"uploaded_files": "SELECT, INSERT, UPDATE", "file_removals": "SELECT, INSERT"}
STATUSES = ("pending", "scanning", "extracting", "ready", "rejected")
REASONS = ("processed", "deleted", "expired", "orphaned")


def upgrade() -> None:
    create_uploaded_files()
    create_file_removals()
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


def create_uploaded_files() -> None:
    name = "uploaded_files"
    op.create_table(
        name,
        sa.Column("district_id", sa.Uuid(), nullable=False),
        sa.Column("school_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("owner_id", sa.Uuid(), nullable=False),
        sa.Column("job_id", sa.Uuid(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("byte_count", sa.BigInteger(), nullable=False),
        sa.Column("sha256", sa.String(), nullable=False),
        sa.Column("object_key", sa.String(), nullable=True),
        sa.Column("status", choice(*STATUSES, name="status"), server_default="pending", nullable=False),
        sa.Column("rejection_code", sa.String(), nullable=True),
        sa.Column("extraction", postgresql.JSONB(none_as_null=True), nullable=True),
        sa.Column("uploaded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("delete_by", sa.DateTime(timezone=True), nullable=False),
        sa.Column("removed_at", sa.DateTime(timezone=True), nullable=True),
        *moments(),
        sa.Column("deleted_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("byte_count >= 0", name=op.f("ck_uploaded_files_byte_count")),
        sa.CheckConstraint(
            "(status = 'rejected') = (rejection_code IS NOT NULL)", name=op.f("ck_uploaded_files_rejection")
        ),
        sa.CheckConstraint(
            "(object_key IS NULL) = (removed_at IS NOT NULL)", name=op.f("ck_uploaded_files_removal")
        ),
        sa.CheckConstraint("length(name) BETWEEN 1 AND 255", name=op.f("ck_uploaded_files_name")),
        reference(name, ["district_id", "school_id"], "schools", ["district_id", "id"]),
        reference(
            name, ["district_id", "school_id", "owner_id"], "users", ["district_id", "school_id", "id"]
        ),
        sa.PrimaryKeyConstraint("district_id", "id", name=op.f("pk_uploaded_files")),
        sa.UniqueConstraint(
            "district_id", "school_id", "id", name=op.f("uq_uploaded_files_district_id_school_id_id")
        ),
        sa.UniqueConstraint(
            "district_id", "object_key", name=op.f("uq_uploaded_files_district_id_object_key")
        ),
        schema="app",
    )
    index_uploaded_files()


def index_uploaded_files() -> None:
    is_visible, is_kept = sa.text("deleted_at IS NULL"), sa.text("object_key IS NOT NULL")
    op.create_index(
        "uq_uploaded_files_content",
        "uploaded_files",
        ["district_id", "owner_id", "sha256"],
        unique=True,
        schema="app",
        postgresql_where=is_visible,
    )
    op.create_index(
        "ix_uploaded_files_owner", "uploaded_files", ["district_id", "owner_id", "id"], schema="app"
    )
    op.create_index(
        "ix_uploaded_files_kept",
        "uploaded_files",
        ["district_id", "delete_by"],
        schema="app",
        postgresql_where=is_kept,
    )


def create_file_removals() -> None:
    name = "file_removals"
    op.create_table(
        name,
        sa.Column("district_id", sa.Uuid(), nullable=False),
        sa.Column("school_id", sa.Uuid(), nullable=True),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("file_id", sa.Uuid(), nullable=True),
        sa.Column("object_key", sa.String(), nullable=False),
        sa.Column("reason", choice(*REASONS, name="reason"), nullable=False),
        sa.Column("removed_at", sa.DateTime(timezone=True), nullable=False),
        *moments(),
        reference(name, ["district_id"], "districts", ["district_id"]),
        reference(name, ["district_id", "school_id"], "schools", ["district_id", "id"]),
        sa.PrimaryKeyConstraint("district_id", "id", name=op.f("pk_file_removals")),
        schema="app",
    )
    op.create_index("ix_file_removals_file", name, ["district_id", "file_id"], schema="app")

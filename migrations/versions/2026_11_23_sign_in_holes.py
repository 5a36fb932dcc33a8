"""Signing in: codes and sessions that end with what they rest on.

What it locks and for how long: `auth.oauth_codes` while its small index is built.

Revision ID: b1c7a5e2d903
Revises: 9e992c095343
"""

from pathlib import Path

from alembic import op

SQL = Path(__file__).parents[1] / "sql"

revision = "b1c7a5e2d903"
down_revision = "9e992c095343"
branch_labels = None
depends_on = None


def upgrade() -> None:
    as_auth_owner("2026_11_23_sign_in_holes.sql")


def downgrade() -> None:
    as_auth_owner("2026_11_23_sign_in_holes_undone.sql")


def as_auth_owner(file: str) -> None:
    op.execute("SET ROLE auth_owner")
    op.execute((SQL / file).read_text())
    op.execute("SET ROLE app_owner")

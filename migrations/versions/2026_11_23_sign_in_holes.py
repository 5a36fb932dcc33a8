"""Signing in: codes and sessions that end with what they rest on.

Revision ID: b1c7a5e2d903
Revises: 9e992c095343
"""

revision = "b1c7a5e2d903"
down_revision = "9e992c095343"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Nothing yet."""


def downgrade() -> None:
    """Nothing yet."""

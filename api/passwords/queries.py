"""Calls of the `auth.*` functions for passwords."""

from sqlalchemy import text

CREDENTIALS_OF = text("SELECT password_hash FROM auth.credentials_of(:user_id)")
CHANGE_PASSWORD_HASH = text("SELECT auth.change_password_hash(:user_id, :password_hash)")

"""Calls of the `auth.*` functions that link a provider's account to a person."""

from sqlalchemy import text

FIND_LINKED_IDENTITY = text("SELECT user_id, district_id FROM auth.find_linked_identity(:issuer, :subject)")
LINK_IDENTITY = text("SELECT auth.link_identity(:issuer, :subject, :user_id)")

"""Registered OAuth clients, written by the operator as the owner of the tables."""

from datetime import UTC, datetime
from typing import Any
from urllib.parse import urlsplit

from sqlalchemy import text

from ops.directory import OwnerDesk

LOOPBACK = {"localhost", "127.0.0.1", "[::1]", "::1"}


def check_redirect_uri(address: str) -> str | None:
    """Say what is wrong with an address codes would be sent to, or None (RFC 6749 section 3.1.2, RFC 8252)."""
    parts = urlsplit(address)
    if not parts.scheme or (parts.scheme in {"http", "https"} and not parts.hostname):
        return "write the whole address, with https://"
    if parts.fragment or "*" in address or any(character.isspace() for character in address):
        return "no fragment, wildcard or space may be in it"
    if parts.scheme == "http" and parts.hostname not in LOOPBACK:
        return "only this machine may be reached without https"
    if parts.scheme in {"javascript", "data", "file", "vbscript"}:
        return "a browser must not run or open this"
    return None


def put_client(desk: OwnerDesk, client_id: str, name: str, redirect_uris: list[str]) -> None:
    """Register a client, or replace its name and addresses."""
    desk.connection.execute(
        text("SELECT auth.put_oauth_client(:client_id, :name, :redirect_uris)"),
        {"client_id": client_id, "name": name, "redirect_uris": redirect_uris},
    )


def list_clients(desk: OwnerDesk) -> list[dict[str, Any]]:
    """Return the clients by name, at most a thousand."""
    rows = desk.connection.execute(
        text("SELECT client_id, name, redirect_uris FROM auth.list_oauth_clients()")
    )
    return [dict(row) for row in rows.mappings()]


def delete_client(desk: OwnerDesk, client_id: str) -> int | None:
    """Remove a client and end its sessions; returns how many, None when there is no such client."""
    statement = text("SELECT auth.delete_oauth_client(:client_id, :now)")
    ended: int | None = desk.connection.scalar(statement, {"client_id": client_id, "now": datetime.now(UTC)})
    return ended

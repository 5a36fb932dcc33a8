"""Registered OAuth clients, written by the operator as the owner of the tables."""

import re
from datetime import UTC, datetime
from typing import Any
from urllib.parse import urlsplit

from sqlalchemy import text

from ops.directory import OwnerDesk

LOOPBACK = {"localhost", "127.0.0.1", "::1"}
_HOST = re.compile(r"(\[[0-9A-Fa-f:]+\]|[A-Za-z0-9.-]+)(:\d+)?")


def check_redirect_uri(address: str) -> str | None:
    """Say what is wrong with an address codes would be sent to, or None (RFC 6749 section 3.1.2, RFC 8252)."""
    try:
        parts = urlsplit(address)
    except ValueError:
        return "this is no address"
    if not address.isascii() or not address.isprintable() or set(address) & set(" \"'<>\\^`{|}*#"):
        return "no fragment, wildcard, space or quote may be in it"
    if parts.scheme in {"http", "https"} and _HOST.fullmatch(parts.netloc) is None:
        return "write the whole address, with a host and no user name"
    if parts.scheme == "http" and parts.hostname not in LOOPBACK:
        return "only this machine may be reached without https"
    if parts.scheme not in {"http", "https"} and "." not in parts.scheme:
        return "write https://…, or the scheme of an installed application with a dot in it, as com.example.app:/…"
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

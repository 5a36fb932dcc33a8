"""What a client event is acknowledged with: `{"ok": true, "data": …}` or `{"ok": false, "error": {…}}`."""

from typing import Any

from core.errors import AppError


def accepted(data: dict[str, Any]) -> dict[str, Any]:
    """Acknowledge an event that was carried out."""
    return {"ok": True, "data": data}


def refused(error: AppError) -> dict[str, Any]:
    """Acknowledge an event that was not, with its stable code, one sentence and what the code carries."""
    details: dict[str, Any] = getattr(error, "details", {})
    return {"ok": False, "error": {"code": error.code, "message": error.message, **details}}

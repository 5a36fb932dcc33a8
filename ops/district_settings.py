"""What a district decides for itself, written by the operator as the owner of the tables."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from sqlalchemy import insert, text

from core.domain.class_performance import SMALL_CELL_STUDENTS
from core.domain.mastery import DEFAULT_THRESHOLDS
from core.ids import new_id
from core.models import tenant_audit_events
from core.tenancy import TenantId
from ops.directory import DirectoryError, OwnerDesk

DEFAULTS: dict[str, Decimal] = {
    "struggling_percent": Decimal(str(DEFAULT_THRESHOLDS.struggling_percent)),
    "struggling_probability": Decimal(str(DEFAULT_THRESHOLDS.struggling_probability)),
    "secure_percent": Decimal(str(DEFAULT_THRESHOLDS.secure_percent)),
    "small_cell_minimum": Decimal(SMALL_CELL_STUDENTS),
}
"""The thresholds a district may set, and what holds where it has not."""
_KNOWN = text("SELECT 1 FROM app.district_directory WHERE id = :district_id")
_OWN = text(
    f"SELECT ai_enabled, ai_monthly_budget_usd, ai_release_confidence, {', '.join(DEFAULTS)}"
    " FROM app.district_settings WHERE district_id = :district_id"
)
_SPENT = text(
    "SELECT spent_usd, reserved_usd FROM app.ai_spending WHERE district_id = :district_id AND month = :month"
)
_PUT = text(
    "INSERT INTO app.district_settings (district_id, ai_enabled, ai_monthly_budget_usd, ai_release_confidence)"
    " VALUES (:district_id, coalesce(:ai_enabled, true), :ai_monthly_budget_usd, :ai_release_confidence)"
    " ON CONFLICT (district_id) DO UPDATE SET updated_at = :now,"
    " ai_enabled = coalesce(:ai_enabled, district_settings.ai_enabled),"
    " ai_monthly_budget_usd = coalesce(:ai_monthly_budget_usd, district_settings.ai_monthly_budget_usd),"
    " ai_release_confidence = CASE WHEN :teacher_first THEN NULL"
    " ELSE coalesce(:ai_release_confidence, district_settings.ai_release_confidence) END"
)


@dataclass(frozen=True, kw_only=True)
class Decisions:
    """What shall change; None: as it is."""

    ai_enabled: bool | None = None
    ai_monthly_budget_usd: Decimal | None = None
    ai_release_confidence: Decimal | None = None
    """From there on a model's score of a written answer counts without a teacher."""
    teacher_first: bool = False
    """Every score goes to the teacher first, again."""
    thresholds: Mapping[str, Decimal | None] = field(default_factory=dict)
    """Of DEFAULTS, those that change; None: the default holds again."""

    @property
    def about_models(self) -> dict[str, Any]:
        return {name: value for name, value in vars(self).items() if name != "thresholds"}

    @property
    def changed(self) -> dict[str, Any]:
        given = {name: value for name, value in self.about_models.items() if value is not None}
        if not self.teacher_first:
            del given["teacher_first"]
        own = {name: "default" if value is None else value for name, value in self.thresholds.items()}
        return given | own


def show_settings(desk: OwnerDesk, district_id: UUID, default_budget: Decimal) -> dict[str, Any]:
    """Return what holds for a district, and what this month has cost. Raises DirectoryError for an unknown one."""
    _enter(desk, district_id)
    own = desk.connection.execute(_OWN, {"district_id": district_id}).one_or_none()
    budget = None if own is None else own.ai_monthly_budget_usd
    month = datetime.now(UTC).date().replace(day=1)
    return {
        "district_id": str(district_id),
        "ai": own is None or own.ai_enabled,
        "ai_budget": _plain(default_budget if budget is None else budget),
        "ai_budget_is_own": budget is not None,
        "ai_release": _release(None if own is None else own.ai_release_confidence),
        **{name: _plain(value) for name, value in _thresholds(own).items()},
        "own_thresholds": ", ".join(name for name in DEFAULTS if own and getattr(own, name) is not None),
        **_spent_in(desk, district_id, month),
    }


def put_settings(desk: OwnerDesk, district_id: UUID, settings: Decisions) -> None:
    """Change what is given, and write it to the audit trail.

    Raises DirectoryError for an unknown district, and where struggling would not lie below secure.
    """
    _enter(desk, district_id)
    now = datetime.now(UTC)
    desk.connection.execute(_PUT, {"district_id": district_id, "now": now, **settings.about_models})
    if settings.thresholds:
        _put_thresholds(desk, district_id, settings.thresholds)
    row = {
        "district_id": district_id,
        "id": new_id(),
        "action": "changed",
        "object_type": "district_settings",
        "object_id": district_id,
        "details": {name: str(value) for name, value in settings.changed.items()},
        "occurred_at": now,
    }
    desk.connection.execute(insert(tenant_audit_events).values(row))


def _put_thresholds(desk: OwnerDesk, district_id: UUID, given: Mapping[str, Decimal | None]) -> None:
    changes = ", ".join(f"{name} = :{name}" for name in DEFAULTS if name in given)
    statement = text(f"UPDATE app.district_settings SET {changes} WHERE district_id = :district_id")
    desk.connection.execute(statement, {"district_id": district_id, **given})
    held = _thresholds(desk.connection.execute(_OWN, {"district_id": district_id}).one())
    if held["struggling_percent"] >= held["secure_percent"]:
        raise DirectoryError("struggling must lie below secure")


def _thresholds(own: Any) -> dict[str, Decimal]:
    """Return what holds, given the district's row or None."""
    decided: dict[str, Decimal | None] = {name: getattr(own, name, None) for name in DEFAULTS}
    return DEFAULTS | {name: value for name, value in decided.items() if value is not None}


def _enter(desk: OwnerDesk, district_id: UUID) -> None:
    if desk.connection.scalar(_KNOWN, {"district_id": district_id}) is None:
        raise DirectoryError(f"there is no district {district_id}")
    desk.enter(TenantId.from_command_line(district_id))


def _spent_in(desk: OwnerDesk, district_id: UUID, month: date) -> dict[str, str]:
    row = desk.connection.execute(_SPENT, {"district_id": district_id, "month": month}).one_or_none()
    spent, reserved = (Decimal(0), Decimal(0)) if row is None else row
    return {"month": f"{month:%Y-%m}", "spent": _plain(spent), "set_aside": _plain(reserved)}


def _release(confidence: Decimal | None) -> str:
    return "teacher first" if confidence is None else f"from {confidence.normalize():f} on"


def _plain(amount: Decimal) -> str:
    return f"{Decimal(amount).normalize():f}"

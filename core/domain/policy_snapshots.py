"""The policy of a class as the rules understand it, from the snapshot that is stored."""

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from core.domain.drop_rules import DropRule
from core.domain.gradebook import CategoryRule, GradingPolicy
from core.domain.grading import PERCENT_PLACES
from core.domain.late_work import LateInterval, LateMode, LatePolicy
from core.domain.letters import DEFAULT_LETTERS, Cutoff, LetterScale


def policy_of(version: int, content: Mapping[str, Any]) -> GradingPolicy:
    """Read a stored snapshot; what it does not say is as in the default policy. Raises ValueError."""
    missing = content.get("missing_deduction")
    return GradingPolicy(
        version=version,
        weighted=content.get("weighted", False),
        drop_rule=DropRule(content.get("drop_rule", DropRule.JOINT)),
        places=content.get("places", PERCENT_PLACES),
        letters=_letters(content.get("letters")),
        late=_late(content.get("late")),
        missing_deduction=None if missing is None else Decimal(missing),
        categories=tuple(_category(raw) for raw in content.get("categories", ())),
    )


def _letters(rows: list[Mapping[str, Any]] | None) -> LetterScale:
    if not rows:
        return DEFAULT_LETTERS
    return LetterScale(tuple(Cutoff(row["letter"], Decimal(row["percent"])) for row in rows))


def _late(raw: Mapping[str, Any] | None) -> LatePolicy | None:
    if raw is None:
        return None
    floor = raw.get("minimum_percent")
    return LatePolicy(
        percent=Decimal(raw["percent"]),
        mode=LateMode(raw.get("mode", LateMode.PER_INTERVAL)),
        interval=LateInterval(raw.get("interval", LateInterval.DAY)),
        minimum_percent=None if floor is None else Decimal(floor),
    )


def _category(raw: Mapping[str, Any]) -> CategoryRule:
    return CategoryRule(
        id=raw["id"],
        name=raw["name"],
        weight=Decimal(raw.get("weight", 0)),
        drop_lowest=raw.get("drop_lowest", 0),
        drop_highest=raw.get("drop_highest", 0),
    )

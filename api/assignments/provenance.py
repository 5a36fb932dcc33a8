"""Where a copied question comes from, told together with what was told before."""

from typing import Any
from uuid import UUID

from core.models import GenerationMode


def copied_from(origin: str, before: dict[str, Any] | None, **ids: UUID) -> dict[str, Any]:
    """Return the provenance of a copy: `{"origin": "bank", "bank_id": …, "before": …}`.

    `before` is the provenance of what was copied, so that a question a machine wrote stays known as one.
    """
    copy = {"origin": origin, **{name: str(value) for name, value in ids.items()}}
    return copy if before is None else {**copy, "before": before}


def is_unread(provenance: dict[str, Any] | None) -> bool:
    """Say whether a bank's question was written into it by a machine, so that nobody has looked at it yet.

    What came into a bank from an assignment had been accepted there.
    """
    return provenance is not None and provenance.get("origin") in {GenerationMode.AI, GenerationMode.OFFLINE}

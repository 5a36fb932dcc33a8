"""Where a copied question comes from, told together with what was told before."""

from typing import Any
from uuid import UUID


def copied_from(origin: str, before: dict[str, Any] | None, **ids: UUID) -> dict[str, Any]:
    """Return the provenance of a copy: `{"origin": "bank", "bank_id": …, "before": …}`.

    `before` is the provenance of what was copied, so that a question a machine wrote stays known as one.
    """
    copy = {"origin": origin, **{name: str(value) for name, value in ids.items()}}
    return copy if before is None else {**copy, "before": before}

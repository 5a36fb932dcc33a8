"""What never leaves for a model: addresses, telephone numbers, and the names we are told of."""

import re
from collections.abc import Iterable, Mapping
from typing import Any

_ADDRESS = re.compile(r"[\w.+-]+@[\w-]+(\.[\w-]+)+")
_TELEPHONE = re.compile(r"(?<![\w.,/])\+?\(?\d{2,4}\)?[ -]\(?\d{2,4}\)?[ -]\d{3,4}(?:[ -]?\d{1,4})?(?![\w/])")
"""Groups of digits with blanks or hyphens between them; years, decimals and sums are left alone."""


def redacted(value: Any, names: Iterable[str] = ()) -> Any:
    """Return the same structure with every text redacted; `names` are replaced whole, whatever their case."""
    known = [name for name in names if name.strip()]
    pattern = re.compile(r"\b(" + "|".join(map(re.escape, known)) + r")\b", re.IGNORECASE) if known else None
    return _redacted(value, pattern)


def _redacted(value: Any, names: re.Pattern[str] | None) -> Any:
    if isinstance(value, str):
        without = _TELEPHONE.sub("[telephone]", _ADDRESS.sub("[address]", value))
        return names.sub("[name]", without) if names else without
    if isinstance(value, Mapping):
        return {key: _redacted(item, names) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_redacted(item, names) for item in value]
    return value

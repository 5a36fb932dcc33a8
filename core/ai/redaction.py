"""What must not leave the house: e-mail addresses, telephone numbers, names and ids, each behind a placeholder.

The same data always gets the same placeholders, so a reply that quotes it can be put back word for word.
"""

import re
from collections.abc import Iterable, Mapping
from typing import Any

_PATTERNS = {
    "id": r"[0-9a-fA-F]{8}-(?:[0-9a-fA-F]{4}-){3}[0-9a-fA-F]{12}",
    "email": r"[\w.+%-]{1,64}@[\w-]{1,63}(?:\.[\w-]{1,63})+",  # unbounded, it reads a long word over and over
    "phone": r"(?<![\w.])(?:\+\d{1,3}[ .-]?)?(?:\(\d{3}\) ?|\d{3}[ .-])\d{3}[ .-]\d{4}(?!\w)"
    r"|(?<!\w)\+\d{1,3}(?:[ .()/-]{0,2}\d){7,12}(?!\w)",
}


class Redaction:
    """The placeholders of one question."""

    def __init__(self, names: Iterable[str] = ()) -> None:
        patterns = dict(_PATTERNS)
        wanted = sorted({name.strip() for name in names if len(name.strip()) > 1}, key=len, reverse=True)
        if wanted:
            patterns["name"] = r"(?<!\w)(?i:" + "|".join(re.escape(name) for name in wanted) + r")(?!\w)"
        self._secret = re.compile("|".join(f"(?P<{kind}>{pattern})" for kind, pattern in patterns.items()))
        self._placeholders: dict[str, str] = {}
        self._originals: dict[str, str] = {}

    def hide(self, value: Any) -> Any:
        """Return JSON-like data with every text redacted; keys of objects are our own and stay."""
        if isinstance(value, str):
            return self._secret.sub(self._placeholder, value)
        if isinstance(value, Mapping):
            return {key: self.hide(part) for key, part in value.items()}
        if isinstance(value, list | tuple):
            return [self.hide(part) for part in value]
        return value

    def restore(self, value: Any) -> Any:
        """Return a reply with what its placeholders stand for, and without NUL, which no table can hold."""
        if isinstance(value, str):
            legible = value.replace("\x00", "")
            return re.sub(r"\[[a-z]+ \d+\]", lambda found: self._originals.get(found[0], found[0]), legible)
        if isinstance(value, Mapping):
            return {key: self.restore(part) for key, part in value.items()}
        if isinstance(value, list):
            return [self.restore(part) for part in value]
        return value

    def _placeholder(self, found: re.Match[str]) -> str:
        original = found[0]
        if original not in self._placeholders:
            placeholder = f"[{found.lastgroup} {len(self._placeholders) + 1}]"
            self._placeholders[original] = placeholder
            self._originals[placeholder] = original
        return self._placeholders[original]

"""What people write, as it is kept: plain text that shows what it says."""

import re
import unicodedata

from core.messages.errors import EmptyMessageError

LONGEST = 4000
"""Characters of a message."""

_NOT_TEXT = re.compile(
    "[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f"  # control characters; a tab and a line break are text
    "\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069"  # they turn the direction of reading
    "\u200b\u2060-\u2065\u206a-\u206f\ufeff\ufff9-\ufffb\ufffe\uffff]"  # nothing to see
)
_EMPTY_LINES = re.compile(r"\n{4,}")


def clean(body: str) -> str:
    r"""Return a body as it is kept, in NFC; it is text and never markup, so `<b>` stays what was typed.

    Raises EmptyMessageError when nothing is left to read.

    >>> clean("  see you\x00 at\u202e 8 <3\r\n ")
    'see you at 8 <3'
    """
    text = body.encode(errors="ignore").decode().replace("\r\n", "\n").replace("\r", "\n")
    text = _EMPTY_LINES.sub("\n\n\n", _NOT_TEXT.sub("", unicodedata.normalize("NFC", text))).strip()
    if not any(character.isprintable() and not character.isspace() for character in text):
        raise EmptyMessageError(field="body")
    return text[:LONGEST]  # NFC may lengthen a text by a few signs

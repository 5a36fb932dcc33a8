"""Plain text files."""

import re

from api.extraction.decoding import decode
from api.extraction.limits import Request
from api.extraction.paragraphs import blocks_of
from api.extraction.reader import Reader
from api.extraction.refusals import ExtractionRefusedError, RefusalCode
from api.extraction.result import Caution, Extraction

_SOMETHING_ELSE = re.compile(
    rb"\s*(?:%PDF-|PK\x03\x04|GIF8[79]a|\xd0\xcf\x11\xe0|\{\\rtf|%!PS|<\?xml|<!doctype|<(?:html|svg|script|head|body)\b)",
    re.IGNORECASE,
)


def prepare(_request: Request) -> Reader:
    """Return the reader of plain text."""
    return _read


def _read(content: bytes) -> Extraction:
    if _SOMETHING_ELSE.match(content.removeprefix(b"\xef\xbb\xbf")):
        raise ExtractionRefusedError(RefusalCode.UNSUPPORTED)
    text, is_guess = decode(content)
    blocks = list(blocks_of(text))
    warnings = [Caution.ENCODING_GUESSED] if is_guess else []
    return Extraction(blocks=blocks, pages=max(text.count("\f") + 1, 1), warnings=warnings)

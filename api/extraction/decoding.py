"""Which characters the bytes of a plain text are: what a byte order mark says, what is valid, what is likely."""

import codecs
import encodings.cp1250
import encodings.cp1251
import encodings.cp1252
import encodings.utf_8_sig
import encodings.utf_16
import encodings.utf_16_be
import encodings.utf_16_le
import encodings.utf_32  # noqa: F401 - all of them before files can no longer be opened

from api.extraction.refusals import ExtractionRefusedError, RefusalCode

_MARKS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),  # before UTF-16, whose mark it begins with
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_OLD_CODE_PAGES = ("cp1252", "cp1250", "cp1251")
"""Western first: it wins when nothing speaks against it."""
_MOST_CONTROLS = 0.002
_SAMPLE = 20_000


def decode(content: bytes) -> tuple[str, bool]:
    """Return the text, and whether its encoding is a guess. Raises ExtractionRefusedError for what is no text."""
    text, is_guess = _decoded(content)
    if _share_of_controls(text) > _MOST_CONTROLS:
        raise ExtractionRefusedError(RefusalCode.UNSUPPORTED)
    return text, is_guess


def _decoded(content: bytes) -> tuple[str, bool]:
    for mark, encoding in _MARKS:
        if content.startswith(mark):
            return _strictly(content, encoding), False
    if b"\0" in content:
        return _strictly(content, _order_of_bytes(content)), True
    try:
        return content.decode("utf-8"), False
    except UnicodeDecodeError:
        return _likeliest(content), True


def _strictly(content: bytes, encoding: str) -> str:
    try:
        return content.decode(encoding)
    except UnicodeDecodeError as error:
        raise ExtractionRefusedError(RefusalCode.DAMAGED) from error


def _order_of_bytes(content: bytes) -> str:
    """Return which UTF-16 this is, by where the zeros stand: letters of Latin scripts have one on one side.

    Raises ExtractionRefusedError when zeros stand anywhere: no text has them.
    """
    even, odd = content[0:_SAMPLE:2].count(0), content[1:_SAMPLE:2].count(0)
    length = min(len(content), _SAMPLE) / 2
    if len(content) % 2 or max(even, odd) < 0.3 * length or min(even, odd) > 0.02 * length:
        raise ExtractionRefusedError(RefusalCode.UNSUPPORTED)
    return "utf-16-be" if even > odd else "utf-16-le"


def _likeliest(content: bytes) -> str:
    candidates = [content.decode(code_page, "replace") for code_page in _OLD_CODE_PAGES]
    return max(candidates, key=_plausibility)


def _plausibility(text: str) -> float:
    """Return how well the characters beyond ASCII stand in words: +1 for a small letter after a letter.

    A wrong code page puts signs and capitals into the middle of words: each costs 2.
    """
    score, before = 0, " "
    for character in text[:_SAMPLE]:
        if character > "\x7f":
            score += _fit(before, character)
        before = character
    return score


def _fit(before: str, character: str) -> int:
    if character in "–—‘’“”„…«»€§°\xa0":
        return 0
    if not character.isalpha() or (character.isupper() and before.islower()):
        return -2
    has_its_script = not before.isalpha() or (before > "\u0370") == (character > "\u0370")
    return 1 if has_its_script else -2


def _share_of_controls(text: str) -> float:
    sample = text[:_SAMPLE]
    controls = sum(character < " " and character not in "\t\n\r\f\x1a" for character in sample)
    controls += sum(character == "\ufffd" for character in sample)
    return controls / max(len(sample), 1)

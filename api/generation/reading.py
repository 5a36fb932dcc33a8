"""How hard a text is to read, and in which language it is."""

import re
from collections.abc import Collection

_WORD = re.compile(r"[^\W\d_]+(?:['’-][^\W\d_]+)*")
KNOWN_WORD_LENGTH = 5
"""Characters at most that a word of the lesson counts: students meet it there, however long it is."""


def words_of(text: str) -> list[str]:
    return _WORD.findall(text)


def readability_grade(text: str, known: Collection[str] = ()) -> float:
    """Return the Automated Readability Index, as a US grade (Senter & Smith 1967).

    4.71 · characters/words + 0.5 · words/sentences - 21.43; `known` words (lower case) count five characters at most.
    "The cat sat on the mat." is 4.71 · 17/6 + 0.5 · 6 - 21.43 = -5.09, which is before first grade.
    """
    words = words_of(text)
    if not words:
        return 0.0
    lengths = [min(len(word), KNOWN_WORD_LENGTH) if word.lower() in known else len(word) for word in words]
    sentences = max(1, len(re.findall(r"[.!?…]+(?:\s|$)", text)))
    return 4.71 * sum(lengths) / len(words) + 0.5 * len(words) / sentences - 21.43


def language_of(text: str) -> str:
    """Return the ISO 639-1 code of a text's language."""
    from py3langid import classify  # type: ignore[import-untyped]  # noqa: PLC0415 - 40 MB that only workers load

    code: str = classify(text[:5_000])[0]
    return code

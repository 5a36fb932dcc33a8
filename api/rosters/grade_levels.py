"""Grade levels as OneRoster writes them (CEDS: KG, 01 … 12), and as we count them (0 … 12)."""

from collections.abc import Sequence

_KINDERGARTEN = {"KG", "K", "0", "00"}
HIGHEST = 12


def grade_level(grades: Sequence[str]) -> int | None:
    """Return the one grade of a list; None when there are several, or one we do not teach (PK, 13, UG)."""
    if len(grades) != 1:
        return None
    code = grades[0].upper()
    if code in _KINDERGARTEN:
        return 0
    return int(code) if code.isdecimal() and code.isascii() and 1 <= int(code) <= HIGHEST else None


def grade_code(level: int | None) -> tuple[str, ...]:
    """Return a grade as a list of OneRoster's."""
    if level is None:
        return ()
    return ("KG",) if level == 0 else (f"{level:02d}",)

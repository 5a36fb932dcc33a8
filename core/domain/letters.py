"""Letters for percents, and percents for letters that a teacher types."""

from dataclasses import dataclass
from decimal import Decimal
from itertools import pairwise

ZERO = Decimal(0)
FULL = Decimal(100)
STEP = Decimal(1)
"""A typed letter lies this far below the next cutoff, in percent points."""
FINE_STEP = Decimal("0.1")
"""Where two cutoffs are closer than that."""


class UnknownLetterError(ValueError):
    """The scale has no such letter."""


@dataclass(frozen=True, slots=True)
class Cutoff:
    """From `percent` on, a grade is this letter."""

    letter: str
    percent: Decimal


@dataclass(frozen=True, slots=True)
class LetterScale:
    """Cutoffs from the highest to the lowest, which is 0. Raises ValueError for anything else."""

    rows: tuple[Cutoff, ...]

    def __post_init__(self) -> None:
        if not self.rows or self.rows[-1].percent != ZERO:
            raise ValueError("The lowest letter begins at 0.")
        if len({row.letter for row in self.rows}) != len(self.rows):
            raise ValueError("Each letter stands once in the scale.")
        if any(higher.percent <= lower.percent for higher, lower in pairwise(self.rows)):
            raise ValueError("Each cutoff is below the one before it.")


DEFAULT_LETTERS = LetterScale(
    tuple(
        Cutoff(letter, Decimal(percent))
        for letter, percent in (
            ("A", 94),
            ("A-", 90),
            ("B+", 87),
            ("B", 84),
            ("B-", 80),
            ("C+", 77),
            ("C", 74),
            ("C-", 70),
            ("D+", 67),
            ("D", 64),
            ("D-", 61),
            ("F", 0),
        )
    )
)


def letter_for(percent: Decimal | None, scale: LetterScale) -> str | None:
    """Return the first letter whose cutoff the stored, rounded percent reaches: 93.995, stored as 94.00, is an A.

    Below 0 counts as 0. None stays None.
    """
    if percent is None:
        return None
    reached = max(percent, ZERO)
    return next(row.letter for row in scale.rows if reached >= row.percent)


def percent_of_letter(letter: str, scale: LetterScale) -> Decimal:
    """Return the percent a typed letter stands for: the next higher cutoff less 1; the top letter is 100.

    B+ lies under A- (90): 89. Where cutoffs are closer than 1, the step is 0.1. Raises UnknownLetterError.
    """
    above: Decimal | None = None
    for row in scale.rows:
        if row.letter == letter:
            if above is None:
                return max(FULL, row.percent)
            return above - (STEP if above - row.percent >= STEP else FINE_STEP)
        above = row.percent
    raise UnknownLetterError(f"There is no letter {letter} in the scale.")

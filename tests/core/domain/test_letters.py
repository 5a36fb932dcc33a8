from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.domain.letters import (
    DEFAULT_LETTERS,
    Cutoff,
    LetterScale,
    UnknownLetterError,
    letter_for,
    percent_of_letter,
)


@pytest.mark.parametrize(
    ("percent", "letter"),
    [("94", "A"), ("93.99", "A-"), ("89.99", "B+"), ("60.99", "F"), ("0", "F"), ("112", "A"), ("-3", "F")],
)
def test_a_percent_gets_the_first_letter_whose_cutoff_it_reaches(percent: str, letter: str) -> None:
    assert letter_for(Decimal(percent), DEFAULT_LETTERS) == letter


def test_without_a_percent_there_is_no_letter() -> None:
    assert letter_for(None, DEFAULT_LETTERS) is None


@pytest.mark.parametrize(("letter", "percent"), [("A", "100"), ("A-", "93"), ("B+", "89"), ("F", "60")])
def test_a_typed_letter_lies_one_below_the_next_cutoff(letter: str, percent: str) -> None:
    assert percent_of_letter(letter, DEFAULT_LETTERS) == Decimal(percent)


def test_where_cutoffs_are_close_a_typed_letter_lies_a_tenth_below() -> None:
    scale = LetterScale((Cutoff("A", Decimal("90.5")), Cutoff("B", Decimal(90)), Cutoff("C", Decimal(0))))
    assert percent_of_letter("B", scale) == Decimal("90.4")
    assert percent_of_letter("C", scale) == Decimal(89)


def test_a_letter_of_no_scale_is_refused() -> None:
    with pytest.raises(UnknownLetterError, match="no letter Z"):
        percent_of_letter("Z", DEFAULT_LETTERS)


@given(st.sampled_from([row.letter for row in DEFAULT_LETTERS.rows]))
def test_a_typed_letter_comes_back_as_itself(letter: str) -> None:
    assert letter_for(percent_of_letter(letter, DEFAULT_LETTERS), DEFAULT_LETTERS) == letter


@pytest.mark.parametrize(
    ("rows", "message"),
    [
        ([], "begins at 0"),
        ([("A", 90)], "begins at 0"),
        ([("A", 90), ("A", 0)], "stands once"),
        ([("A", 90), ("B", 90), ("C", 0)], "below the one before"),
        ([("A", 50), ("B", 60), ("C", 0)], "below the one before"),
    ],
    ids=["empty", "not_zero", "twice", "equal", "rising"],
)
def test_a_scale_falls_to_zero_without_repeats(rows: list[tuple[str, int]], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        LetterScale(tuple(Cutoff(letter, Decimal(percent)) for letter, percent in rows))

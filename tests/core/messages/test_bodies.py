"""What people type, as it is kept: whatever they type, what is kept is text that shows what it says."""

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.messages.bodies import LONGEST, clean
from core.messages.errors import EmptyMessageError

TYPED = st.text(max_size=LONGEST).filter(
    lambda text: any(sign.isalnum() and unicodedata.is_normalized("NFC", sign) for sign in text)
)


@given(TYPED)
def test_what_is_kept_holds_nothing_unseen_and_is_not_cleaned_twice(typed: str) -> None:
    kept = clean(typed)
    assert 1 <= len(kept) <= LONGEST
    assert unicodedata.is_normalized("NFC", kept)
    assert not any(unicodedata.category(sign) == "Cc" for sign in kept if sign not in "\n\t")
    assert not any(unicodedata.bidirectional(sign) in {"LRE", "RLE", "LRO", "RLO", "PDF"} for sign in kept)
    assert not any(unicodedata.bidirectional(sign) in {"LRI", "RLI", "FSI", "PDI"} for sign in kept)
    assert clean(kept) == kept.strip()


@given(st.text(alphabet=" \t\n\r\x00\x1b\u200b\u200e\u202e\u2066\ufeff", max_size=50))
def test_what_shows_nothing_is_no_message(typed: str) -> None:
    with pytest.raises(EmptyMessageError):
        clean(typed)


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("\ud800 half a sign", "half a sign"),
        ("a\n\n\n\n\n\nb", "a\n\n\nb"),
        ("שלום", "שלום"),
        ("a\tb", "a\tb"),
        ("&lt;b&gt;", "&lt;b&gt;"),
        ("\U0001d15e" * 2000, "\U0001d157\U0001d165" * 2000),
    ],
    ids=["surrogate", "empty-lines", "right-to-left", "tab", "entities", "lengthened"],
)
def test_text_is_kept_as_it_reads(typed: str, kept: str) -> None:
    assert clean(typed) == kept


def test_what_grows_by_composition_is_cut_at_the_longest() -> None:
    assert len(clean("\U0001d15e" * LONGEST)) == LONGEST

import pytest
from hypothesis import given
from hypothesis import strategies as st

from api.generation.passages import BATCH_QUESTIONS, letters_in, plan_batches, sentences_of, split_passages
from tests.api.generation.conftest import chapter


def test_a_short_source_is_one_passage() -> None:
    assert split_passages(chapter()) == [chapter().strip()]


def test_a_source_is_cut_between_paragraphs() -> None:
    assert split_passages("aaaa\n\nbbbb\n \ncccc", size=10) == ["aaaa\n\nbbbb", "cccc"]


def test_a_long_paragraph_is_cut_between_sentences_and_a_long_sentence_anywhere() -> None:
    assert split_passages("One two. Three four. Five", size=12) == ["One two.", "Three four.", "Five"]
    assert split_passages("a" * 25, size=10) == ["a" * 10, "a" * 10, "a" * 5]


@given(st.text(alphabet="ab .”\n", max_size=300), st.integers(5, 40))
def test_passages_hold_every_word_and_none_is_too_long(source: str, size: int) -> None:
    passages = split_passages(source, size)
    assert all(len(passage) <= size for passage in passages)
    assert "".join("".join(passages).split()) == "".join(source.split())


def test_sentences_end_at_their_marks_and_not_at_the_ends_of_lines() -> None:
    assert sentences_of("It is\nhot. “Is it?” Yes!\n\nA title\n\nNo") == [
        "It is hot.",
        "“Is it?”",
        "Yes!",
        "A title",
        "No",
    ]


@pytest.mark.parametrize(("text", "letters"), [("", 0), ("12 34", 0), ("año 1", 3), ("水 ab", 3)])
def test_letters_count_in_any_alphabet(text: str, letters: int) -> None:
    assert letters_in(text) == letters


@given(st.integers(1, 200), st.integers(0, 50), st.integers(0, 20))
def test_batches_ask_for_everything_in_small_portions(
    passages: int, multiple_choice: int, free_response: int
) -> None:
    batches = plan_batches(
        [str(number) for number in range(passages)],
        multiple_choice=multiple_choice,
        free_response=free_response,
    )
    assert sum(batch.multiple_choice for batch in batches) == multiple_choice
    assert sum(batch.free_response for batch in batches) == free_response
    assert all(1 <= batch.multiple_choice + batch.free_response <= BATCH_QUESTIONS + 1 for batch in batches)
    assert len({batch.number for batch in batches}) == len(batches)


def test_few_questions_on_a_long_source_come_from_all_over_it() -> None:
    batches = plan_batches([str(number) for number in range(100)], multiple_choice=4, free_response=0)
    assert [batch.passage for batch in batches] == ["0", "25", "50", "75"]

import pytest

from api.generation.reading import language_of, readability_grade
from tests.api.generation.conftest import chapter


def test_the_worked_number_of_the_index() -> None:
    assert readability_grade("The cat sat on the mat.") == pytest.approx(4.71 * 17 / 6 + 0.5 * 6 - 21.43)


def test_words_of_the_lesson_are_not_held_against_a_question() -> None:
    prompt = "What is photosynthesis?"
    assert readability_grade(prompt, {"photosynthesis"}) < readability_grade(prompt) - 10


@pytest.mark.parametrize("text", ["", "?!", "7 · 8 = 56"])
def test_what_has_no_words_has_no_level(text: str) -> None:
    assert readability_grade(text) == 0.0


@pytest.mark.parametrize(
    ("name", "language"), [("photosynthesis", "en"), ("fractions", "en"), ("agua", "es")]
)
def test_the_language_of_a_chapter_is_known(name: str, language: str) -> None:
    assert language_of(chapter(name)) == language

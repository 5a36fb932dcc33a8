"""Drafts without a model."""

import pytest

from api.generation.bodies import acceptance
from api.generation.gate import Lesson, check, passed
from api.generation.offline import GAP, Draft, Drafts, draft_questions
from api.generation.passages import sentences_of
from api.generation.reading import language_of
from api.generation.terms import key_terms
from core.models import Difficulty
from tests.api.generation.conftest import chapter

CHAPTERS = ["photosynthesis", "fractions", "agua"]


def drafts_of(text: str, taken: frozenset[str] = frozenset()) -> Drafts:
    return draft_questions(text, text, Draft(language_of(text), Difficulty.MEDIUM), taken)


@pytest.mark.parametrize("name", CHAPTERS)
def test_a_chapter_yields_ten_questions_that_pass_the_gate(name: str) -> None:
    text = chapter(name)
    lesson = Lesson.of(text, grade_level=None, language=language_of(text))
    good = [
        question
        for question in drafts_of(text).choices
        if passed([*check(question, lesson), acceptance(question)])
    ]
    assert len(good) >= 10


@pytest.mark.parametrize("name", CHAPTERS)
def test_a_gap_is_filled_by_one_option_only(name: str) -> None:
    sentences = set(sentences_of(chapter(name)))
    for question in drafts_of(chapter(name)).choices:
        texts = [option.text for option in question.options]
        cloze = question.prompt.split("? ", 1)[1]
        filled = [cloze.replace(GAP, text) for text in texts]
        assert [text for text in filled if text in sentences] == [question.evidence]
        assert filled[question.correct_index] == question.evidence
        assert cloze.count(GAP) == 1


@pytest.mark.parametrize("name", CHAPTERS)
def test_wrong_options_are_other_words_of_the_source(name: str) -> None:
    source = chapter(name).lower()
    for question in drafts_of(chapter(name)).choices:
        right, *wrong = [option.text.lower() for option in question.options]
        assert len({right, *wrong}) == 4
        assert all(word in source and word not in question.evidence.lower().split() for word in wrong)


def test_no_sentence_is_used_twice_nor_one_that_is_taken() -> None:
    evidence = [question.evidence for question in drafts_of(chapter()).choices]
    assert len(set(evidence)) == len(evidence)
    left = drafts_of(chapter(), taken=frozenset(evidence[:3])).choices
    assert not {question.evidence for question in left} & set(evidence[:3])


def test_key_terms_are_what_the_chapter_is_about() -> None:
    terms = {term.lower() for term in key_terms(chapter(), "en")}
    assert {"photosynthesis", "chlorophyll", "stomata", "glucose"} <= terms
    assert not terms & {"make", "does", "the", "when"}


def test_questions_in_spanish_are_asked_in_spanish() -> None:
    drafts = drafts_of(chapter("agua"))
    assert all(question.prompt.startswith("¿Qué palabra completa") for question in drafts.choices)
    assert all(question.prompt.startswith("Explica con tus propias palabras") for question in drafts.frees)


@pytest.mark.parametrize(
    "text",
    ["水循环是地球上的水不断运动的过程。" * 30, "ab " * 100, "Water. " * 60, "no end " * 500, "?!… " * 100],
    ids=["chinese", "no sentence", "one word", "one long line", "no letters"],
)
def test_too_little_material_yields_nothing_and_breaks_nothing(text: str) -> None:
    assert drafts_of(text).choices == []

"""Drafts without a model: key terms by statistics (YAKE), sentences with a gap, wrong options from the same source.

It finds and cuts; it understands nothing, and says so: what it writes is marked `offline` and nobody has solved it.
"""

import re
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass

from rapidfuzz import fuzz

from api.generation.passages import sentences_of
from api.generation.replies import WrittenCriterion, WrittenOption, WrittenQuestion
from api.generation.terms import key_terms
from core.models import Difficulty

WORDS_IN_SENTENCE = (6, 40)
SAME_WORD_PERCENT = 75
"""Alike in this share of their letters: forms of one word ("plant", "plants"), which would both be right."""
GAP = "_____"

_DEFINES = re.compile(
    r"(?i)\b(is|are|was|called|means|consists|es|son|se llama|significa|est|sont|ist|sind|heißt)\b"
)


@dataclass(frozen=True, slots=True)
class Wording:
    """What surrounds a sentence in the language of the source."""

    complete: str
    explain: str
    states: str
    own_words: str


_ENGLISH = Wording(
    "Which word completes the sentence? {sentence}",
    "Explain in your own words what the text says about “{term}”.",
    "Says what the text says about “{term}”",
    "Uses own words",
)
_WORDINGS = {
    "en": _ENGLISH,
    "es": Wording(
        "¿Qué palabra completa la frase? {sentence}",
        "Explica con tus propias palabras qué dice el texto sobre «{term}».",
        "Dice lo que el texto dice sobre «{term}»",
        "Usa palabras propias",
    ),
    "fr": Wording(
        "Quel mot complète la phrase ? {sentence}",
        "Expliquez avec vos propres mots ce que le texte dit de « {term} ».",
        "Dit ce que le texte dit de « {term} »",
        "Utilise ses propres mots",
    ),
    "de": Wording(
        "Welches Wort vervollständigt den Satz? {sentence}",
        "Erkläre mit eigenen Worten, was der Text über „{term}“ sagt.",
        "Sagt, was der Text über „{term}“ sagt",
        "Verwendet eigene Worte",
    ),
}
"""Others are asked in English about sentences in their own language."""


@dataclass(frozen=True, slots=True)
class Draft:
    """What is asked for, beside how much."""

    language: str
    difficulty: Difficulty


@dataclass(frozen=True, slots=True)
class Drafts:
    """The same sentences as gaps to fill and as things to explain: use each once."""

    choices: list[WrittenQuestion]
    frees: list[WrittenQuestion]


@dataclass(frozen=True, slots=True)
class Place:
    """A key term and the sentence that it is cut from."""

    term: str
    sentence: str


def draft_questions(passage: str, source: str, wanted: Draft, taken: Collection[str]) -> Drafts:
    """Return everything a passage yields, best first, from sentences that are not `taken`."""
    wording = wording_of(wanted.language)
    terms = key_terms(source, wanted.language)
    places = list(_places(passage, terms, taken))
    choices = [_choice(place, terms, wording, wanted.difficulty) for place in places]
    return Drafts(
        [question for question in choices if question is not None],
        [_free(place, wording, wanted.difficulty) for place in places],
    )


def wording_of(language: str | None) -> Wording:
    return _WORDINGS.get(language or "en", _ENGLISH)


def _places(passage: str, terms: Sequence[str], already: Collection[str]) -> Iterator[Place]:
    """Yield a sentence for each term, best terms first and defining sentences before others; none twice."""
    low, high = WORDS_IN_SENTENCE
    sentences = [text for text in dict.fromkeys(sentences_of(passage)) if low <= len(text.split()) <= high]
    taken = set(already)
    for term in terms:
        holding = [text for text in sentences if text not in taken and len(_found(term, text)) == 1]
        if holding:
            best = next((text for text in holding if _DEFINES.search(text)), holding[0])
            taken.add(best)
            yield Place(term, best)


def _found(term: str, sentence: str) -> list[str]:
    return re.findall(rf"(?<!\w){re.escape(term)}(?!\w)", sentence, re.IGNORECASE)


def _choice(
    place: Place, terms: Sequence[str], wording: Wording, difficulty: Difficulty
) -> WrittenQuestion | None:
    """Cut the term out of its sentence; None when the source has not three other words of its kind."""
    (answer,) = _found(place.term, place.sentence)
    wrong = [_cased(term, answer) for term in _others(place, terms)][:3]
    if len(wrong) < 3:
        return None
    gapped = re.sub(rf"(?<!\w){re.escape(answer)}(?!\w)", GAP, place.sentence)
    return WrittenQuestion(
        kind="multiple_choice",
        prompt=wording.complete.format(sentence=gapped),
        options=[WrittenOption(text=text, feedback="") for text in (answer, *wrong)],
        correct_index=0,
        model_answer="",
        rubric=[],
        explanation=place.sentence,
        evidence=place.sentence,
        concept=None,
        difficulty=difficulty.value,
    )


def _others(place: Place, terms: Sequence[str]) -> list[str]:
    """Return other terms that could not stand in the gap, those of similar length first."""
    apart = [
        term
        for term in terms
        if fuzz.ratio(term.lower(), place.term.lower()) < SAME_WORD_PERCENT
        and not _found(term, place.sentence)
    ]
    different: list[str] = []
    for term in sorted(apart, key=lambda term: abs(len(term) - len(place.term))):
        if all(fuzz.ratio(term.lower(), other.lower()) < SAME_WORD_PERCENT for other in different):
            different.append(term)
    return different


def _cased(term: str, like: str) -> str:
    return term[:1].upper() + term[1:] if like[:1].isupper() else term.lower()


def _free(place: Place, wording: Wording, difficulty: Difficulty) -> WrittenQuestion:
    return WrittenQuestion(
        kind="free_response",
        prompt=wording.explain.format(term=place.term),
        options=[],
        correct_index=0,
        model_answer=place.sentence,
        rubric=[
            WrittenCriterion(criterion=wording.states.format(term=place.term), points=2),
            WrittenCriterion(criterion=wording.own_words, points=1),
        ],
        explanation=place.sentence,
        evidence=place.sentence,
        concept=None,
        difficulty=difficulty.value,
    )

"""Passages taken apart: sentences, and the words of one that a question may be about."""

import re
from collections import Counter
from dataclasses import dataclass

FEWEST_WORDS = 5
FEWEST_LETTERS = 4
LONGEST_SENTENCE = 240

_SENTENCE = re.compile(r"[^\s.!?…][^.!?…\n]*[.!?]")
_WORD = re.compile(r"[^\W\d_]{2,}")
_LITTLE_WORDS = """
about above after again also another around because been before being below between both cannot could does
down during each even every from have having here into itself just like made make many more most much must
never often once only other over same should since some such than that their them then there these they this
those through under until upon very were what when where which while whose will with within without would
your como cuando desde donde entre está están esta este estos hacia hasta para pero porque puede pueden sino
sobre también tiene tienen todo todos unos
"""
_LITTLE = frozenset(_LITTLE_WORDS.split())


@dataclass(frozen=True)
class Gap:
    """A sentence of a passage and the word that is taken out of it."""

    sentence: str
    word: str

    @property
    def cloze(self) -> str:
        return re.sub(rf"(?<!\w){re.escape(self.word)}(?!\w)", "_____", self.sentence)


def sentences_of(passage: str) -> list[str]:
    """Return the sentences one can ask about, in their order, word for word."""
    found = (match[0].strip() for match in _SENTENCE.finditer(passage))
    return [one for one in found if len(_WORD.findall(one)) >= FEWEST_WORDS and len(one) <= LONGEST_SENTENCE]


def content_words(text: str) -> list[str]:
    """Return the words that carry meaning, each once, in their order."""
    words = (word for word in _WORD.findall(text) if len(word) >= FEWEST_LETTERS)
    return list(dict.fromkeys(word for word in words if word.lower() not in _LITTLE))


def gaps_of(passage: str) -> list[Gap]:
    """Return one gap for each sentence: its content word that the passage uses most, else its longest."""
    counts = Counter(word.lower() for word in _WORD.findall(passage))
    gaps = []
    for sentence in sentences_of(passage):
        words = content_words(sentence.partition(" ")[2])  # the first word's capital says nothing
        if words:
            best = max(words, key=lambda word: (counts[word.lower()], len(word)))
            gaps.append(Gap(sentence, best))
    return gaps


def distractors(gap: Gap, passage: str, wanted: int = 3) -> list[str]:
    """Return words of the same passage that do not stand in the sentence, those of similar length first."""
    taken = {word.lower() for word in _WORD.findall(gap.sentence)}
    others = {word.lower(): word for word in content_words(passage) if word.lower() not in taken}
    unlike = sorted(others.values(), key=lambda word: (abs(len(word) - len(gap.word)), word))
    return [word if gap.word[0].isupper() else word.lower() for word in unlike[:wanted]]

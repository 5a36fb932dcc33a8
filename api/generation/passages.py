"""A source in passages a model can take in at once, and which of them how many questions come from."""

import re
from dataclasses import dataclass

PASSAGE_CHARACTERS = 6_000
"""About 1,500 tokens: room for the examples and the reply, and one subject at a time."""
BATCH_QUESTIONS = 5
"""Small enough that a reply is whole, and that a failed one is cheap to ask for again."""

_PARAGRAPHS = re.compile(r"\n\s*\n")
_SENTENCES = re.compile(r"(?:(?<=[.!?…。！？])|(?<=[.!?…。！？][\"'”’»)]))\s+")


@dataclass(frozen=True, slots=True)
class Batch:
    """Questions asked for together, from one passage; `number` counts from 0."""

    number: int
    passage: str
    multiple_choice: int
    free_response: int


def letters_in(source: str) -> int:
    """Return how many letters a source has, in any alphabet."""
    return sum(character.isalpha() for character in source)


def sentences_of(text: str) -> list[str]:
    """Return the sentences of a text, with single blanks between their words."""
    return [
        " ".join(sentence.split())
        for paragraph in _PARAGRAPHS.split(text)
        for sentence in _SENTENCES.split(paragraph)
        if sentence.strip()
    ]


def split_passages(source: str, size: int = PASSAGE_CHARACTERS) -> list[str]:
    """Cut a source into passages of at most `size` characters, between paragraphs, else sentences, else anywhere."""
    passages: list[str] = []
    for piece in _pieces(source.strip(), size):
        if passages and len(passages[-1]) + len(piece) + 2 <= size:
            passages[-1] += "\n\n" + piece
        else:
            passages.append(piece)
    return passages


def _pieces(source: str, size: int) -> list[str]:
    pieces: list[str] = []
    for paragraph in _PARAGRAPHS.split(source):
        if len(paragraph) <= size:
            pieces += [paragraph.strip()] if paragraph.strip() else []
            continue
        for sentence in sentences_of(paragraph):
            pieces += [sentence[start : start + size] for start in range(0, len(sentence), size)]
    return pieces


def plan_batches(passages: list[str], *, multiple_choice: int, free_response: int) -> list[Batch]:
    """Spread the questions over batches, and the batches over the whole source, not only its beginning."""
    total = multiple_choice + free_response
    count = max(-(-total // BATCH_QUESTIONS), min(len(passages), total))
    choices, frees = _shares(multiple_choice, count), _shares(free_response, count)[::-1]
    return [
        Batch(number, passages[number * len(passages) // count], choices[number], frees[number])
        for number in range(count)
        if choices[number] + frees[number]
    ]


def _shares(whole: int, parts: int) -> list[int]:
    """7 in 3 parts: 3, 2, 2."""
    return [whole // parts + (part < whole % parts) for part in range(parts)]

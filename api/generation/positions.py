"""Where the right options stand: evenly spread, in an order nobody can learn."""

import hashlib
from collections.abc import Sequence
from uuid import UUID

from api.generation.replies import WrittenQuestion

PLACES = 4


def spread_keys(questions: Sequence[WrittenQuestion], seed: UUID) -> list[WrittenQuestion]:
    """Return the questions with their options turned so that each place is right about equally often.

    Over n multiple-choice questions no two places differ by more than one; the order depends on `seed` alone.
    """
    places = _places(sum(bool(question.options) for question in questions), seed)
    return [_turned(question, places.pop()) if question.options else question for question in questions]


def _places(count: int, seed: UUID) -> list[int]:
    listed = [number % PLACES for number in range(count)]
    return [place for _, _, place in sorted((_draw(seed, at), at, place) for at, place in enumerate(listed))]


def _draw(seed: UUID, number: int) -> bytes:
    return hashlib.sha256(f"{seed}:{number}".encode()).digest()


def _turned(question: WrittenQuestion, place: int) -> WrittenQuestion:
    shift = question.correct_index - place
    options = [question.options[(at + shift) % PLACES] for at in range(PLACES)]
    return question.model_copy(update={"options": options, "correct_index": place})

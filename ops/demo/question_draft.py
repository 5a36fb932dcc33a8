"""What an author writes down for one question, before it belongs to a class."""

import re
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True, slots=True)
class Problem:
    """A prompt with its right answer, at least three plausible wrong ones (likeliest first), and the way there."""

    prompt: str
    correct: str
    wrong: tuple[str, ...]
    explanation: str

    @property
    def is_sound(self) -> bool:
        """Say whether four distinct options can be offered."""
        return len({self.correct, *self.wrong[:3]}) == 4


ProblemTemplate = Callable[[np.random.Generator], Problem]


def between(random: np.random.Generator, low: int, high: int) -> int:
    """Draw a whole number, both ends included."""
    return int(random.integers(low, high + 1))


def problem(prompt: str, correct: object, wrong: tuple[object, ...], explanation: str) -> Problem:
    """Write a problem whose answers may be given as numbers; minus signs become typographic everywhere."""
    options = tuple(_with_minus_signs(str(option)) for option in wrong)
    return Problem(
        _with_minus_signs(prompt), _with_minus_signs(str(correct)), options, _with_minus_signs(explanation)
    )


def _with_minus_signs(text: str) -> str:
    return re.sub(r"-(?=\d)", "−", text)


def sound_problem(template: ProblemTemplate, random: np.random.Generator) -> Problem:
    """Draw from a template until its four options differ; a template that cannot raises ValueError."""
    for _ in range(100):
        drawn = template(random)
        if drawn.is_sound:
            return drawn
    raise ValueError(f"{template.__name__} does not yield four distinct options")

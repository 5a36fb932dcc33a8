"""A suggestion without a model: how many of the wanted words an answer has. Never released; the teacher decides."""

import re
from decimal import ROUND_DOWN, Decimal
from typing import Any

from api.ai_grading.scoring import STEP, Scored, Task
from api.ai_grading.suspicions import normalised, signs_in

_WORD = re.compile(r"[^\W\d_]{4,}")
_NO_CONFIDENCE = Decimal(0)


def suggest(task: Task) -> Scored:
    """Return points in proportion to the words of substance an answer shares with the model answer, in half points.

    "Plants make sugar" beside "Plants make sugar from light": 3 of 4 words, of 2 points 1.5.
    """
    wanted, own = _words(task.model_answer or ""), _words(task.text)
    share = Decimal(len(wanted & own)) / len(wanted) if wanted else Decimal(0)
    steps = (share * task.points / STEP).to_integral_value(ROUND_DOWN) * STEP
    score = steps if task.partial_credit or share == 1 else Decimal(0)
    found = ", ".join(sorted(wanted & own)[:12])
    criterion: dict[str, Any] = {
        "criterion": "Words shared with the model answer",
        "points": format(score.normalize() + 0, "f"),
        "possible": format(task.points.normalize() + 0, "f"),
        "quote": None,
        "start": None,
        "end": None,
        "reason": f"Found: {found}" if found else "None was found.",
    }
    return Scored([criterion], min(score, task.points), _NO_CONFIDENCE, None, signs_in(task.text))


def _words(text: str) -> set[str]:
    return set(_WORD.findall(normalised(text).casefold()))

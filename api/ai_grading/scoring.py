"""From a model's reply to a score: code checks the passages, adds up, and decides nothing it cannot show."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import ROUND_DOWN, Decimal
from typing import Any

from api.ai_grading.replies import GradedAnswer, GradedCriterion
from api.ai_grading.suspicions import Suspicion, normalised, shares_words, signs_in

STEP = Decimal("0.5")
"""The smallest step of points where a criterion has no levels."""
LONGEST_FEEDBACK = 1_000
SAME_WORDS = 6
"""So many words of the model answer in a row are the model answer."""
_MARKUP = re.compile(r"<[^>]*>|\[([^\]]*)\]\([^)]*\)|https?://\S+|www\.\S+|[`*_#]{1,3}")


class UnusableReplyError(Exception):
    """The reply is well-formed and still no grade; `reason` is a stable code."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


@dataclass(frozen=True)
class Task:
    """What is to be graded."""

    text: str
    prompt: str
    model_answer: str | None
    rubric: Sequence[Mapping[str, Any]]
    points: Decimal
    partial_credit: bool
    seal: str = ""
    """Stands in what the model is told; in what it says it proves that instructions leaked."""

    @property
    def criteria(self) -> list[Mapping[str, Any]]:
        """The rubric, or, without one, the model answer as its only criterion."""
        if self.rubric:
            return list(self.rubric)
        return [{"criterion": "The answer says what the model answer says.", "points": str(self.points)}]


@dataclass(frozen=True)
class Scored:
    criteria: list[dict[str, Any]]
    score: Decimal
    confidence: Decimal
    feedback: str | None
    suspicions: list[Suspicion]


def score_of(task: Task, reply: GradedAnswer) -> Scored:
    """Turn a reply into points that the answer itself bears out. Raises UnusableReplyError.

    A criterion whose passage is not in the answer earns nothing. The sum never exceeds the question's points.
    """
    by_number = {entry.number: entry for entry in reply.criteria}
    if len(by_number) != len(reply.criteria) or set(by_number) != set(range(1, len(task.criteria) + 1)):
        raise UnusableReplyError("wrong_criteria")
    suspicions = signs_in(task.text)
    if reply.speaks_to_grader:
        suspicions.append(Suspicion("model_says_so", "The model found that the answer speaks to its grader."))
    shown = []
    for number, criterion in enumerate(task.criteria, start=1):
        entry, doubt = _borne_out(task.text, criterion, by_number[number])
        shown.append(entry)
        suspicions += doubt
    total = min(sum((Decimal(entry["points"]) for entry in shown), Decimal(0)), task.points)
    if not task.partial_credit and total < task.points:
        total = Decimal(0)
    suspicions += _implausible(task, total)
    feedback, leaks = _feedback(task, reply)
    return Scored(shown, total, Decimal(str(round(reply.confidence, 3))), feedback, [*suspicions, *leaks])


def _borne_out(
    text: str, criterion: Mapping[str, Any], entry: GradedCriterion
) -> tuple[dict[str, Any], list[Suspicion]]:
    """Keep the points of a criterion where its passage is in the answer. Raises UnusableReplyError."""
    possible = Decimal(str(criterion["points"]))
    points = Decimal(str(entry.points))
    if not 0 <= points <= possible:
        raise UnusableReplyError("points_out_of_range")
    points = _stepped(points, possible, criterion.get("levels") or ())
    answer, quote = normalised(text), normalised(entry.quote)
    start = answer.casefold().find(quote.casefold()) if quote else -1
    doubt = []
    if points and start < 0:
        points = Decimal(0)
        doubt.append(Suspicion("passage_not_in_answer", entry.quote[:80]))
    found = start >= 0 and points > 0
    shown = {
        "criterion": criterion["criterion"],
        "points": format(points.normalize() + 0, "f"),
        "possible": format(possible.normalize() + 0, "f"),
        "quote": answer[start : start + len(quote)] if found else None,
        "start": start if found else None,
        "end": start + len(quote) if found else None,
        "reason": _plain(entry.reason)[:300],
    }
    return shown, doubt


def _stepped(points: Decimal, possible: Decimal, levels: Sequence[Mapping[str, Any]]) -> Decimal:
    """Return the highest allowed points that are not above what the model gave."""
    if levels:
        allowed = {Decimal(str(level["points"])) for level in levels} | {Decimal(0)}
        return max(value for value in allowed if value <= points)
    if points == possible:
        return points
    return (points / STEP).to_integral_value(ROUND_DOWN) * STEP


def _implausible(task: Task, total: Decimal) -> list[Suspicion]:
    """An answer that has no word in common with question, model answer or rubric hardly earns points."""
    wanted = [task.prompt, task.model_answer or "", *(str(one["criterion"]) for one in task.criteria)]
    if total and not shares_words(task.text, wanted):
        return [
            Suspicion("nothing_in_common", "No word of the question or the model answer is in the answer.")
        ]
    return []


def _feedback(task: Task, reply: GradedAnswer) -> tuple[str | None, list[Suspicion]]:
    """Return plain text for the student, or nothing where it would give away what is not theirs."""
    said = " ".join([reply.feedback, *(entry.reason for entry in reply.criteria)])
    if task.seal and task.seal in said:
        return None, [Suspicion("instructions_leaked", "The reply repeats what it was told to keep.")]
    feedback = _plain(reply.feedback)[:LONGEST_FEEDBACK]
    if not feedback or _gives_away(feedback, task):
        return None, []
    return feedback, []


def _gives_away(feedback: str, task: Task) -> bool:
    """Tell whether words of the model answer stand in the feedback that the student did not write."""
    if task.model_answer is None:
        return False
    words = normalised(task.model_answer).casefold().split()
    own, said = normalised(task.text).casefold(), normalised(feedback).casefold()
    length = min(SAME_WORDS, len(words))
    runs = [" ".join(words[start : start + length]) for start in range(len(words) - length + 1)]
    return any(run in said and run not in own for run in runs if run)


def _plain(text: str) -> str:
    """Return a text without markup or links."""
    return " ".join(_MARKUP.sub(r"\1", normalised(text)).split())

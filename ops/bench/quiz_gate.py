"""Whether the gate holds back what a teacher must not see, and lets pass what is good.

    python -m ops.bench.quiz_gate

89 scripted replies of a model (ops/bench/data/quiz_gate.toml) go through the very code that a generation job runs.
31 are defective, in 16 ways. The solver is scripted too and always right: a real one errs now and then, so real
figures are a little worse. The reference is what the reply's JSON schema catches alone.
"""

import asyncio
import json
import sys
import tomllib
from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import Any
from uuid import UUID

from pydantic import ValidationError

from api.generation.gate import Lesson
from api.generation.passages import Batch
from api.generation.replies import WrittenQuestion
from api.generation.writing import Desk, T, write_batch
from core.ai import Ask, BadReplyError, ModelRefusedError, Reply
from core.encryption import ColumnKeys
from core.jobs import job_context
from core.tenancy import TenantContext
from ops.bench.rounds import Goal, Spread, at_least, at_most, print_goals

REPLIES = Path(__file__).with_name("data") / "quiz_gate.toml"
LEAST_CAUGHT_PERCENT = 95
MOST_REJECTED_PERCENT = 5
CHECKS = {
    "wrong key": "solution",
    "wrong model answer": "solution",
    "two right options": "solution",
    "unanswerable": "solution",
    "evidence": "evidence",
    "repeat": "repeat",
    "leaked answer": "giveaway",
    "length": "giveaway",
    "reading level": "reading_level",
    "three options": "form",
    "five options": "form",
    "same options": "form",
    "all of the above": "form",
    "no rubric": "form",
    "malformed": "reply",
    "refusal": "reply",
}
"""The check that is there for each defect; caught by another one, a defect counts as caught, but is told of."""

_NOBODY = UUID(int=0)


@dataclass(frozen=True)
class Verdict:
    """What became of one reply; `failed` names the checks that it failed."""

    name: str
    defect: str | None
    is_let_pass: bool
    failed: tuple[str, ...]


def main() -> int:
    """Print what became of each kind of reply, and the goals; the exit code is 1 when one is missed."""
    verdicts = measure()
    _print_defects([verdict for verdict in verdicts if verdict.defect])
    for verdict in verdicts:
        if verdict.is_let_pass == (verdict.defect is not None):
            print(f"    wrong about: {verdict.name} ({verdict.defect or ', '.join(verdict.failed)})")
    return print_goals(goals(verdicts))


def measure() -> list[Verdict]:
    """Judge every scripted reply: the good ones of a passage as one quiz, each defective one beside them."""
    script = tomllib.loads(REPLIES.read_text(encoding="utf-8"))
    by_passage = defaultdict(list)
    for reply in script["replies"]:
        by_passage[reply["passage"]].append(reply)
    return [
        verdict
        for name, passage in script["passages"].items()
        for verdict in asyncio.run(_judge_quiz(passage, by_passage[name]))
    ]


def goals(verdicts: Sequence[Verdict]) -> list[Goal]:
    caught = [100.0 * (not verdict.is_let_pass) for verdict in verdicts if verdict.defect]
    rejected = [100.0 * (not verdict.is_let_pass) for verdict in verdicts if not verdict.defect]
    return [
        at_least("caught, % of the defective", _share(caught), LEAST_CAUGHT_PERCENT),
        at_most("rejected, % of the good", _share(rejected), MOST_REJECTED_PERCENT),
    ]


def _share(percents: Sequence[float]) -> Spread:
    """Return one figure: nothing here differs from run to run."""
    share = sum(percents) / len(percents)
    return Spread(share, share, share)


def _print_defects(verdicts: Sequence[Verdict]) -> None:
    """Print a line for each kind of defect."""
    counted, caught, meant = Counter[str](), Counter[str](), Counter[str]()
    for verdict in verdicts:
        defect = str(verdict.defect)
        counted[defect] += 1
        caught[defect] += not verdict.is_let_pass
        meant[defect] += CHECKS[defect] in verdict.failed
    for defect, count in counted.items():
        print(f"{defect:<20} {caught[defect]} of {count} caught, {meant[defect]} by {CHECKS[defect]}")
    by_schema = sum(verdict.failed == ("reply",) for verdict in verdicts)
    print(
        f"{'all defects':<20} {caught.total()} of {counted.total()} caught; by the schema alone {by_schema}"
    )


async def _judge_quiz(passage: dict[str, Any], replies: Sequence[dict[str, Any]]) -> list[Verdict]:
    lesson = Lesson.of(passage["text"], grade_level=passage["grade"], language=passage["language"])
    standing: list[WrittenQuestion] = []
    verdicts = []
    for reply in sorted(replies, key=lambda reply: "defect" in reply):  # the good ones first
        verdict, questions = await _judge(reply, lesson, standing)
        verdicts.append(verdict)
        standing += [] if verdict.defect else questions
    return verdicts


async def _judge(
    reply: dict[str, Any], lesson: Lesson, standing: Sequence[WrittenQuestion]
) -> tuple[Verdict, list[WrittenQuestion]]:
    """Return what the gate says of a reply, and the questions that it lets pass."""
    is_free = "model_answer" in reply
    batch = Batch(0, lesson.passage, multiple_choice=int(not is_free), free_response=int(is_free))
    judged = await write_batch(_desk(ScriptedModel(reply)), batch, lesson, standing, [])
    first = [entry for entry in judged if entry.attempt == 0]
    passed = [entry.question for entry in first if entry.has_passed and entry.question]
    failed = [finding.check for entry in first for finding in entry.findings if not finding.passed]
    name = f"{reply['passage']}: {reply.get('prompt') or reply['text']}"[:100]
    return Verdict(name, reply.get("defect"), bool(passed), tuple(failed)), passed


class ScriptedModel:
    """Says once what the script has it say, then writes nothing more; as a solver it knows the truth."""

    def __init__(self, reply: dict[str, Any]) -> None:
        self._reply = reply
        self._said = False

    async def ask(self, context: TenantContext, columns: ColumnKeys, ask: Ask[T]) -> Reply[T]:
        """Answer as the door to a real model does. Raises ModelRefusedError or BadReplyError."""
        del context, columns
        try:
            value = ask.reply.model_validate_json(self._text(ask))
        except ValidationError as error:
            raise BadReplyError from error
        return Reply(value, _NOBODY, "scripted", ask.prompt.label, Decimal(0), is_repeated=False)

    def _text(self, ask: Ask[Any]) -> str:
        if ask.purpose == "solve_questions":
            (question,) = ask.data["questions"]
            return json.dumps({"answers": [_solved(self._reply, question["options"])]})
        if self._said:
            return json.dumps({"questions": []})
        self._said = True
        if self._reply.get("defect") == "refusal":
            raise ModelRefusedError
        return str(self._reply.get("text") or json.dumps({"questions": [_written(self._reply)]}))


def _written(reply: dict[str, Any]) -> dict[str, Any]:
    """Return a question of the script with all that a model has to fill in."""
    return {
        "kind": "free_response" if "model_answer" in reply else "multiple_choice",
        "prompt": reply["prompt"],
        "options": [{"text": text, "feedback": ""} for text in reply.get("options", [])],
        "correct_index": reply.get("key", 0),
        "model_answer": reply.get("model_answer", ""),
        "rubric": [{"criterion": criterion, "points": 1} for criterion in reply.get("rubric", [])],
        "explanation": "",
        "evidence": reply["evidence"],
        "concept": None,
        "difficulty": "medium",
    }


def _solved(reply: dict[str, Any], posed: Sequence[str]) -> dict[str, Any]:
    """Return the scripted solution; `posed` are the options in the order in which the solver sees them."""
    solution = reply.get("solved", reply.get("key"))
    text, at = (solution, -1) if isinstance(solution, str) else ("", int(solution or 0))
    return {
        "number": 1,
        "answer_index": posed.index(reply["options"][at]) if at >= 0 else -1,
        "answer_text": text,
        "is_answerable": reply.get("defect") != "unanswerable",
    }


def _desk(model: ScriptedModel) -> Desk:
    return Desk(
        model=model,
        context=job_context(str(_NOBODY)),
        columns=ColumnKeys(()),
        generation_id=_NOBODY,
        school_id=_NOBODY,
        difficulty=None,
        concepts=(),
        require_wanted=_wanted,
    )


async def _wanted() -> None:
    """Nobody cancels a benchmark."""


if __name__ == "__main__":
    sys.exit(main())

"""Asking a model about one answer, and asking a second time, about less, when the answer is suspicious."""

import hashlib
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Any, Protocol, TypeVar
from uuid import UUID

from pydantic import BaseModel

from api.ai_grading.replies import CheckedAnswer, GradedAnswer
from api.ai_grading.scoring import Scored, Task, score_of
from api.ai_grading.suspicions import Suspicion, normalised
from core.ai import Ask, Reply, load_prompt
from core.encryption import ColumnKeys
from core.tenancy import TenantContext

DISAGREEMENT = Decimal("0.25")
"""Share of the points by which the second look may differ before it counts as a sign of its own."""
MOST_TOKENS = 1_200
MOST_TOKENS_OF_A_CHECK = 100

T = TypeVar("T", bound=BaseModel)


class Grader(Protocol):
    """A model, or a script that plays one."""

    async def ask(self, context: TenantContext, columns: ColumnKeys, ask: Ask[T]) -> Reply[T]:
        """Answer as `core.ai.Model` does."""


@dataclass(frozen=True, kw_only=True)
class Case:
    """One answer to be graded, and what is around it."""

    answer_id: UUID
    school_id: UUID
    rubric_version: int
    task: Task
    grade_level: int | None
    language: str
    names: tuple[str, ...]


@dataclass(frozen=True)
class Graded:
    scored: Scored
    model: str
    prompt_label: str
    interaction_id: UUID


async def grade(grader: Grader, context: TenantContext, columns: ColumnKeys, case: Case) -> Graded:
    """Return what a model's reply is worth. Raises what `Model.ask` raises, or UnusableReplyError."""
    task = replace(case.task, seal=_secret(case, "seal"))
    ask = Ask(
        purpose="grade_answer",
        subject_id=case.answer_id,
        prompt=load_prompt("grade_answer"),
        reply=GradedAnswer,
        data=_data(case, task),
        salt=str(case.rubric_version),
        school_id=case.school_id,
        names=case.names,
        max_output_tokens=MOST_TOKENS,
    )
    reply = await grader.ask(context, columns, ask)
    scored = score_of(task, reply.value)
    if scored.suspicions:
        scored = await _looked_at_again(grader, context, columns, case, scored)
    return Graded(scored, reply.model, reply.prompt_label, reply.interaction_id)


async def _looked_at_again(
    grader: Grader, context: TenantContext, columns: ColumnKeys, case: Case, scored: Scored
) -> Scored:
    """Ask how much of the model answer a suspicious answer states by itself; what differs is one more sign."""
    ask = Ask(
        purpose="check_answer",
        subject_id=case.answer_id,
        prompt=load_prompt("check_answer"),
        reply=CheckedAnswer,
        data={name: value for name, value in _data(case, case.task).items() if name in _OF_A_CHECK},
        salt=str(case.rubric_version),
        school_id=case.school_id,
        names=case.names,
        max_output_tokens=MOST_TOKENS_OF_A_CHECK,
    )
    second = (await grader.ask(context, columns, ask)).value
    share = scored.score / case.task.points
    signs = list(scored.suspicions)
    if abs(share - Decimal(str(second.share))) > DISAGREEMENT:
        detail = f"The second look finds {round(second.share * 100)} % of the model answer."
        signs.append(Suspicion("second_look_disagrees", detail))
    return replace(scored, suspicions=signs)


_OF_A_CHECK = {"question", "model_answer", "answer", "marker"}


def _data(case: Case, task: Task) -> dict[str, Any]:
    marker = _secret(case, "marker")
    return {
        "question": task.prompt,
        "model_answer": task.model_answer,
        "criteria": [
            {
                "number": number,
                "criterion": criterion["criterion"],
                "points": str(criterion["points"]),
                "levels": criterion.get("levels") or [],
            }
            for number, criterion in enumerate(task.criteria, start=1)
        ],
        "answer": f"{marker} {normalised(task.text)} {marker}",
        "marker": marker,
        "grade_level": case.grade_level,
        "language": case.language,
        "seal": task.seal,
    }


def _secret(case: Case, purpose: str) -> str:
    """Return a word that nobody can know who writes an answer: its id is made when it has been written.

    The same at each try, so that a question asked again after a crash is the same question, and free.
    """
    return hashlib.sha256(f"{purpose}:{case.answer_id}:{case.rubric_version}".encode()).hexdigest()[:10]

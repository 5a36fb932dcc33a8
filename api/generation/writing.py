"""One batch of questions from a model, through the gate, with one second try for what failed."""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Protocol, TypeVar
from uuid import UUID

from pydantic import BaseModel

from api.generation.bodies import acceptance
from api.generation.gate import Finding, Lesson, check, find_repeat, judge_solution, passed
from api.generation.passages import Batch
from api.generation.replies import SolvedAnswer, SolvedQuestions, WrittenQuestion, WrittenQuestions
from core.ai import Ask, BadReplyError, ModelRefusedError, Reply, load_prompt
from core.encryption import ColumnKeys
from core.models import CandidateState
from core.tenancy import TenantContext

_AS_REMINDER = 300
"""Characters of a question not to be repeated: fifty whole ones of 20,000 cost a hundred times the passage."""
_NO_REPLY = {
    BadReplyError: "The model's reply was not in the form it was asked for, twice.",
    ModelRefusedError: "The model declined to write about this passage.",
}


T = TypeVar("T", bound=BaseModel)


class Writer(Protocol):
    """Whoever writes and solves: a model, or a script that plays one."""

    async def ask(self, context: TenantContext, columns: ColumnKeys, ask: Ask[T]) -> Reply[T]:
        """Answer as `core.ai.Model` does."""


@dataclass(frozen=True, kw_only=True)
class Desk:
    """What writing needs around it."""

    model: Writer
    context: TenantContext
    columns: ColumnKeys
    generation_id: UUID
    school_id: UUID
    difficulty: str | None
    concepts: tuple[str, ...]
    require_wanted: Callable[[], Awaitable[None]]
    """Raises when the job was cancelled; asked before each call."""


@dataclass(frozen=True)
class Wanted:
    multiple_choice: int
    free_response: int

    @property
    def count(self) -> int:
        return self.multiple_choice + self.free_response


@dataclass(frozen=True, kw_only=True)
class Judged:
    """A question, or the place of one that never came, and what the gate said."""

    attempt: int
    question: WrittenQuestion | None
    findings: list[Finding]
    origin: dict[str, Any] = field(default_factory=dict)
    state: CandidateState = CandidateState.PASSED

    @property
    def has_passed(self) -> bool:
        return self.question is not None and passed(self.findings)


async def write_batch(
    desk: Desk, batch: Batch, lesson: Lesson, present: Sequence[WrittenQuestion], prompts: Sequence[str]
) -> list[Judged]:
    """Return everything that was written for a batch; at most as many as asked for have passed.

    `present` and `prompts` are not to be repeated. Raises what `Model.ask` raises when no model can answer.
    """
    wanted = Wanted(batch.multiple_choice, batch.free_response)
    first = await _attempt(_Try(desk, batch, lesson, 0), wanted, present, prompts)
    good = [judged for judged in first if judged.has_passed]
    missing = _missing(wanted, good)
    if not missing.count:
        return first
    failed = [replace(judged, state=CandidateState.REPLACED) for judged in first if not judged.has_passed]
    problems = [finding.reason for judged in failed for finding in judged.findings if finding.reason]
    taken = [*present, *(judged.question for judged in good if judged.question)]
    bad_prompts = [judged.question.prompt for judged in failed if judged.question]
    again = _Try(desk, batch, lesson, 1, tuple(dict.fromkeys(problems)), tuple(bad_prompts))
    second = await _attempt(again, missing, taken, prompts)
    kept_aside = [
        judged if judged.has_passed else replace(judged, state=CandidateState.QUARANTINED)
        for judged in second
    ]
    return [*good, *failed, *kept_aside]


@dataclass(frozen=True)
class _Try:
    desk: Desk
    batch: Batch
    lesson: Lesson
    attempt: int
    problems: tuple[str, ...] = ()
    bad_prompts: tuple[str, ...] = ()


def _missing(wanted: Wanted, good: Sequence[Judged]) -> Wanted:
    kinds = [judged.question.kind for judged in good if judged.question]
    return Wanted(
        max(0, wanted.multiple_choice - kinds.count("multiple_choice")),
        max(0, wanted.free_response - kinds.count("free_response")),
    )


async def _attempt(
    try_: _Try, wanted: Wanted, present: Sequence[WrittenQuestion], prompts: Sequence[str]
) -> list[Judged]:
    """Ask for questions, judge each alone and against the others, and have the rest solved."""
    try:
        written, origin = await _written(try_, wanted, [*prompts, *(question.prompt for question in present)])
    except (BadReplyError, ModelRefusedError) as error:
        return [_never_came(try_, _NO_REPLY[type(error)]) for _ in range(wanted.count)]
    judged = [
        Judged(attempt=try_.attempt, question=question, findings=findings, origin=origin)
        for question, findings in _examined(written, try_.lesson, present, prompts)
    ]
    few = [
        _never_came(try_, "The model wrote fewer questions than it was asked for.")
        for _ in range(wanted.count - len(judged))
    ]
    return [*await _solved(try_, judged), *few]


def _never_came(try_: _Try, reason: str) -> Judged:
    return Judged(attempt=try_.attempt, question=None, findings=[Finding("reply", False, reason)])


async def _written(
    try_: _Try, wanted: Wanted, avoid: Sequence[str]
) -> tuple[list[WrittenQuestion], dict[str, Any]]:
    desk, lesson = try_.desk, try_.lesson
    await desk.require_wanted()
    data = {
        "source": lesson.passage,
        "multiple_choice": wanted.multiple_choice,
        "free_response": wanted.free_response,
        "grade_level": lesson.grade_level,
        "language": lesson.language,
        "difficulty": desk.difficulty,
        "concepts": list(desk.concepts),
        "avoid": [prompt[:_AS_REMINDER] for prompt in (*avoid[-50:], *try_.bad_prompts)],
        "problems": list(try_.problems),
    }
    reply = await desk.model.ask(
        desk.context, desk.columns, _ask(try_, "write_questions", WrittenQuestions, data)
    )
    origin = {"model": reply.model, "prompt_version": reply.prompt_label}
    return _as_many_as(wanted, reply.value.questions), origin


def _ask(try_: _Try, purpose: str, reply: Any, data: dict[str, Any]) -> Ask[Any]:
    return Ask(
        purpose,
        try_.desk.generation_id,
        load_prompt(purpose),
        reply,
        data,
        salt=f"{try_.batch.number}:{try_.attempt}",
        school_id=try_.desk.school_id,
    )


def _as_many_as(wanted: Wanted, questions: Sequence[WrittenQuestion]) -> list[WrittenQuestion]:
    choices = [question for question in questions if question.kind == "multiple_choice"]
    frees = [question for question in questions if question.kind == "free_response"]
    return [*choices[: wanted.multiple_choice], *frees[: wanted.free_response]]


def _examined(
    written: Sequence[WrittenQuestion],
    lesson: Lesson,
    present: Sequence[WrittenQuestion],
    prompts: Sequence[str],
) -> list[tuple[WrittenQuestion, list[Finding]]]:
    """Judge questions in their order; one that fails is none that another could repeat."""
    taken = list(present)
    examined = []
    for question in written:
        findings = check(question, lesson)
        if passed(findings):
            findings = [*findings, acceptance(question), find_repeat(question, taken, prompts)]
        if passed(findings):
            taken.append(question)
        examined.append((question, findings))
    return examined


async def _solved(try_: _Try, judged: Sequence[Judged]) -> list[Judged]:
    """Have what passed so far answered by somebody who has not seen the key."""
    open_ = [entry for entry in judged if entry.has_passed]
    if not open_:
        return list(judged)
    answers = await _answers(try_, [entry.question for entry in open_ if entry.question])
    settled = iter(
        replace(entry, findings=[*entry.findings, judge_solution(entry.question, answer, chosen)])
        for entry, (answer, chosen) in zip(open_, answers, strict=True)
        if entry.question
    )
    return [next(settled) if entry.has_passed else entry for entry in judged]


async def _answers(try_: _Try, questions: Sequence[WrittenQuestion]) -> list[tuple[SolvedAnswer | None, int]]:
    """Return each question's answer, and the option it chose in the question's own order (-1: none)."""
    desk = try_.desk
    await desk.require_wanted()
    shifts = [1 + number % 3 for number in range(len(questions))]  # never the order in which it was written
    posed = [
        {"number": number, "prompt": question.prompt, "options": _turned(question, shift)}
        for number, (question, shift) in enumerate(zip(questions, shifts, strict=True), start=1)
    ]
    data = {"source": try_.lesson.passage, "questions": posed}
    try:
        reply = await desk.model.ask(
            desk.context, desk.columns, _ask(try_, "solve_questions", SolvedQuestions, data)
        )
    except (BadReplyError, ModelRefusedError):
        return [(None, -1) for _ in questions]
    by_number = {answer.number: answer for answer in reply.value.answers}
    found = [by_number.get(number) for number in range(1, len(questions) + 1)]
    return [(answer, _turned_back(answer, shift)) for answer, shift in zip(found, shifts, strict=True)]


def _turned(question: WrittenQuestion, shift: int) -> list[str]:
    texts = [option.text for option in question.options]
    return texts[shift:] + texts[:shift]


def _turned_back(answer: SolvedAnswer | None, shift: int) -> int:
    if answer is None or not 0 <= answer.answer_index < 4:
        return -1
    return (answer.answer_index + shift) % 4

"""One batch of questions without a model, through the rules of the gate; there is nobody to solve them."""

from collections.abc import Sequence
from dataclasses import replace

from api.generation.bodies import acceptance
from api.generation.gate import Lesson, check, find_repeat, passed
from api.generation.offline import Draft, draft_questions
from api.generation.passages import Batch
from api.generation.replies import WrittenQuestion
from api.generation.writing import Judged

Before = tuple[Sequence[WrittenQuestion], Sequence[str]]
"""What must not be repeated: questions written in this run, and prompts that stand there already."""


def draft_batch(batch: Batch, lesson: Lesson, asked: tuple[str, Draft], before: Before) -> list[Judged]:
    """Return drafts that pass, at most as many as the batch wants; `asked` is the whole source and what is wanted."""
    source, wanted = asked
    taken = {question.evidence for question in before[0]}
    drafts = draft_questions(batch.passage, source, wanted, taken)
    of_the_class = replace(lesson, grade_level=None)  # the sentences are the class's own
    judged = _fitting(drafts.choices, batch.multiple_choice, of_the_class, before)
    used = {entry.question.evidence for entry in judged if entry.question}
    left = [question for question in drafts.frees if question.evidence not in used]
    return judged + _fitting(left, batch.free_response, of_the_class, before)


def _fitting(
    drafts: Sequence[WrittenQuestion],
    wanted: int,
    lesson: Lesson,
    before: Before,
) -> list[Judged]:
    """Return the first drafts that pass the rules; there is nobody to solve them, and no second try."""
    present, prompts = before
    taken, fitting = list(present), list[Judged]()
    for question in drafts:
        if len(fitting) == wanted:
            break
        findings = check(question, lesson)
        if passed(findings):
            findings = [*findings, acceptance(question), find_repeat(question, taken, prompts)]
        if passed(findings):
            taken.append(question)
            fitting.append(Judged(attempt=0, question=question, findings=findings))
    return fitting

"""Question drafts: from a concept to a prompt, four options and a key, or a free response with a rubric."""

import json
from dataclasses import dataclass

import numpy as np

from ops.demo.algebra_problems import ALGEBRA
from ops.demo.arithmetic_problems import ARITHMETIC
from ops.demo.curriculum import CONCEPTS, Subject
from ops.demo.middle_problems import MIDDLE
from ops.demo.question_draft import Problem, sound_problem
from ops.demo.science_statements import STATEMENTS

OPTION_IDS = "abcd"
MULTIPLE_CHOICE_POINTS = 1
FREE_RESPONSE_POINTS = 4

_TEMPLATES = {**ARITHMETIC, **MIDDLE, **ALGEBRA}


@dataclass(frozen=True, slots=True)
class QuestionDraft:
    """A question as the teacher wrote it; `hardness` (logits) is known to the simulation only.

    `correct_position` is the place of the right option (0-3), -1 for a free response, whose `replies` are
    what a strong, a middling and a weak student would write.
    """

    concept: int
    prompt: str
    explanation: str
    hardness: float
    difficulty: str
    points: int
    correct_position: int = -1
    options: str | None = None
    model_answer: str | None = None
    rubric: str | None = None
    replies: tuple[str, str, str] = ("", "", "")


def multiple_choice(concept: int, random: np.random.Generator) -> QuestionDraft:
    """Draft a question with exactly four distinct options, the right one at a random place."""
    drawn = _problem(concept, random)
    correct_position = int(random.integers(0, 4))
    texts = list(drawn.wrong[:3])
    texts.insert(correct_position, drawn.correct)
    options = [
        {"id": letter, "text": text, "feedback": None} for letter, text in zip(OPTION_IDS, texts, strict=True)
    ]
    hardness = _draw_hardness(concept, random)
    return QuestionDraft(
        concept,
        drawn.prompt,
        drawn.explanation,
        hardness,
        difficulty=_teacher_estimate(hardness, random),
        points=MULTIPLE_CHOICE_POINTS,
        correct_position=correct_position,
        options=json.dumps(options, ensure_ascii=False),
    )


def free_response(concept: int, random: np.random.Generator) -> QuestionDraft:
    """Draft a question answered in a few sentences, worth two rubric lines of two points."""
    hardness = _draw_hardness(concept, random)
    prompt, first, second, weak = _open_task(concept, random)
    criteria = (("First correct idea", "2"), ("Second correct idea", "2"))
    return QuestionDraft(
        concept,
        prompt,
        f"{first} {second}",
        hardness,
        difficulty=_teacher_estimate(hardness, random),
        points=FREE_RESPONSE_POINTS,
        model_answer=f"{first} {second}",
        rubric=json.dumps([{"criterion": criterion, "points": points} for criterion, points in criteria]),
        replies=(f"{first} {second}", f"I think that {first[0].lower()}{first[1:]}", f"Maybe: {weak}"),
    )


def _draw_hardness(concept: int, random: np.random.Generator) -> float:
    return CONCEPTS[concept].hardness + float(random.normal(0.0, 0.7))


def _teacher_estimate(hardness: float, random: np.random.Generator) -> str:
    """A teacher senses a question's difficulty, but not exactly."""
    sensed = hardness + float(random.normal(0.0, 0.4))
    return "easy" if sensed < -0.4 else "hard" if sensed > 0.6 else "medium"


def _problem(concept: int, random: np.random.Generator) -> Problem:
    name = CONCEPTS[concept].name
    if CONCEPTS[concept].subject is Subject.SCIENCE:
        return _statement_problem(name, random)
    templates = _TEMPLATES[name]
    return sound_problem(templates[int(random.integers(0, len(templates)))], random)


def _statement_problem(name: str, random: np.random.Generator) -> Problem:
    """Ask for the one true statement among false ones, or for the one false among true ones."""
    true, false = STATEMENTS[name]
    asks_for_true = random.random() < 0.7
    answers, distractors = (true, false) if asks_for_true else (false, true)
    correct = answers[int(random.integers(0, len(answers)))]
    wrong = tuple(distractors[index] for index in random.permutation(len(distractors))[:3])
    asked = "true" if asks_for_true else "NOT true"
    return Problem(
        f"{name}: which statement is {asked}?", correct, wrong, f"This one is {asked.lower()}: “{correct}”"
    )


def _open_task(concept: int, random: np.random.Generator) -> tuple[str, str, str, str]:
    """Return the prompt, the two ideas of a full answer, and a weak student's idea."""
    name = CONCEPTS[concept].name
    if CONCEPTS[concept].subject is Subject.SCIENCE:
        true, false = STATEMENTS[name]
        first, second = random.permutation(len(true))[:2]
        weak = false[int(random.integers(0, len(false)))]
        prompt = (
            f"A younger student asks you about {name[0].lower()}{name[1:]}. Explain two things that are true."
        )
        return prompt, true[first], true[second], weak
    drawn = _problem(concept, random)
    return (
        f"{drawn.prompt} Show your steps.",
        f"The answer is {drawn.correct}.",
        drawn.explanation,
        drawn.wrong[0],
    )

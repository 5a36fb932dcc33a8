"""Questions as a model would write them about the chapter on photosynthesis."""

from typing import Any

from api.generation.gate import Lesson
from api.generation.replies import WrittenQuestion
from tests.api.generation.conftest import chapter

OPTIONS = ("Chlorophyll", "Glucose", "Starch", "Oxygen")


def lesson(*, grade_level: int | None = 7, language: str = "en") -> Lesson:
    return Lesson.of(chapter(), grade_level=grade_level, language=language)


def choice(options: tuple[str, ...] = OPTIONS, **changes: Any) -> WrittenQuestion:
    """A good multiple-choice question, with `changes`."""
    fields = {
        "kind": "multiple_choice",
        "prompt": "Which pigment gives leaves their green color?",
        "options": [{"text": text, "feedback": ""} for text in options],
        "correct_index": 0,
        "model_answer": "",
        "rubric": [],
        "explanation": "",
        "evidence": "Chlorophyll captures the energy of sunlight and gives leaves their green color.",
        "concept": None,
        "difficulty": "easy",
    }
    return WrittenQuestion.model_validate(fields | changes)


def essay(**changes: Any) -> WrittenQuestion:
    """A good free response, with `changes`."""
    fields = {
        "kind": "free_response",
        "prompt": "Why do the stomata close in a dry summer?",
        "model_answer": "The stomata close to save water.",
        "rubric": [{"criterion": "Names water", "points": 2}],
        "evidence": "In a dry summer the stomata close to save water.",
    }
    return WrittenQuestion.model_validate(choice(()).model_dump() | fields | changes)

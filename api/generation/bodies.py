"""A written question as a teacher would have sent it."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from pydantic import TypeAdapter, ValidationError

from api.generation.gate import Finding
from api.generation.replies import WrittenQuestion
from api.questions.schemas import FreeResponseIn, MultipleChoiceIn, QuestionIn

QuestionBody = MultipleChoiceIn | FreeResponseIn

_BODY: TypeAdapter[QuestionBody] = TypeAdapter(QuestionIn)


def body_of_written(question: WrittenQuestion, concepts: Mapping[str, UUID]) -> QuestionBody:
    """Return the question as the API takes it: multiple choice for 1 point, else the rubric's points.

    Raises pydantic's ValidationError for what no teacher could send either.
    """
    concept = concepts.get(question.concept or "")
    shared: dict[str, Any] = {
        "kind": question.kind,
        "prompt": question.prompt,
        "difficulty": question.difficulty,
        "explanation": question.explanation or None,
        "source_quote": question.evidence,
        "concept_ids": list(concepts.values()) if concept is None else [concept],
    }
    if question.kind == "free_response":
        rubric = [{"criterion": entry.criterion, "points": str(entry.points)} for entry in question.rubric]
        points = str(sum(entry.points for entry in question.rubric))
        return _BODY.validate_python(
            {**shared, "points": points, "model_answer": question.model_answer, "rubric": rubric}
        )
    options = [
        {"text": option.text, "feedback": option.feedback or None, "is_correct": at == question.correct_index}
        for at, option in enumerate(question.options)
    ]
    return _BODY.validate_python({**shared, "points": "1", "options": options})


def acceptance(question: WrittenQuestion) -> Finding:
    """Say whether our own rules for questions take it."""
    try:
        body_of_written(question, {})
    except ValidationError as error:
        fault = error.errors(include_url=False, include_input=False)[0]
        return Finding("form", False, f"Our rules refuse it: {fault['msg']}.")
    return Finding("form", True)

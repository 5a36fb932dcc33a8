"""From what a teacher sends to the columns of a question, and back: one way for assignments, banks and imports."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from api.questions.schemas import OPTION_IDS, FreeResponseIn, MultipleChoiceIn
from core.models import BankQuestion, Question, QuestionKind
from core.models.question import QuestionContent

CONTENT_COLUMNS = (
    "kind",
    "prompt",
    "points",
    "difficulty",
    "options",
    "correct_option",
    "model_answer",
    "rubric",
    "partial_credit",
    "explanation",
    "source_quote",
)
"""What makes a question the same question; its provenance tells only where it came from."""


def columns_of(body: MultipleChoiceIn | FreeResponseIn) -> dict[str, Any]:
    """Return the content columns of a question, all of them, so that an edit leaves nothing of the old kind."""
    shared = body.model_dump(
        include={"kind", "prompt", "points", "difficulty", "explanation", "source_quote"}
    )
    empty = {
        "options": None,
        "correct_option": None,
        "model_answer": None,
        "rubric": None,
        "partial_credit": True,
    }
    if isinstance(body, FreeResponseIn):
        rubric = [criterion.model_dump(mode="json") for criterion in body.rubric]
        answer = {"model_answer": body.model_answer, "rubric": rubric or None}
        return {**empty, **shared, **answer, "partial_credit": body.partial_credit}
    options = [
        {"id": option_id, "text": option.text, "feedback": option.feedback}
        for option_id, option in zip(OPTION_IDS, body.options, strict=True)
    ]
    correct = next(index for index, option in enumerate(body.options) if option.is_correct)
    return {**empty, **shared, "options": options, "correct_option": OPTION_IDS[correct]}


def copied_columns(question: QuestionContent) -> dict[str, Any]:
    """Return the content columns of a stored question, for a copy of it."""
    return {column: getattr(question, column) for column in CONTENT_COLUMNS}


def body_of(
    question: Question | BankQuestion, concept_ids: Sequence[UUID]
) -> MultipleChoiceIn | FreeResponseIn:
    """Return a stored question as a teacher would send it."""
    shared = {
        "prompt": question.prompt,
        "points": question.points,
        "difficulty": question.difficulty,
        "explanation": question.explanation,
        "source_quote": question.source_quote,
        "concept_ids": list(concept_ids),
    }
    if question.options is None:
        answer = {"model_answer": question.model_answer, "rubric": question.rubric or []}
        return FreeResponseIn.model_validate(
            {
                "kind": QuestionKind.FREE_RESPONSE,
                "partial_credit": question.partial_credit,
                **shared,
                **answer,
            }
        )
    options = [
        {
            "text": option["text"],
            "feedback": option["feedback"],
            "is_correct": option["id"] == question.correct_option,
        }
        for option in question.options
    ]
    return MultipleChoiceIn.model_validate(
        {"kind": QuestionKind.MULTIPLE_CHOICE, "options": options, **shared}
    )

"""What we ask of a model, as types: the schema it must follow, and the parse of what it sends."""

from typing import Literal

from pydantic import BaseModel, ConfigDict


class _Reply(BaseModel):
    model_config = ConfigDict(extra="forbid")


class WrittenOption(_Reply):
    text: str
    feedback: str


class WrittenCriterion(_Reply):
    criterion: str
    points: int


class WrittenQuestion(_Reply):
    """A question as a model writes it. How many options there are, and whether the key fits, is the gate's to say."""

    kind: Literal["multiple_choice", "free_response"]
    prompt: str
    options: list[WrittenOption]
    correct_index: int
    model_answer: str
    rubric: list[WrittenCriterion]
    explanation: str
    evidence: str
    concept: str | None
    difficulty: Literal["easy", "medium", "hard"]


class WrittenQuestions(_Reply):
    questions: list[WrittenQuestion]


class SolvedAnswer(_Reply):
    number: int
    answer_index: int
    """Of the options; -1 for none of them, and for a free response."""
    answer_text: str
    is_answerable: bool


class SolvedQuestions(_Reply):
    answers: list[SolvedAnswer]

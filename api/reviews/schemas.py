from datetime import datetime
from decimal import Decimal
from typing import Annotated, Any, Literal
from uuid import UUID

from pydantic import Field

from api.schemas import ExactDecimal, Input, Output, Paragraphs
from core.models import AiGradingState, AnswerGrader, AnswerStatus, GenerationMode

MOST_DECISIONS = 100
EXAMPLE_ID = "01a205ae-09b3-779c-a581-367d439499f4"


class ReviewIn(Input):
    score: Annotated[
        Decimal,
        Field(ge=0, le=1000, max_digits=8, decimal_places=4, allow_inf_nan=False, examples=["3.5"]),
    ]
    """Points between 0 and what the question is worth."""
    feedback: Annotated[Paragraphs | None, Field(examples=["Say what the plants need as well."])] = None
    """To the student; left out, the proposal's stands."""


class AcceptIn(Input):
    answer_ids: Annotated[list[UUID], Field(min_length=1, max_length=MOST_DECISIONS, examples=[[EXAMPLE_ID]])]


class Proposal(Output):
    """What a model, or without one the comparison of words, proposed for the answer."""

    id: UUID
    state: AiGradingState
    mode: GenerationMode
    offline_reason: str | None
    model: str | None
    prompt_version: str | None
    rubric_version: int
    criteria: list[dict[str, Any]]
    """`[{"criterion", "points", "possible", "quote", "start", "end", "reason"}]`; `quote` is from the answer."""
    score: ExactDecimal
    confidence: ExactDecimal
    feedback: str | None
    suspicions: list[dict[str, Any]]
    graded_at: datetime
    human_score: ExactDecimal | None
    decided_at: datetime | None


class ReviewOut(Output):
    """An answer with all a person needs to decide on it."""

    answer_id: UUID
    submission_id: UUID
    assignment_id: UUID
    class_id: UUID
    student_id: UUID
    student_name: str
    question_id: UUID
    prompt: str
    rubric: list[dict[str, Any]] | None
    model_answer: str | None
    answer: dict[str, Any]
    answered_at: datetime
    status: AnswerStatus
    score: ExactDecimal | None
    possible: ExactDecimal
    graded_by: AnswerGrader | None
    feedback: str | None
    proposal: Proposal | None
    """The newest."""


class AcceptResult(Output):
    answer_id: UUID
    status: Literal["accepted", "rejected"]
    code: str | None
    """Why not."""


class AcceptOut(Output):
    items: list[AcceptResult]


class Agreement(Output):
    """How far proposals and teachers agree, of all answers both have scored."""

    decided: int
    agreed_exactly: int | None
    agreement_percent: ExactDecimal | None
    mean_difference: ExactDecimal | None
    """Proposal less decision, in percent of what a question is worth: above 0 the proposals are kinder."""
    quadratic_weighted_kappa: ExactDecimal | None
    """1: full agreement; 0: as by chance. Null where scores never vary."""
    is_small_cell: bool
    """Fewer than ten decisions: only the teacher sees numbers."""


class PromptAgreement(Agreement):
    model: str | None
    prompt_version: str | None


class AgreementOut(Output):
    overall: Agreement
    by_prompt: list[PromptAgreement]
    """The same for each model and version of the prompt, at most twenty, the most decided first."""

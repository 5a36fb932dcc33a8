from datetime import datetime
from typing import Annotated, Any, Literal
from uuid import UUID

from pydantic import Field

from api.grades.schemas import ShownGradeStatus
from api.schemas import Document, ExactDecimal, Input, Output, Paragraphs
from core.models import AnswerStatus, HandedInBy, SubmissionStatus

DAY_MS = 86_400_000
LONGEST_TEXT = 20_000
"""As long as an answer may be."""


class SubmissionStart(Input):
    assignment_id: Annotated[UUID, Field(examples=["01a205ae-08fc-7579-9a0d-06e00cb4d823"])]


class ChosenOption(Input):
    option_id: Annotated[str, Field(min_length=1, max_length=8, examples=["b"])]


class WrittenText(Input):
    text: Paragraphs


class AnswerIn(Input):
    question_id: Annotated[UUID, Field(examples=["01a205ae-09b3-779c-a581-367d439499f4"])]
    answer: Annotated[ChosenOption | WrittenText, Field(examples=[{"option_id": "b"}])]
    """`{"option_id": "b"}` for multiple choice, `{"text": "…"}` for free response."""
    time_spent_ms: Annotated[int, Field(ge=0, le=DAY_MS, examples=[900])] = 0
    client_seq: Annotated[int, Field(ge=0, le=2**31 - 1, examples=[1])]
    """Counts up in the client for each try; the same number again is the same try."""


class DraftText(Input):
    text: Annotated[Document, Field(max_length=LONGEST_TEXT, examples=["Because the halves are"])]
    """As it stands, be it empty: whoever clears a text has cleared it."""


class DraftIn(Input):
    answer: Annotated[ChosenOption | DraftText, Field(examples=[{"text": "Because the halves are"}])]
    """`{"option_id": "b"}` for multiple choice, `{"text": "…"}` for free response."""
    client_seq: Annotated[int, Field(ge=0, le=2**31 - 1, examples=[3])]
    """Counts up in the client for each state of the answer; the same number again is the same state."""


class DraftOut(Output):
    question_id: UUID
    client_seq: int
    answer: dict[str, Any]
    saved_at: datetime


class DraftSaved(Output):
    stands: bool
    """Whether what was sent is the newest; where not, another device has gone on. Both are kept."""
    standing: DraftOut


class AnswerOut(Output):
    id: UUID
    question_id: UUID
    client_seq: int
    status: AnswerStatus
    verdict: Literal["correct", "partially_correct", "incorrect", "pending"] | None
    """To a student null, with `score` and `feedback`, until the assignment's `feedback_release`."""
    score: ExactDecimal | None
    possible: ExactDecimal
    counts: bool
    """The first try with a verdict counts; later ones are practice and are kept."""
    feedback: str | None = None
    explanation: str | None = None
    """With `correct_option_id`: shown with the verdict when no attempt is left, or when the due date released it."""
    correct_option_id: str | None = None
    answered_at: datetime
    job_id: UUID | None = None
    """For a free response: follow it at `/jobs/{id}`."""


MOST_ANSWERS = 100


class AnswersIn(Input):
    answers: Annotated[list[AnswerIn], Field(min_length=1, max_length=MOST_ANSWERS)]
    """In the order in which they were given."""


class AnswerResult(Output):
    question_id: UUID
    client_seq: int
    status: Literal["accepted", "duplicate", "rejected"]
    code: str | None
    """Why not."""
    answer: AnswerOut | None


class AnswersOut(Output):
    items: list[AnswerResult]
    """In the order of the request."""


class AnswerRecord(AnswerOut):
    answer: dict[str, Any]
    model_answer: str | None = None
    """With `rubric`: of a graded free response, shown with the explanation."""
    rubric: list[dict[str, Any]] | None = None


class SubmissionOut(Output):
    id: UUID
    assignment_id: UUID
    class_id: UUID
    student_id: UUID
    attempt_number: int
    status: SubmissionStatus
    started_at: datetime
    due_at: datetime | None
    """The student's own due date."""
    ends_at: datetime | None
    """From then on no answer is taken: the time limit or the assignment's end, whichever is earlier."""
    submitted_at: datetime | None
    handed_in_by: HandedInBy | None
    """`time_limit`: nobody did; what was there when the time was up was handed in."""
    is_late: bool
    """Handed in after `due_at`, or it would be now."""
    feedback_released: bool
    """Whether the student may see how the answers were."""
    score: ExactDecimal | None
    """To a student null until released."""
    possible: ExactDecimal
    active_ms: int
    """Time spent at work, milliseconds, without the pauses."""
    seconds_left: int | None
    """Until `ends_at`, by the server's clock; null without an end, and after the hand-in."""
    server_time: datetime


class WorkStatus(Output):
    """How far one student is with an assignment."""

    student_id: UUID
    name: str
    status: Literal["not_started", "in_progress", "submitted", "graded"]
    """Of the last attempt; `submitted`: something in it waits for a score."""
    submission_id: UUID | None
    """The last attempt."""
    attempts_used: int
    attempts_allowed: int
    active_ms: int
    """Time at work in all attempts, milliseconds, without the pauses."""
    last_active_at: datetime | None
    submitted_at: datetime | None
    due_at: datetime | None
    """The student's own due date."""
    is_late: bool
    """The last attempt was handed in after `due_at`, or would be now; without one, `due_at` is over."""


class SubmissionWithAnswers(SubmissionOut):
    answers: list[AnswerRecord]
    drafts: list[DraftOut]
    """The newest state of each question's draft, to go on with on this or another device."""


class SubmittedOut(SubmissionOut):
    grade_id: UUID
    percent: ExactDecimal | None
    grade_status: ShownGradeStatus


class Feedback(Output):
    submission_id: UUID
    student_id: UUID
    status: SubmissionStatus
    feedback_released: bool
    answers: list[AnswerRecord]

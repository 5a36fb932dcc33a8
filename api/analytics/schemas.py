from datetime import datetime
from decimal import ROUND_HALF_UP, Decimal
from typing import Annotated, Any, Generic, TypeVar
from uuid import UUID

from pydantic import BeforeValidator

from api.schemas import ExactDecimal, Output
from core.models import MasteryBand

T = TypeVar("T")


def _two_places(value: Any) -> Any:
    """Marts keep estimates as floats; people get two places."""
    if not isinstance(value, float):
        return value
    return Decimal(str(value)).quantize(Decimal("0.01"), rounding=ROUND_HALF_UP)


Percent = Annotated[ExactDecimal, BeforeValidator(_two_places)]


class Analytic(Output):
    """Every analytic answer says how fresh it is; all three are null until the first run for the district."""

    as_of: datetime | None
    """The facts behind these numbers were read at this moment."""
    computed_at: datetime | None
    complete_through: datetime | None = None
    """Nothing that happened until then is missing."""
    chart: dict[str, Any] | None = None
    """A Vega-Lite chart of the answer, where `?chart=vega-lite` asks for one."""


class AnalyticPage(Analytic, Generic[T]):
    items: list[T]
    next_cursor: str | None = None


class ConceptMasteryOut(Output):
    concept_id: UUID
    concept_name: str
    mastery_percent: Percent
    lower_percent: Percent
    upper_percent: Percent
    """Lower and upper end of the 80 % interval."""
    evidence_count: int
    question_count: int
    band: MasteryBand
    below_threshold: bool
    """The point estimate is under 60 %."""
    struggling: bool
    """We are at least 80 % sure that it is under 60 %."""
    last_answered_at: datetime


class StudentMastery(Output):
    student_id: UUID
    student_name: str
    concepts: list[ConceptMasteryOut]


class StrugglingConcept(Output):
    concept_id: UUID
    concept_name: str
    rank: int
    strength: str
    mastery_percent: Percent
    p_below_threshold: float
    reasons: list[str]


class StrugglingStudent(Output):
    student_id: UUID
    student_name: str
    concepts: list[StrugglingConcept]


class ClassOverview(Analytic):
    class_id: UUID
    student_count: int
    graded_count: int
    average_percent: Percent | None
    median_percent: Percent | None
    completion_percent: Percent | None
    distribution: list[int]
    """Students by overall percent, in ten steps of ten from 0-10 to 90-100 and above."""
    is_small_cell: bool
    """Fewer than ten students: not to be compared outside the class."""

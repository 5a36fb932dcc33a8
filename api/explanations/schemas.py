from datetime import datetime
from enum import StrEnum
from fractions import Fraction
from typing import Annotated
from uuid import UUID

from pydantic import PlainSerializer

from api.grades.schemas import ShownGradeStatus
from api.schemas import ExactDecimal, Output
from core.domain.drop_rules import DropRule
from core.domain.gradebook import Fate
from core.domain.grading import AttemptPolicy
from core.domain.late_work import LateInterval, LateMode
from core.models import GradeSource

ExactFraction = Annotated[Fraction, PlainSerializer(str, return_type=str)]
"""What decimals cannot hold: "125/3", or "42"."""


class Run(StrEnum):
    """Which of the four overall grades: of what is posted or of all, of graded work only or with zeros."""

    CURRENT = "current"
    FINAL = "final"
    ALL_CURRENT = "all_current"
    ALL_FINAL = "all_final"

    @property
    def is_posted_only(self) -> bool:
        return self in {Run.CURRENT, Run.FINAL}


class LateArithmetic(Output):
    """`deduction = min(by_delay, above_floor)`, and never below 0."""

    seconds_late: int
    mode: LateMode | None
    """Null: the policy takes nothing off for being late."""
    interval: LateInterval | None
    intervals: int
    """How many deductions the delay makes: intervals begun, or one where the penalty is flat."""
    percent: ExactDecimal | None
    """Of the points possible, for each of them."""
    minimum_percent: ExactDecimal | None
    by_delay: ExactDecimal
    """`possible · percent · intervals / 100`"""
    above_floor: ExactDecimal | None
    """What lies above the floor and can be lost at most."""
    deduction: ExactDecimal


class ExplainedAttempt(Output):
    submission_id: UUID
    attempt_number: int
    handed_in_at: datetime
    earned: ExactDecimal
    earned_of: ExactDecimal
    scaled: ExactDecimal
    """`earned` in points of the gradebook: `earned · possible / earned_of`."""
    late: LateArithmetic
    score: ExactDecimal
    """`scaled` less the deduction; these are compared, where there are several attempts."""
    awaiting_review: bool
    graded_by: GradeSource
    counts: bool
    """Whether the grade stands for it; with `average` all attempts do."""


class LineOfGrade(StrEnum):
    EARNED = "earned"
    ENTERED = "entered"
    MISSING = "missing"
    LATE = "late"
    OVERRIDE = "override"


class GradeLine(Output):
    what: LineOfGrade
    points: ExactDecimal
    """With its sign. All lines of a grade add up to its score."""
    text: str


class GradeExplanation(Output):
    """How a grade came about. To its student nothing of it before its release: no attempts, no lines."""

    grade_id: UUID
    assignment_id: UUID
    class_id: UUID
    student_id: UUID
    status: ShownGradeStatus
    source: GradeSource | None
    score: ExactDecimal | None
    possible: ExactDecimal
    percent: ExactDecimal | None
    unrounded: ExactFraction | None
    """The percent before it was rounded half up."""
    lines: list[GradeLine]
    attempt_policy: AttemptPolicy
    attempts: list[ExplainedAttempt]
    entered_late: LateArithmetic | None
    """Of a score that a teacher entered."""
    is_excused: bool
    is_missing: bool | None
    override_reason: str | None
    score_before_regrade: ExactDecimal | None
    policy_version: int | None
    version: int | None
    """Its newest line in `/grades/{grade_id}/history`."""


class ExplainedItem(Output):
    assignment_id: UUID
    title: str
    fate: Fate
    reason: str
    score: ExactDecimal | None
    """Null: it has none that counts in this run."""
    possible: ExactDecimal
    counted_as_zero: bool
    contribution: ExactFraction
    """What it adds to the percent of the class; those of a category add up to the category's."""


class ExplainedCategory(Output):
    """Without id and name: what no category of the policy holds; it has no weight and no drop rules."""

    id: str | None
    name: str | None
    weight: ExactDecimal
    effective_weight: ExactFraction | None
    """After weights of less than 100 were scaled up; null: nothing in it is worth points, it does not count."""
    drop_lowest: int
    drop_highest: int
    score: ExactDecimal | None
    """Of what is kept; null: nothing is."""
    possible: ExactDecimal
    percent: ExactDecimal | None
    contribution: ExactFraction
    items: list[ExplainedItem]


class ClassGradeExplanation(Output):
    """How an overall grade came about: contributions add up to `unrounded`, which rounded is `percent`."""

    class_id: UUID
    student_id: UUID
    run: Run
    policy_version: int
    weighted: bool
    drop_rule: DropRule
    places: int
    score: ExactDecimal | None
    possible: ExactDecimal
    unrounded: ExactFraction | None
    percent: ExactDecimal | None
    """`unrounded`, rounded half up to `places`, once."""
    letter: str | None
    override_percent: ExactDecimal | None
    """A teacher's word, which wins over `percent`."""
    override_letter: str | None
    override_reason: str | None
    categories: list[ExplainedCategory]

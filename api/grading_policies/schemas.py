from datetime import datetime
from decimal import Decimal
from typing import Annotated, Any
from uuid import UUID

from pydantic import Field, StringConstraints

from api.schemas import ExactDecimal, Input, Line, Output
from core.domain.drop_rules import DropRule
from core.domain.grading import PERCENT_PLACES
from core.domain.late_work import LateInterval, LateMode
from core.domain.letters import DEFAULT_LETTERS

Percent = Annotated[
    Decimal, Field(ge=0, le=100, max_digits=7, decimal_places=4, allow_inf_nan=False, examples=["10"])
]
Weight = Annotated[
    Decimal, Field(ge=0, le=1000, max_digits=8, decimal_places=4, allow_inf_nan=False, examples=["40"])
]
DropCount = Annotated[int, Field(ge=0, le=200, examples=[1])]
Letter = Annotated[
    str, StringConstraints(strip_whitespace=True, pattern=r"^[^\x00-\x1f\x7f]{1,10}$"), Field(examples=["A-"])
]
CategoryId = Annotated[str, Field(max_length=64, examples=["0199c3a2-7b1e-7c55-8f3a-2f6f3f1f0a11"])]

ClassId = Annotated[UUID, Field(examples=["0199c3a2-7b1e-7c55-8f3a-2f6f3f1f0a12"])]

MOST_CATEGORIES = 50
MOST_LETTERS = 40
_PASS_OR_FAIL = [{"letter": "P", "percent": "60"}, {"letter": "F", "percent": "0"}]


class LetterCutoff(Input):
    """From `percent` on (compared with the rounded percent) a grade is this letter."""

    letter: Letter
    percent: Annotated[
        Decimal, Field(ge=0, le=1000, max_digits=8, decimal_places=4, allow_inf_nan=False, examples=["90"])
    ]


class LateWork(Input):
    """What late work loses, in percent of the points possible."""

    percent: Percent
    mode: LateMode = LateMode.PER_INTERVAL
    """`per_interval`: for each interval begun; `flat`: once, whatever the delay."""
    interval: LateInterval = LateInterval.DAY
    minimum_percent: Percent | None = None
    """Nothing is taken off below it."""


class CategoryRules(Input):
    name: Annotated[Line, Field(max_length=100, examples=["Homework"])]
    """What assignments name as their `category`, whatever the case of its letters."""
    weight: Weight = Decimal(0)
    """In percent of the whole, where the policy is weighted. Less than 100 in all is scaled up, more is not."""
    drop_lowest: DropCount = 0
    drop_highest: DropCount = 0


class CategoryIn(CategoryRules):
    id: CategoryId | None = None
    """Of a category that stays, be it under a new name; left out, it is a new one."""


class PolicyRules(Input):
    """How a class is graded, but for its categories."""

    weighted: Annotated[bool, Field(examples=[True])] = False
    """Categories by their weights; else all points count alike."""
    drop_rule: Annotated[DropRule, Field(examples=["joint"])] = DropRule.JOINT
    """`joint`: a better score never lowers a grade; `sequential`: as other gradebooks drop."""
    places: Annotated[int, Field(ge=0, le=4, examples=[2])] = PERCENT_PLACES
    """Percents are rounded half up to so many, once."""
    letters: Annotated[
        list[LetterCutoff] | None, Field(min_length=1, max_length=MOST_LETTERS, examples=[_PASS_OR_FAIL])
    ] = None
    """From the highest to the lowest, which begins at 0; null: A to F as most schools have them."""
    late: Annotated[LateWork | None, Field(examples=[{"percent": "10", "interval": "day"}])] = None
    """Null: late work loses nothing."""
    missing_deduction: Percent | None = None
    """What work that never came loses: "60" leaves 40 percent, "100" a zero; null: it has no score by itself."""


class PolicyIn(PolicyRules):
    """The whole policy; what is left out is as in the default one."""

    categories: Annotated[
        list[CategoryIn] | None, Field(max_length=MOST_CATEGORIES, examples=[[{"name": "Homework"}]])
    ] = None
    """Null: they stay as they are."""


class CategoriesIn(Input):
    """All categories of the class; one that is left out is one no more, and its work is uncategorised."""

    categories: Annotated[list[CategoryIn], Field(max_length=MOST_CATEGORIES)]


class SimulateIn(Input):
    class_id: ClassId
    policy: Annotated[PolicyIn, Field(examples=[{"weighted": True, "drop_rule": "joint"}])]


class RecalculateIn(Input):
    class_id: ClassId


class LetterOut(Output):
    letter: str
    percent: ExactDecimal


class LateWorkOut(Output):
    percent: ExactDecimal
    mode: LateMode
    interval: LateInterval
    minimum_percent: ExactDecimal | None


class CategoryOut(Output):
    id: str
    name: str
    weight: ExactDecimal
    drop_lowest: int
    drop_highest: int


class CategoriesOut(Output):
    class_id: UUID
    version: int
    categories: list[CategoryOut]


class PolicyOut(Output):
    """How a class is graded; version 0 is the default policy, which nobody had to write."""

    class_id: UUID
    version: int
    weighted: bool
    drop_rule: DropRule
    places: int
    letters: list[LetterOut]
    late: LateWorkOut | None
    missing_deduction: ExactDecimal | None
    categories: list[CategoryOut]
    created_by: UUID | None
    created_at: datetime | None


class OverallPercents(Output):
    """A student's four standings: of what is posted, and of all there is; each of graded work, and with zeros."""

    current_percent: ExactDecimal | None
    current_letter: str | None
    final_percent: ExactDecimal | None
    final_letter: str | None
    all_current_percent: ExactDecimal | None
    all_current_letter: str | None
    all_final_percent: ExactDecimal | None
    all_final_letter: str | None


class StudentDelta(Output):
    """What a policy would change for one student; an override of a teacher's stays over both."""

    student_id: UUID
    before: OverallPercents
    after: OverallPercents
    changed: bool
    grades_changed: int
    """How many of the student's scores of single assignments would be others (late and missing work)."""


class Simulation(Output):
    """Every student of the class, in the order of their ids; nothing of it is stored."""

    class_id: UUID
    policy_version: int
    """The policy that holds now."""
    students_changed: int
    students: list[StudentDelta]


class ChangedGrade(Output):
    grade_id: UUID
    student_id: UUID
    assignment_id: UUID
    old_score: ExactDecimal | None
    score: ExactDecimal | None


class Recalculation(Output):
    """What was not as it should have been: nothing, unless somebody wrote around the API."""

    class_id: UUID
    policy_version: int
    grades_changed: int
    grades: list[ChangedGrade]
    """The first hundred of them."""


def default_letters() -> list[dict[str, Any]]:
    """Return the letters of the default policy as a snapshot keeps them."""
    return [{"letter": row.letter, "percent": str(row.percent)} for row in DEFAULT_LETTERS.rows]

"""Worked cases of grading from a file, run through the rules: how a school compares us with its old gradebook.

Cases are computed with the `sequential` drop rule unless they name another: the gradebooks they come from do so.
"""

import json
from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import AliasChoices, BaseModel, BeforeValidator, ConfigDict, Field, TypeAdapter, ValidationError

from core.domain.drop_rules import DropRule
from core.domain.gradebook import CategoryRule, GradingPolicy, Item, Standing, course_grades
from core.domain.grading import round_half_up
from core.domain.late_work import LateInterval, LateMode, LatePolicy, late_deduction, missing_score
from core.domain.letters import DEFAULT_LETTERS, Cutoff, LetterScale, letter_for, percent_of_letter
from core.domain.regrading import RegradePolicy, regraded_score

Run = Literal["current", "final"]


class CasesError(Exception):
    """The file is not one of cases; the text says where."""


@dataclass(frozen=True, slots=True)
class Mismatch:
    case: str
    what: str
    expected: str
    found: str


class _Case(BaseModel):
    id: str
    rule: str = ""


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid", populate_by_name=True)


def _named(*names: str) -> Any:
    return Field(default=False, validation_alias=AliasChoices(*names))


class _Item(_Part):
    id: int
    score: Decimal | None
    possible: Decimal
    unposted: bool = False
    awaiting_review: bool = _named("pending", "pending_review", "awaiting_review")
    excused: bool = False
    omitted: bool = _named("omitted", "omit", "omit_from_final", "omit_from_final_grade")
    concluded_nosub: bool = False
    never_drop: bool = False


class _Rules(_Part):
    low: Annotated[int, Field(validation_alias=AliasChoices("low", "drop_lowest"))] = 0
    high: Annotated[int, Field(validation_alias=AliasChoices("high", "drop_highest"))] = 0
    never: Annotated[list[int], Field(validation_alias=AliasChoices("never", "never_drop"))] = []


class _Group(_Part):
    items: list[_Item]
    weight: Decimal = Decimal(0)
    rules: _Rules = _Rules()


class _Course(_Case):
    kind: Literal["course"]
    groups: list[_Group]
    weighted: bool
    drop_rule: DropRule = DropRule.SEQUENTIAL
    places: int = 2
    expected: dict[Run, Decimal | None]
    sums: dict[Run, list[tuple[Decimal, Decimal, list[int]]]] = {}

    def mismatches(self) -> list[Mismatch]:
        grades = course_grades(self._policy(), self._items())
        runs: dict[Run, Standing] = {"current": grades.current_posted, "final": grades.final_posted}
        found = [
            Mismatch(self.id, f"{run} percent", str(expected), str(runs[run].percent))
            for run, expected in self.expected.items()
            if runs[run].percent != expected
        ]
        for run, sums in self.sums.items():
            ours = [
                (standing.score, standing.possible, sorted(standing.dropped))
                for standing in runs[run].categories
            ]
            theirs = [(score, possible, sorted(dropped)) for score, possible, dropped in sums]
            if ours != theirs:
                found.append(Mismatch(self.id, f"{run} sums", _shown(theirs), _shown(ours)))
        return found

    def _policy(self) -> GradingPolicy:
        categories = [
            CategoryRule(str(number), str(number), group.weight, group.rules.low, group.rules.high)
            for number, group in enumerate(self.groups)
        ]
        return GradingPolicy(
            weighted=self.weighted,
            drop_rule=self.drop_rule,
            places=self.places,
            categories=tuple(categories),
        )

    def _items(self) -> list[Item]:
        return [
            Item(
                item.id,
                str(number),
                item.score,
                item.possible,
                posted=not item.unposted,
                awaiting_review=item.awaiting_review,
                excused=item.excused,
                omitted=item.omitted,
                never_drop=item.never_drop or item.id in group.rules.never,
            )
            for number, group in enumerate(self.groups)
            for item in group.items
            if not item.concluded_nosub
        ]


class _Late(_Case):
    kind: Literal["late"]
    score: Decimal | None
    possible: Decimal
    seconds_late: Decimal
    deduction: Decimal
    interval: LateInterval = LateInterval.DAY
    mode: LateMode = LateMode.PER_INTERVAL
    minimum_percent: Decimal | None = None
    excused: bool = False
    expected_deduction: Decimal
    expected_score: Decimal | None

    def mismatches(self) -> list[Mismatch]:
        policy = LatePolicy(self.deduction, self.mode, self.interval, self.minimum_percent)
        lost = late_deduction(self.score, self.possible, self.seconds_late, policy, is_excused=self.excused)
        left = None if self.score is None else self.score - lost
        return _compared(
            self.id, ("deduction", self.expected_deduction, lost), ("score", self.expected_score, left)
        )


class _Cutoff(_Part):
    letter: str
    percent: Decimal


class _Lettered(_Case):
    letters: list[_Cutoff] | None = None

    @property
    def scale(self) -> LetterScale:
        if self.letters is None:
            return DEFAULT_LETTERS
        return LetterScale(tuple(Cutoff(row.letter, row.percent) for row in self.letters))


class _Scheme(_Lettered):
    kind: Literal["scheme"]
    raw_percent: Decimal
    stored: Decimal
    expected_letter: str

    def mismatches(self) -> list[Mismatch]:
        stored = round_half_up(Fraction(self.raw_percent), 2)
        letter = letter_for(stored, self.scale)
        return _compared(self.id, ("stored", self.stored, stored), ("letter", self.expected_letter, letter))


class _LetterToScore(_Lettered):
    kind: Literal["letter_to_score"]
    letter: str
    expected_percent: Decimal

    def mismatches(self) -> list[Mismatch]:
        return _compared(
            self.id, ("percent", self.expected_percent, percent_of_letter(self.letter, self.scale))
        )


class _Missing(_Case):
    kind: Literal["missing"]
    possible: Decimal
    missing_deduction: Decimal
    grading_type: Literal["points", "pass_fail"] = "points"
    expected_score: Decimal

    def mismatches(self) -> list[Mismatch]:
        is_pass_fail = self.grading_type == "pass_fail"
        found = missing_score(self.possible, self.missing_deduction, is_pass_fail=is_pass_fail)
        return _compared(self.id, ("score", self.expected_score, found))


_NO_REGRADE = "no_regrade"
_OPTIONS = {
    "full_credit": RegradePolicy.FULL_CREDIT,
    "current_and_previous": RegradePolicy.CURRENT_AND_PREVIOUS,
    "current_and_previous_correct": RegradePolicy.CURRENT_AND_PREVIOUS,
    "current_only": RegradePolicy.CURRENT_ONLY,
    "current_correct_only": RegradePolicy.CURRENT_ONLY,
}


def _without_remark(points: Any) -> Any:
    """Points may have a word beside them: `5 (unchanged)`."""
    return points.partition(" ")[0] if isinstance(points, str) else points


class _Regrade(_Case):
    kind: Literal["regrade"]
    option: str
    previously_correct: bool
    now_correct: bool
    possible: Decimal
    expected_points: Annotated[Decimal, BeforeValidator(_without_remark)]

    def mismatches(self) -> list[Mismatch]:
        if self.option == _NO_REGRADE:
            found = self.possible if self.previously_correct else Decimal(0)
        elif self.option in _OPTIONS:
            found = regraded_score(
                _OPTIONS[self.option],
                previously_correct=self.previously_correct,
                now_correct=self.now_correct,
                possible=self.possible,
            )
        else:
            raise CasesError(f"case {self.id}: there is no regrade option {self.option}")
        return _compared(self.id, ("points", self.expected_points, found))


_AnyCase = Annotated[
    _Course | _Late | _Scheme | _LetterToScore | _Missing | _Regrade, Field(discriminator="kind")
]
_CASE: TypeAdapter[_AnyCase] = TypeAdapter(_AnyCase)


def check_file(path: Path, advance: Callable[[], None] = lambda: None) -> tuple[int, list[Mismatch]]:
    """Run every case of a file; returns how many there were and what did not come out as expected.

    `advance` is called after each case. Raises CasesError for what is not a file of cases.
    """
    mismatches: list[Mismatch] = []
    cases = read_cases(path)
    for case in cases:
        mismatches += _mismatches(case)
        advance()
    return len(cases), mismatches


def _mismatches(case: _AnyCase) -> list[Mismatch]:
    try:
        return case.mismatches()
    except ValueError as error:  # a letter or a scale that our rules refuse
        return [Mismatch(case.id, case.kind, "a result", str(error))]


def read_cases(path: Path) -> list[_AnyCase]:
    """Return the cases of a file. Raises CasesError."""
    try:
        content = json.loads(path.read_text(encoding="utf-8"), parse_float=Decimal)
    except (OSError, ValueError) as error:
        raise CasesError(f"{path} cannot be read as JSON: {error}") from error
    if not isinstance(content, list):
        raise CasesError(f"{path} is not a list of cases")
    return [_parsed(number, raw) for number, raw in enumerate(content, start=1)]


def _parsed(number: int, raw: Any) -> _AnyCase:
    try:
        return _CASE.validate_python(raw)
    except ValidationError as error:
        name = raw.get("id", number) if isinstance(raw, dict) else number
        first = error.errors(include_url=False)[0]
        place = ".".join(str(part) for part in first["loc"])
        raise CasesError(f"case {name}: {place}: {first['msg']}") from error


def _compared(case: str, *triples: tuple[str, Any, Any]) -> list[Mismatch]:
    return [
        Mismatch(case, what, str(expected), str(found))
        for what, expected, found in triples
        if expected != found
    ]


def _shown(sums: list[tuple[Decimal, Decimal, list[int]]]) -> str:
    return "; ".join(f"{score} of {possible}, dropped {dropped}" for score, possible, dropped in sums)

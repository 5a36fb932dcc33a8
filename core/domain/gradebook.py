"""One student's grade in a class: categories, drop rules, weights, letters. Exact inside, rounded once at the end.

Four runs: `current` (graded work only) and `final` (missing work counts as zero), each of what is posted and of all
there is.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from enum import StrEnum
from fractions import Fraction
from typing import Any

from core.domain.drop_rules import NOTHING_DROPPED, Dropped, DropRule, dropped, in_whole_numbers
from core.domain.grading import PERCENT_PLACES, percent, round_half_up
from core.domain.late_work import LatePolicy
from core.domain.letters import DEFAULT_LETTERS, LetterScale, letter_for

ZERO = Decimal(0)
FULL_WEIGHT = 100


@dataclass(frozen=True, slots=True)
class CategoryRule:
    """A category of a policy; `weight` in percent, of use only in weighted mode."""

    id: str
    name: str
    weight: Decimal = ZERO
    drop_lowest: int = 0
    drop_highest: int = 0


@dataclass(frozen=True, slots=True)
class GradingPolicy:
    """How a class is graded. Version 0 is the default: by points, nothing dropped, no penalties."""

    version: int = 0
    weighted: bool = False
    drop_rule: DropRule = DropRule.JOINT
    places: int = PERCENT_PLACES
    letters: LetterScale = DEFAULT_LETTERS
    late: LatePolicy | None = None
    missing_deduction: Decimal | None = None
    """Percent of the points possible that missing work loses; None: it gets no score by itself."""
    categories: tuple[CategoryRule, ...] = ()


@dataclass(frozen=True, slots=True)
class Item:
    """One assignment for one student. Under a `category` that no rule names it has no weight and no drop rules."""

    id: Any
    category: str | None
    score: Decimal | None
    possible: Decimal
    posted: bool = True
    awaiting_review: bool = False
    excused: bool = False
    omitted: bool = False
    never_drop: bool = False


class Fate(StrEnum):
    """What became of an item in one run."""

    KEPT = "kept"
    NO_SCORE = "no_score"
    UNPOSTED = "unposted"
    AWAITING_REVIEW = "awaiting_review"
    EXCUSED = "excused"
    OMITTED = "omitted"
    DROPPED_LOWEST = "dropped_lowest"
    DROPPED_HIGHEST = "dropped_highest"


@dataclass(frozen=True, slots=True)
class ItemLine:
    """An item in one run; what is not kept adds nothing, whatever `score` and `possible` say."""

    item_id: Any
    fate: Fate
    score: Decimal
    possible: Decimal
    counted_as_zero: bool = False


@dataclass(frozen=True, slots=True)
class CategoryStanding:
    """A category in one run. `contribution` is what it adds to the course's percent before rounding."""

    category: CategoryRule | None
    score: Decimal
    possible: Decimal
    percent: Decimal | None
    weight: Decimal
    lines: tuple[ItemLine, ...]
    effective_weight: Fraction | None = None
    contribution: Fraction | None = None

    @property
    def dropped(self) -> tuple[Any, ...]:
        fates = (Fate.DROPPED_LOWEST, Fate.DROPPED_HIGHEST)
        return tuple(line.item_id for line in self.lines if line.fate in fates)


@dataclass(frozen=True, slots=True)
class Standing:
    """The whole course in one run; the contributions of its categories add up to `unrounded`."""

    percent: Decimal | None
    letter: str | None
    unrounded: Fraction | None
    score: Decimal
    possible: Decimal
    categories: tuple[CategoryStanding, ...]


@dataclass(frozen=True, slots=True)
class CourseGrades:
    """The four standings of one student."""

    current_posted: Standing
    final_posted: Standing
    current_all: Standing
    final_all: Standing


def course_grades(policy: GradingPolicy, items: Iterable[Item]) -> CourseGrades:
    """Return a student's four standings. The order of the items changes nothing.

    Two items 5 of 10 and "no score" of 10 by points: current 50.00, final 25.00.
    """
    ordered = sorted(items, key=lambda item: item.id)
    current_all, final_all = (_standing(policy, ordered, final=final) for final in (False, True))
    if all(item.posted for item in ordered):
        return CourseGrades(current_all, final_all, current_all, final_all)
    current, final = (_standing(policy, ordered, final=final, posted=True) for final in (False, True))
    return CourseGrades(current, final, current_all, final_all)


def _standing(policy: GradingPolicy, items: Sequence[Item], *, final: bool, posted: bool = False) -> Standing:
    rules = {rule.id: rule for rule in policy.categories}
    groups: dict[str | None, list[Item]] = {rule.id: [] for rule in policy.categories}
    for item in items:
        groups.setdefault(item.category if item.category in rules else None, []).append(item)
    categories = [
        _category(policy, None if name is None else rules[name], group, final=final, posted=posted)
        for name, group in groups.items()
    ]
    return _weighted(policy, categories) if policy.weighted else _by_points(policy, categories)


def _category(
    policy: GradingPolicy, rule: CategoryRule | None, items: Sequence[Item], *, final: bool, posted: bool
) -> CategoryStanding:
    lines = [_line(item, final=final, posted=posted) for item in items]
    pinned = {item.id for item in items if item.never_drop}
    left_out = _left_out(policy.drop_rule, rule, lines, pinned)
    told = tuple(_after_drops(line, left_out) for line in lines)
    kept = [line for line in told if line.fate is Fate.KEPT]
    score = sum((line.score for line in kept), ZERO)
    possible = sum((line.possible for line in kept), ZERO)
    return CategoryStanding(
        category=rule,
        score=score,
        possible=possible,
        percent=percent(score, possible, places=policy.places),
        weight=ZERO if rule is None else rule.weight,
        lines=told,
    )


def _line(item: Item, *, final: bool, posted: bool) -> ItemLine:
    """Say whether an item counts in a run, and if not why; in `final` what has no score counts as zero."""
    hidden = posted and not item.posted
    waits = item.awaiting_review and not final
    score = None if hidden or waits else item.score
    if item.excused:
        fate = Fate.EXCUSED
    elif item.omitted:
        fate = Fate.OMITTED
    elif score is None and not final:
        fate = Fate.UNPOSTED if hidden else Fate.AWAITING_REVIEW if waits else Fate.NO_SCORE
    else:
        fate = Fate.KEPT
    return ItemLine(
        item.id, fate, ZERO if score is None else score, item.possible, fate is Fate.KEPT and score is None
    )


def _left_out(
    drop_rule: DropRule, rule: CategoryRule | None, lines: Sequence[ItemLine], pinned: set[Any]
) -> Dropped:
    if rule is None or not (rule.drop_lowest or rule.drop_highest):
        return NOTHING_DROPPED
    kept = [line for line in lines if line.fate is Fate.KEPT]
    scored = in_whole_numbers([(line.item_id, line.score, line.possible) for line in kept])
    pool = [item for item in scored if item.id not in pinned]
    always_kept = [item for item in scored if item.id in pinned]
    return dropped(pool, always_kept, lowest=rule.drop_lowest, highest=rule.drop_highest, rule=drop_rule)


def _after_drops(line: ItemLine, left_out: Dropped) -> ItemLine:
    if line.item_id in left_out.low:
        return replace(line, fate=Fate.DROPPED_LOWEST)
    if line.item_id in left_out.high:
        return replace(line, fate=Fate.DROPPED_HIGHEST)
    return line


def _by_points(policy: GradingPolicy, categories: Sequence[CategoryStanding]) -> Standing:
    """`100 · Σscore / Σpossible` over everything; items worth nothing still add their score."""
    possible = sum((category.possible for category in categories), ZERO)
    if possible == ZERO:
        return _result(policy, None, categories)
    whole = Fraction(possible)
    shared = [
        replace(
            category,
            effective_weight=FULL_WEIGHT * Fraction(category.possible) / whole,
            contribution=FULL_WEIGHT * Fraction(category.score) / whole,
        )
        for category in categories
    ]
    return _result(policy, sum((_share(category) for category in shared), Fraction(0)), shared)


def _weighted(policy: GradingPolicy, categories: Sequence[CategoryStanding]) -> Standing:
    """Ratios times weights, over categories in which something is possible; weights under 100 are scaled up."""
    counting = [category for category in categories if category.possible > ZERO]
    total = sum((Fraction(category.weight) for category in counting), Fraction(0))
    if total == 0:
        return _result(policy, None, categories)
    scale = max(FULL_WEIGHT / total, Fraction(1))
    weighed = [_weigh(category, scale) for category in categories]
    return _result(policy, sum((_share(category) for category in weighed), Fraction(0)), weighed)


def _weigh(category: CategoryStanding, scale: Fraction) -> CategoryStanding:
    if category.possible == ZERO:
        return category
    weight = Fraction(category.weight) * scale
    ratio = Fraction(category.score) / Fraction(category.possible)
    return replace(category, effective_weight=weight, contribution=ratio * weight)


def _share(category: CategoryStanding) -> Fraction:
    return category.contribution or Fraction(0)


def _result(
    policy: GradingPolicy, unrounded: Fraction | None, categories: Sequence[CategoryStanding]
) -> Standing:
    rounded = None if unrounded is None else round_half_up(unrounded, policy.places)
    return Standing(
        percent=rounded,
        letter=letter_for(rounded, policy.letters),
        unrounded=unrounded,
        score=sum((category.score for category in categories), ZERO),
        possible=sum((category.possible for category in categories), ZERO),
        categories=tuple(categories),
    )

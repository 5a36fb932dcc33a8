"""An overall grade, told category by category and item by item; contributions are exact fractions."""

from collections.abc import Mapping
from fractions import Fraction
from uuid import UUID

from api.explanations.schemas import ExplainedCategory, ExplainedItem
from core.domain.gradebook import CategoryStanding, Fate, ItemLine, Standing

NOTHING = Fraction(0)

REASONS = {
    Fate.KEPT: "It counts.",
    Fate.NO_SCORE: "It has no score yet.",
    Fate.UNPOSTED: "Its score is not posted yet.",
    Fate.AWAITING_REVIEW: "It waits to be reviewed.",
    Fate.EXCUSED: "The student is excused.",
    Fate.OMITTED: "It is left out of overall grades.",
    Fate.DROPPED_LOWEST: "One of the lowest, dropped by the rule of its category.",
    Fate.DROPPED_HIGHEST: "One of the highest, dropped by the rule of its category.",
}
COUNTED = {Fate.KEPT, Fate.DROPPED_LOWEST, Fate.DROPPED_HIGHEST}
"""Where a score was looked at in the run that is told."""
COUNTED_AS_ZERO = "It has no score, which counts as zero here."


def explain_categories(standing: Standing, titles: Mapping[UUID, str]) -> list[ExplainedCategory]:
    """Return a standing's categories; `titles` names the assignments."""
    return [_category(category, titles) for category in standing.categories]


def _category(category: CategoryStanding, titles: Mapping[UUID, str]) -> ExplainedCategory:
    rule = category.category
    return ExplainedCategory(
        id=None if rule is None else rule.id,
        name=None if rule is None else rule.name,
        weight=category.weight,
        effective_weight=category.effective_weight,
        drop_lowest=0 if rule is None else rule.drop_lowest,
        drop_highest=0 if rule is None else rule.drop_highest,
        score=category.score if any(line.fate is Fate.KEPT for line in category.lines) else None,
        possible=category.possible,
        percent=category.percent,
        contribution=category.contribution or NOTHING,
        items=[_item(line, category, titles) for line in category.lines],
    )


def _item(line: ItemLine, category: CategoryStanding, titles: Mapping[UUID, str]) -> ExplainedItem:
    is_zero = line.counted_as_zero and line.fate is Fate.KEPT
    return ExplainedItem(
        assignment_id=line.item_id,
        title=titles[line.item_id],
        fate=line.fate,
        reason=COUNTED_AS_ZERO if is_zero else REASONS[line.fate],
        score=line.score if line.fate in COUNTED else None,
        possible=line.possible,
        counted_as_zero=line.counted_as_zero,
        contribution=_share(line, category),
    )


def _share(line: ItemLine, category: CategoryStanding) -> Fraction:
    """Return an item's part of its category's contribution: by points, since the category's ratio is one of sums."""
    if line.fate is not Fate.KEPT or not category.contribution:
        return NOTHING
    return category.contribution * Fraction(line.score) / Fraction(category.score)

"""A policy as it is stored: one JSON document per class and version, categories included."""

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from api.grading_policies.errors import DuplicateCategoryError, InvalidLettersError, UnknownCategoryError
from api.grading_policies.schemas import CategoryIn, PolicyIn, PolicyOut, default_letters
from core.domain.gradebook import GradingPolicy
from core.domain.policy_snapshots import policy_of
from core.ids import new_id
from core.models import GradingPolicyVersion


def read_snapshot(row: GradingPolicyVersion | None) -> GradingPolicy:
    """Return a stored policy, or the default one."""
    return GradingPolicy() if row is None else policy_of(row.version, row.content)


def content_of(body: PolicyIn, current: GradingPolicy) -> dict[str, Any]:
    """Return the snapshot that `body` asks for; categories it does not name stay.

    Raises InvalidLettersError, DuplicateCategoryError or UnknownCategoryError.
    """
    content = body.model_dump(mode="json", exclude={"categories"})
    content["letters"] = content["letters"] or default_letters()
    content["categories"] = _kept(current) if body.categories is None else _named(body.categories, current)
    try:
        policy_of(current.version + 1, content)
    except ValueError as error:
        raise InvalidLettersError(str(error), field="letters") from error
    return content


def with_categories(categories: Sequence[CategoryIn], row: GradingPolicyVersion | None) -> dict[str, Any]:
    """Return the snapshot with other categories and else as it was. Raises as `content_of`."""
    current = read_snapshot(row)
    stored = PolicyIn().model_dump(mode="json", exclude={"categories"}) | {"letters": default_letters()}
    return stored | ({} if row is None else row.content) | {"categories": _named(categories, current)}


def renamed(before: GradingPolicy, content: Mapping[str, Any]) -> dict[str, str]:
    """Return the new names of categories that stay, by their old names in small letters."""
    old_names = {rule.id: rule.name for rule in before.categories}
    return {
        old_names[category["id"]].casefold(): category["name"]
        for category in content["categories"]
        if category["id"] in old_names and old_names[category["id"]] != category["name"]
    }


def show_policy(class_id: UUID, row: GradingPolicyVersion | None) -> PolicyOut:
    """Return a policy as it is answered, with every default written out."""
    policy = read_snapshot(row)
    return PolicyOut.model_validate(
        {
            "class_id": class_id,
            "version": policy.version,
            "weighted": policy.weighted,
            "drop_rule": policy.drop_rule,
            "places": policy.places,
            "letters": policy.letters.rows,
            "late": policy.late,
            "missing_deduction": policy.missing_deduction,
            "categories": policy.categories,
            "created_by": None if row is None else row.created_by,
            "created_at": None if row is None else row.created_at,
        }
    )


def _kept(current: GradingPolicy) -> list[dict[str, Any]]:
    return [
        {
            "id": rule.id,
            "name": rule.name,
            "weight": str(rule.weight),
            "drop_lowest": rule.drop_lowest,
            "drop_highest": rule.drop_highest,
        }
        for rule in current.categories
    ]


def _named(categories: Sequence[CategoryIn], current: GradingPolicy) -> list[dict[str, Any]]:
    """Check ids and names, and give new categories their ids."""
    known = {rule.id for rule in current.categories}
    named = [category.id for category in categories if category.id is not None]
    if not known.issuperset(named):
        raise UnknownCategoryError(field="categories")
    names = [category.name.casefold() for category in categories]
    if len(set(names)) != len(names) or len(set(named)) != len(named):
        raise DuplicateCategoryError(field="categories")
    return [
        {**category.model_dump(mode="json"), "id": category.id or str(new_id())} for category in categories
    ]

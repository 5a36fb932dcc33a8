from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import Select, func, select

from core.models import Concept
from core.tenancy import Actor


def visible_concepts(actor: Actor) -> Select[tuple[Concept]]:
    """Concepts belong to the whole district."""
    return select(Concept).where(Concept.district_id == actor.district_id, Concept.deleted_at.is_(None))


def count_of_concepts(actor: Actor, concept_ids: Sequence[UUID]) -> Select[tuple[int]]:
    return (
        select(func.count())
        .select_from(Concept)
        .where(
            Concept.district_id == actor.district_id,
            Concept.id.in_(concept_ids),
            Concept.deleted_at.is_(None),
        )
    )

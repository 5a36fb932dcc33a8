from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import Delete, Select, delete, func, or_, select, text

from core.models import Concept, ConceptPrerequisite
from core.tenancy import Actor

LOCK_GRAPH = text("SELECT pg_advisory_xact_lock(hashtextextended('prerequisites:' || :district_id, 0))")
"""Two who each draw half of a circle at once must not both be told yes."""


def visible_concepts(actor: Actor) -> Select[tuple[Concept]]:
    """Concepts belong to the whole district."""
    return select(Concept).where(Concept.district_id == actor.district_id, Concept.deleted_at.is_(None))


def concepts_by_id(actor: Actor, concept_ids: Sequence[UUID]) -> Select[tuple[Concept]]:
    return visible_concepts(actor).where(Concept.id.in_(concept_ids))


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


def prerequisites_of(actor: Actor, concept_id: UUID) -> Select[tuple[Concept]]:
    """What a concept builds on, by name; at most 50 by the rule that sets them."""
    edges = select(ConceptPrerequisite.prerequisite_id).where(
        ConceptPrerequisite.district_id == actor.district_id, ConceptPrerequisite.concept_id == concept_id
    )
    return visible_concepts(actor).where(Concept.id.in_(edges)).order_by(Concept.name, Concept.id)


def all_edges(actor: Actor) -> Select[tuple[UUID, UUID]]:
    """The district's whole graph: some ten thousand pairs of ids, from one index."""
    return select(ConceptPrerequisite.concept_id, ConceptPrerequisite.prerequisite_id).where(
        ConceptPrerequisite.district_id == actor.district_id
    )


def edges_of(actor: Actor, concept_id: UUID) -> Delete:
    return delete(ConceptPrerequisite).where(
        ConceptPrerequisite.district_id == actor.district_id, ConceptPrerequisite.concept_id == concept_id
    )


def edges_at(actor: Actor, concept_id: UUID) -> Delete:
    """What a concept builds on, and what builds on it."""
    return delete(ConceptPrerequisite).where(
        ConceptPrerequisite.district_id == actor.district_id,
        or_(ConceptPrerequisite.concept_id == concept_id, ConceptPrerequisite.prerequisite_id == concept_id),
    )


def concepts_of_import(actor: Actor, subject: str, identifiers: Sequence[str]) -> Select[tuple[Concept]]:
    """What an import may meet: statements that came before, and every name of the subject, hidden ones too."""
    return select(Concept).where(
        Concept.district_id == actor.district_id,
        or_(Concept.sourced_id.in_(identifiers), Concept.subject == subject),
    )

"""Which concepts build on which, without circles."""

from collections.abc import Collection
from datetime import datetime
from uuid import UUID

from sqlalchemy import insert
from sqlalchemy.ext.asyncio import AsyncSession

from api.concepts import queries
from api.concepts.errors import PrerequisiteCycleError
from api.concepts.schemas import ConceptOut, Prerequisites
from api.concepts.service import find_concept, require_concepts
from core.audit import record_audit
from core.domain.prerequisites import find_cycle
from core.models import ConceptPrerequisite
from core.tenancy import Actor

Edge = tuple[UUID, UUID]
"""(concept, prerequisite)"""


async def read_prerequisites(session: AsyncSession, actor: Actor, concept_id: UUID) -> Prerequisites:
    """Return what a concept builds on. Raises NotFoundError."""
    await find_concept(session, actor, concept_id)
    found = await session.scalars(queries.prerequisites_of(actor, concept_id))
    return Prerequisites(
        concept_id=concept_id, prerequisites=[ConceptOut.model_validate(concept) for concept in found]
    )


async def set_prerequisites(
    session: AsyncSession, actor: Actor, concept_id: UUID, wanted: Collection[UUID], *, now: datetime
) -> Prerequisites:
    """Replace what a concept builds on. Raises NotFoundError or PrerequisiteCycleError, which names the circle."""
    await find_concept(session, actor, concept_id)
    await require_concepts(session, actor, list(wanted))
    await session.execute(queries.LOCK_GRAPH, {"district_id": str(actor.district_id)})
    await session.execute(queries.edges_of(actor, concept_id))
    await add_edges(session, actor, {(concept_id, prerequisite) for prerequisite in wanted})
    await record_audit(session, actor, "changed", ("concept", concept_id), now=now)
    return await read_prerequisites(session, actor, concept_id)


async def add_edges(session: AsyncSession, actor: Actor, edges: Collection[Edge]) -> int:
    """Add what is not there yet and return how much that was; the caller holds the graph's lock.

    Raises PrerequisiteCycleError.
    """
    present = {
        (concept, prerequisite) for concept, prerequisite in await session.execute(queries.all_edges(actor))
    }
    circle = find_cycle([*present, *edges])
    if circle is not None:
        raise PrerequisiteCycleError(await _in_words(session, actor, circle))
    fresh = sorted(set(edges) - present)
    rows = [
        {"district_id": actor.district_id, "concept_id": concept, "prerequisite_id": prerequisite}
        for concept, prerequisite in fresh
    ]
    if rows:
        await session.execute(insert(ConceptPrerequisite), rows)
    return len(rows)


async def _in_words(session: AsyncSession, actor: Actor, circle: list[UUID]) -> str:
    found = await session.scalars(queries.concepts_by_id(actor, circle))
    names = {concept.id: concept.name for concept in found}
    return (
        "These concepts would build on each other: " + " → ".join(names.get(key, "…") for key in circle) + "."
    )

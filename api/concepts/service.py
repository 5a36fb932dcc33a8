"""Concepts: what questions practise and mastery is measured on."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from api.concepts import queries
from api.concepts.schemas import ConceptCreate, ConceptOut
from api.paging import PageRequest, fetch_page
from core.audit import record_audit
from core.errors import ConflictError, NotFoundError
from core.ids import new_id
from core.models import Concept
from core.tenancy import Actor


class ConceptExistsError(ConflictError):
    """The district has a concept of this name in this subject already."""

    code = "concept_exists"


async def create_concept(
    session: AsyncSession, actor: Actor, body: ConceptCreate, *, now: datetime
) -> ConceptOut:
    """Add a concept to the district. Raises ConceptExistsError for a name the subject has already."""
    concept_id = new_id()
    statement = (
        insert(Concept)
        .values(district_id=actor.district_id, id=concept_id, **body.model_dump())
        .on_conflict_do_nothing()
        .returning(Concept.id)
    )
    if await session.scalar(statement) is None:
        raise ConceptExistsError(field="name")
    await record_audit(session, actor, "created", ("concept", concept_id), now=now)
    return ConceptOut(id=concept_id, **body.model_dump())


async def list_concepts(
    session: AsyncSession, actor: Actor, page: PageRequest
) -> tuple[list[ConceptOut], str | None]:
    rows, cursor = await fetch_page(session, queries.visible_concepts(actor), Concept.id, page)
    return [ConceptOut.model_validate(row) for row in rows], cursor


async def require_concepts(session: AsyncSession, actor: Actor, concept_ids: Sequence[UUID]) -> None:
    """Raise NotFoundError unless every id is a concept of the district."""
    wanted = set(concept_ids)
    if wanted and await session.scalar(queries.count_of_concepts(actor, list(wanted))) != len(wanted):
        raise NotFoundError(field="concept_ids")

"""Concepts: what questions practise and mastery is measured on."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncSession

from api.concepts import queries
from api.concepts.errors import ConceptExistsError
from api.concepts.schemas import ConceptCreate, ConceptOut, ConceptUpdate
from api.paging import PageRequest, fetch_page
from core.audit import record_audit
from core.errors import NotFoundError
from core.ids import new_id
from core.models import Concept
from core.tenancy import Actor


async def create_concept(
    session: AsyncSession, actor: Actor, body: ConceptCreate, *, now: datetime
) -> ConceptOut:
    """Add a concept to the district, or bring back one of that name that was taken away.

    Raises ConceptExistsError for a name the subject has already.
    """
    content = body.model_dump()
    statement = (
        insert(Concept)
        .values(district_id=actor.district_id, id=new_id(), **content)
        .on_conflict_do_update(
            index_elements=["district_id", "subject", "name"],
            set_={"deleted_at": None, **{name: content[name] for name in ("description", "code")}},
            where=Concept.deleted_at.is_not(None),
        )
        .returning(Concept.id)
    )
    concept_id = await session.scalar(statement)
    if concept_id is None:
        raise ConceptExistsError(field="name")
    await record_audit(session, actor, "created", ("concept", concept_id), now=now)
    return ConceptOut(id=concept_id, **content)


async def list_concepts(
    session: AsyncSession, actor: Actor, page: PageRequest, *, subject: str | None = None
) -> tuple[list[ConceptOut], str | None]:
    statement = queries.visible_concepts(actor)
    if subject is not None:
        statement = statement.where(Concept.subject == subject)
    rows, cursor = await fetch_page(session, statement, Concept.id, page)
    return [ConceptOut.model_validate(row) for row in rows], cursor


async def find_concept(session: AsyncSession, actor: Actor, concept_id: UUID) -> Concept:
    """Return a concept of the district. Raises NotFoundError."""
    concept: Concept | None = await session.scalar(queries.concepts_by_id(actor, [concept_id]))
    if concept is None:
        raise NotFoundError
    return concept


async def update_concept(
    session: AsyncSession, actor: Actor, concept_id: UUID, body: ConceptUpdate, *, now: datetime
) -> ConceptOut:
    """Change what is given. Raises ConceptExistsError for a name the subject has already."""
    concept = await find_concept(session, actor, concept_id)
    for field, value in body.model_dump(exclude_unset=True).items():
        setattr(concept, field, value)
    try:
        await session.flush()
    except IntegrityError as error:
        raise ConceptExistsError(field="name") from error
    await record_audit(session, actor, "changed", ("concept", concept_id), now=now)
    return ConceptOut.model_validate(concept)


async def delete_concept(
    session: AsyncSession, actor: Actor, concept_id: UUID, *, now: datetime
) -> ConceptOut:
    """Hide a concept and take it out of the prerequisites; what was measured on it is kept."""
    concept = await find_concept(session, actor, concept_id)
    concept.deleted_at = now
    await session.execute(queries.edges_at(actor, concept_id))
    await record_audit(session, actor, "deleted", ("concept", concept_id), now=now)
    return ConceptOut.model_validate(concept)


async def require_concepts(session: AsyncSession, actor: Actor, concept_ids: Sequence[UUID]) -> None:
    """Raise NotFoundError unless every id is a concept of the district."""
    wanted = set(concept_ids)
    if wanted and await session.scalar(queries.count_of_concepts(actor, list(wanted))) != len(wanted):
        raise NotFoundError(field="concept_ids")

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Query

from api.concepts import prerequisites, service
from api.concepts.case_import import import_case
from api.concepts.schemas import (
    CasePackage,
    CaseReport,
    ConceptCreate,
    ConceptOut,
    ConceptUpdate,
    Prerequisites,
    PrerequisitesIn,
)
from api.deps import Db, Now, allowed
from api.envelope import Envelope, Page, ok
from api.idempotency import Idempotent
from api.paging import Paging
from api.schemas import Line
from core.permissions import Permission
from core.tenancy import Actor

router = APIRouter(prefix="/concepts", tags=["concepts"])

Reader = Annotated[Actor, allowed(Permission.CONCEPT_READ)]
Manager = Annotated[Actor, allowed(Permission.CONCEPT_MANAGE)]
Remover = Annotated[Actor, allowed(Permission.CONCEPT_REMOVE)]
Importer = Annotated[Actor, allowed(Permission.CONCEPT_IMPORT)]


@router.post("", status_code=201)
async def create_concept(
    body: ConceptCreate, actor: Manager, db: Db, once: Idempotent, now: Now
) -> Envelope[ConceptOut]:
    """Add a concept to the district's list."""
    return ok(await once.run(ConceptOut, lambda: service.create_concept(db, actor, body, now=now)))


@router.get("")
async def list_concepts(
    actor: Reader, db: Db, page: Paging, subject: Annotated[Line | None, Query()] = None
) -> Envelope[Page[ConceptOut]]:
    """List the district's concepts, oldest first."""
    items, cursor = await service.list_concepts(db, actor, page, subject=subject)
    return ok(Page(items=items, next_cursor=cursor))


@router.post("/import")
async def import_concepts(
    body: CasePackage, actor: Importer, db: Db, now: Now, dry_run: Annotated[bool, Query()] = False
) -> Envelope[CaseReport]:
    """Take the statements of a CASE CFPackage as concepts, and its `precedes` as prerequisites.

    Statements are known again by their identifier, so a newer version of a framework updates. `dry_run` only reports.
    """
    return ok(await import_case(db, actor, body, now=now, dry_run=dry_run))


@router.get("/{concept_id}")
async def read_concept(concept_id: UUID, actor: Reader, db: Db) -> Envelope[ConceptOut]:
    """Read one concept."""
    return ok(ConceptOut.model_validate(await service.find_concept(db, actor, concept_id)))


@router.patch("/{concept_id}")
async def update_concept(
    concept_id: UUID, body: ConceptUpdate, actor: Manager, db: Db, now: Now
) -> Envelope[ConceptOut]:
    """Change what is given; the rest stays."""
    return ok(await service.update_concept(db, actor, concept_id, body, now=now))


@router.delete("/{concept_id}")
async def delete_concept(concept_id: UUID, actor: Remover, db: Db, now: Now) -> Envelope[ConceptOut]:
    """Hide a concept from every school; what was measured on it is kept."""
    return ok(await service.delete_concept(db, actor, concept_id, now=now))


@router.get("/{concept_id}/prerequisites")
async def read_prerequisites(concept_id: UUID, actor: Reader, db: Db) -> Envelope[Prerequisites]:
    """Read what a concept builds on."""
    return ok(await prerequisites.read_prerequisites(db, actor, concept_id))


@router.put("/{concept_id}/prerequisites")
async def set_prerequisites(
    concept_id: UUID, body: PrerequisitesIn, actor: Manager, db: Db, now: Now
) -> Envelope[Prerequisites]:
    """Replace what a concept builds on; concepts that would build on each other are refused by name."""
    return ok(await prerequisites.set_prerequisites(db, actor, concept_id, body.concept_ids, now=now))

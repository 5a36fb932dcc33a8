from typing import Annotated
from uuid import UUID

from fastapi import APIRouter

from api.concepts import queries, service
from api.concepts.schemas import ConceptCreate, ConceptOut
from api.deps import Db, Now, allowed
from api.envelope import Envelope, Page, ok
from api.idempotency import Idempotent
from api.paging import Paging
from core.errors import NotFoundError
from core.models import Concept
from core.permissions import Permission
from core.tenancy import Actor

router = APIRouter(prefix="/concepts", tags=["concepts"])

Reader = Annotated[Actor, allowed(Permission.CONCEPT_READ)]
Manager = Annotated[Actor, allowed(Permission.CONCEPT_MANAGE)]


@router.post("", status_code=201)
async def create_concept(
    body: ConceptCreate, actor: Manager, db: Db, once: Idempotent, now: Now
) -> Envelope[ConceptOut]:
    """Add a concept to the district's list."""
    return ok(await once.run(ConceptOut, lambda: service.create_concept(db, actor, body, now=now)))


@router.get("")
async def list_concepts(actor: Reader, db: Db, page: Paging) -> Envelope[Page[ConceptOut]]:
    """List the district's concepts, oldest first."""
    items, cursor = await service.list_concepts(db, actor, page)
    return ok(Page(items=items, next_cursor=cursor))


@router.get("/{concept_id}")
async def read_concept(concept_id: UUID, actor: Reader, db: Db) -> Envelope[ConceptOut]:
    """Read one concept."""
    concept = await db.scalar(queries.visible_concepts(actor).where(Concept.id == concept_id))
    if concept is None:
        raise NotFoundError
    return ok(ConceptOut.model_validate(concept))

"""Assignments and their questions."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Query

from api.assignments import questions, service
from api.assignments.schemas import (
    AssignmentCreate,
    AssignmentOut,
    AssignmentUpdate,
    AssignmentWithQuestions,
)
from api.deps import Db, Now, allowed
from api.envelope import Envelope, Page, ok
from api.idempotency import Idempotent
from api.paging import Paging
from api.questions.schemas import QuestionForTeacher, QuestionIn
from core.models import AssignmentStatus
from core.permissions import Permission
from core.tenancy import Actor

router = APIRouter(prefix="/assignments", tags=["assignments"])

Reader = Annotated[Actor, allowed(Permission.ASSIGNMENT_READ)]
Author = Annotated[Actor, allowed(Permission.ASSIGNMENT_MANAGE)]


@router.post("", status_code=201)
async def create_assignment(
    body: AssignmentCreate, actor: Author, db: Db, once: Idempotent, now: Now
) -> Envelope[AssignmentOut]:
    """Create a draft; add questions, then publish it."""
    return ok(await once.run(AssignmentOut, lambda: service.create_assignment(db, actor, body, now=now)))


@router.get("")
async def list_assignments(
    actor: Reader,
    db: Db,
    page: Paging,
    class_id: Annotated[UUID | None, Query()] = None,
    status: Annotated[AssignmentStatus | None, Query()] = None,
) -> Envelope[Page[AssignmentOut]]:
    """List assignments of your classes (students: published ones), oldest first."""
    items, cursor = await service.list_assignments(db, actor, page, class_id=class_id, status=status)
    return ok(Page(items=items, next_cursor=cursor))


@router.get("/{assignment_id}")
async def read_assignment(
    assignment_id: UUID, actor: Reader, db: Db, now: Now
) -> Envelope[AssignmentWithQuestions]:
    """Read an assignment with its questions; students see neither keys nor rubrics nor explanations.

    Before `available_at` students see no questions.
    """
    return ok(await service.read_assignment(db, actor, assignment_id, now=now))


@router.patch("/{assignment_id}")
async def update_assignment(
    assignment_id: UUID, body: AssignmentUpdate, actor: Author, db: Db
) -> Envelope[AssignmentOut]:
    """Change what is given; the rest stays."""
    return ok(await service.update_assignment(db, actor, assignment_id, body))


@router.delete("/{assignment_id}")
async def delete_assignment(assignment_id: UUID, actor: Author, db: Db, now: Now) -> Envelope[AssignmentOut]:
    """Hide an assignment; its answers and grades are kept."""
    return ok(await service.delete_assignment(db, actor, assignment_id, now=now))


@router.post("/{assignment_id}/questions", status_code=201)
async def add_question(
    assignment_id: UUID, body: QuestionIn, actor: Author, db: Db, once: Idempotent
) -> Envelope[QuestionForTeacher]:
    """Append a question to a draft."""

    async def add() -> QuestionForTeacher:
        assignment = await service.find_own_assignment(db, actor, assignment_id)
        if assignment.status is AssignmentStatus.PUBLISHED:
            raise service.AssignmentPublishedError
        return await questions.add_question(db, actor, assignment, body)

    return ok(await once.run(QuestionForTeacher, add))


@router.post("/{assignment_id}/publish")
async def publish_assignment(
    assignment_id: UUID, actor: Author, db: Db, once: Idempotent, now: Now
) -> Envelope[AssignmentOut]:
    """Show an assignment to its class; students are told."""
    return ok(
        await once.run(AssignmentOut, lambda: service.publish_assignment(db, actor, assignment_id, now=now))
    )

"""Putting a wrong answer key right after students have answered."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter

from api.deps import Db, Now, allowed
from api.disclosures import Disclosure, Record, discloses
from api.envelope import Envelope, Page, ok
from api.etags import IfMatch
from api.idempotency import Idempotent
from api.paging import Paging
from api.regrades import service
from api.regrades.schemas import KeyIn, KeyVersionOut, RegradeOut
from core.permissions import Permission
from core.tenancy import Actor

router = APIRouter(prefix="/assignments/{assignment_id}/questions/{question_id}", tags=["assignments"])

Grader = Annotated[Actor, allowed(Permission.GRADE_MANAGE)]
Reviewer = Annotated[Actor, allowed(Permission.ASSIGNMENT_REVIEW)]
Shown = Annotated[Disclosure, discloses(Record.GRADE, Permission.GRADE_MANAGE)]


@router.post("/key")
async def change_key(
    *,
    assignment_id: UUID,
    question_id: UUID,
    body: KeyIn,
    actor: Grader,
    db: Db,
    once: Idempotent,
    seen: IfMatch,
    shown: Shown,
    now: Now,
) -> Envelope[RegradeOut]:
    """Make another option right, and say what becomes of the answers given so far; rehearse it with `dry_run`."""
    target = (assignment_id, question_id)

    async def change() -> RegradeOut:
        return await service.change_key(db, actor, target, body, seen=seen, now=now)

    regrade = await once.run(RegradeOut, change)
    shown.of(student.student_id for student in regrade.students)
    return ok(regrade)


@router.get("/keys")
async def list_keys(
    assignment_id: UUID, question_id: UUID, actor: Reviewer, db: Db, page: Paging
) -> Envelope[Page[KeyVersionOut]]:
    """List what has been right, since when, and how answers were treated when it changed."""
    items, cursor = await service.list_keys(db, actor, (assignment_id, question_id), page)
    return ok(Page(items=items, next_cursor=cursor))

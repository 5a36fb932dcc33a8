"""Answers that wait for a person, a person's decision, and how far models agree with it."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Query

from api.deps import Db, Now, allowed
from api.disclosures import Disclosure, Record, discloses
from api.envelope import Envelope, Page, ok
from api.idempotency import Idempotent
from api.paging import Paging
from api.reviews import agreement, service
from api.reviews.schemas import AcceptIn, AcceptOut, AgreementOut, ReviewIn, ReviewOut
from core.permissions import Permission
from core.tenancy import Actor

router = APIRouter(prefix="/grades", tags=["grades"])

Reviewer = Annotated[Actor, allowed(Permission.REVIEW_MANAGE)]
AgreementReader = Annotated[Actor, allowed(Permission.AGREEMENT_READ)]
Shown = Annotated[Disclosure, discloses(Record.SUBMISSION, Permission.REVIEW_MANAGE)]


@router.get("/reviews")
async def list_reviews(
    *,
    actor: Reviewer,
    db: Db,
    page: Paging,
    shown: Shown,
    class_id: Annotated[UUID | None, Query()] = None,
    assignment_id: Annotated[UUID | None, Query()] = None,
    question_id: Annotated[UUID | None, Query()] = None,
    suspicious: Annotated[bool | None, Query(description="true: only answers with signs of trickery")] = None,
    released: Annotated[
        bool, Query(description="Instead of the queue: answers whose score a model gave and nobody looked at")
    ] = False,
    include_pending: Annotated[bool, Query(description="Also answers no machine has looked at yet")] = False,
) -> Envelope[Page[ReviewOut]]:
    """List answers that wait for your decision, oldest first, each with what was proposed for it."""
    filters = service.QueueFilters(
        class_id, assignment_id, question_id, suspicious, released, include_pending
    )
    items, cursor = await service.list_reviews(db, actor, filters, page)
    shown.of(item.student_id for item in items)
    return ok(Page(items=items, next_cursor=cursor))


@router.post("/reviews/accept")
async def accept_proposals(
    body: AcceptIn, actor: Reviewer, db: Db, once: Idempotent, now: Now
) -> Envelope[AcceptOut]:
    """Take up to 100 proposals as they are; each gets its own result."""

    async def accept() -> AcceptOut:
        return AcceptOut(items=await service.accept_proposals(db, actor, body.answer_ids, now=now))

    return ok(await once.run(AcceptOut, accept))


@router.get("/reviews/{answer_id}")
async def read_review(answer_id: UUID, actor: Reviewer, db: Db, shown: Shown) -> Envelope[ReviewOut]:
    """Read one answer with its newest proposal, waiting or decided."""
    review = await service.read_review(db, actor, answer_id)
    shown.of([review.student_id])
    return ok(review)


@router.post("/reviews/{answer_id}")
async def decide(
    answer_id: UUID, body: ReviewIn, actor: Reviewer, db: Db, once: Idempotent, shown: Shown, now: Now
) -> Envelope[ReviewOut]:
    """Give an answer your score, whoever scored it before; no machine changes it afterwards."""
    review = await once.run(ReviewOut, lambda: service.decide(db, actor, answer_id, body, now=now))
    shown.of([review.student_id])
    return ok(review)


@router.get("/ai-agreement")
async def read_agreement(
    actor: AgreementReader,
    db: Db,
    assignment_id: Annotated[UUID | None, Query()] = None,
    class_id: Annotated[UUID | None, Query()] = None,
) -> Envelope[AgreementOut]:
    """Compare models' proposals with teachers' decisions: of an assignment, a class, or all you see."""
    found = await agreement.read_agreement(db, actor, assignment_id=assignment_id, class_id=class_id)
    return ok(found)

"""Quizzes written from a source, checked before a teacher sees them."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Query

from api.assignments.schemas import QuestionSaved
from api.deps import Db, Now, allowed
from api.envelope import Envelope, Page, ok
from api.generation import service
from api.generation.schemas import CandidateOut, GenerateIn, GenerationOut, GenerationStarted
from api.idempotency import Idempotent
from api.paging import Paging
from api.questions.schemas import QuestionIn
from api.rate_limits import Bucket
from core.models import CandidateState
from core.permissions import Permission
from core.tenancy import Actor

router = APIRouter(prefix="/assignments", tags=["assignments"])

Author = Annotated[Actor, allowed(Permission.ASSIGNMENT_MANAGE)]
Asker = Annotated[Actor, allowed(Permission.ASSIGNMENT_MANAGE, Bucket.AI)]
Reviewer = Annotated[Actor, allowed(Permission.ASSIGNMENT_REVIEW)]


@router.post("/generate", status_code=202)
async def generate_assignment(
    body: GenerateIn, actor: Asker, db: Db, once: Idempotent, now: Now
) -> Envelope[GenerationStarted]:
    """Have a draft's questions written from a text; each passes a gate of checks before it is shown.

    Where no model can be used, questions are cut from the text itself and marked `offline`. Follow the job: by
    GET, or by the socket events `job:progress` and `job:done`. The draft stays empty until the job ends.
    """
    return ok(await once.run(GenerationStarted, lambda: service.start_generation(db, actor, body, now=now)))


@router.get("/{assignment_id}/generation")
async def read_generation(assignment_id: UUID, actor: Reviewer, db: Db) -> Envelope[GenerationOut | None]:
    """Read who wrote a draft's questions, and how many passed; null for one written by hand."""
    return ok(await service.read_generation(db, actor, assignment_id))


@router.get("/{assignment_id}/candidates")
async def list_candidates(
    assignment_id: UUID,
    actor: Reviewer,
    db: Db,
    page: Paging,
    state: Annotated[CandidateState | None, Query()] = None,
) -> Envelope[Page[CandidateOut]]:
    """List what was written for an assignment, oldest first, with what each check found (`state=quarantined`)."""
    items, cursor = await service.list_candidates(db, actor, assignment_id, state=state, page=page)
    return ok(Page(items=items, next_cursor=cursor))


@router.post("/{assignment_id}/candidates/{candidate_id}/adopt", status_code=201)
async def adopt_candidate(
    assignment_id: UUID,
    candidate_id: UUID,
    body: QuestionIn,
    actor: Author,
    db: Db,
    once: Idempotent,
    now: Now,
) -> Envelope[QuestionSaved]:
    """Take a question out of the quarantine and into the draft, as you have mended it."""
    target = (assignment_id, candidate_id)
    return ok(
        await once.run(QuestionSaved, lambda: service.adopt_candidate(db, actor, target, body, now=now))
    )


@router.post("/{assignment_id}/questions/{question_id}/regenerate", status_code=202)
async def regenerate_question(
    assignment_id: UUID, question_id: UUID, actor: Asker, db: Db, once: Idempotent
) -> Envelope[GenerationStarted]:
    """Have one question of a draft written anew; the old one stays when no new one passes."""
    return ok(
        await once.run(
            GenerationStarted, lambda: service.start_replacement(db, actor, assignment_id, question_id)
        )
    )

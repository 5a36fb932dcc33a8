"""Assignments and their questions."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Query, Response

from api.assignments import banked, duplication, publishing, questions, reviewing, service
from api.assignments.schemas import (
    AssignmentCreate,
    AssignmentOut,
    AssignmentUpdate,
    AssignmentWithQuestions,
    Copies,
    DuplicateIn,
    FromBankIn,
    KeyVersionOut,
    OrderIn,
    PublishIn,
    QuestionSaved,
)
from api.deps import Db, Now, allowed
from api.envelope import Envelope, Page, ok
from api.etags import IfMatch, show_version
from api.idempotency import Idempotent
from api.paging import Paging
from api.questions.schemas import QuestionIn
from api.schemas import Line
from core.models import AssignmentStatus
from core.permissions import Permission
from core.tenancy import Actor

router = APIRouter(prefix="/assignments", tags=["assignments"])

Reader = Annotated[Actor, allowed(Permission.ASSIGNMENT_READ)]
Author = Annotated[Actor, allowed(Permission.ASSIGNMENT_MANAGE)]


@router.post("", status_code=201)
async def create_assignment(
    *, body: AssignmentCreate, actor: Author, db: Db, once: Idempotent, now: Now, response: Response
) -> Envelope[AssignmentOut]:
    """Create a draft; add questions, then publish it."""
    made = await once.run(AssignmentOut, lambda: service.create_assignment(db, actor, body, now=now))
    show_version(response, made.version)
    return ok(made)


@router.get("")
async def list_assignments(
    *,
    actor: Reader,
    db: Db,
    page: Paging,
    class_id: Annotated[UUID | None, Query()] = None,
    status: Annotated[AssignmentStatus | None, Query()] = None,
    category: Annotated[Line | None, Query()] = None,
) -> Envelope[Page[AssignmentOut]]:
    """List assignments of your classes, oldest first.

    Students see what is published or was, with the dates, attempts and time limit that are their own.
    """
    filters = {"class_id": class_id, "status": status, "category": category}
    items, cursor = await service.list_assignments(db, actor, page, filters=filters)
    return ok(Page(items=items, next_cursor=cursor))


@router.get("/{assignment_id}")
async def read_assignment(
    assignment_id: UUID, actor: Reader, db: Db, now: Now, response: Response
) -> Envelope[AssignmentWithQuestions]:
    """Read an assignment with its questions; students see neither keys nor rubrics nor explanations.

    Before `available_at` students see no questions; where the assignment is shuffled, each has an order that stays.
    """
    shown = await service.read_assignment(db, actor, assignment_id, now=now)
    show_version(response, shown.version)
    return ok(shown)


@router.patch("/{assignment_id}")
async def update_assignment(
    *,
    assignment_id: UUID,
    body: AssignmentUpdate,
    actor: Author,
    db: Db,
    seen: IfMatch,
    response: Response,
    now: Now,
) -> Envelope[AssignmentOut]:
    """Change what is given; the rest stays."""
    changed = await service.update_assignment(db, actor, assignment_id, body, seen=seen, now=now)
    show_version(response, changed.version)
    return ok(changed)


@router.delete("/{assignment_id}")
async def delete_assignment(
    assignment_id: UUID, actor: Author, db: Db, seen: IfMatch, now: Now
) -> Envelope[AssignmentOut]:
    """Hide an assignment; its answers and grades are kept."""
    return ok(await service.delete_assignment(db, actor, assignment_id, seen=seen, now=now))


@router.post("/{assignment_id}/publish")
async def publish_assignment(
    *,
    assignment_id: UUID,
    actor: Author,
    db: Db,
    once: Idempotent,
    now: Now,
    response: Response,
    body: PublishIn | None = None,
) -> Envelope[AssignmentOut]:
    """Show an assignment to its class; students are told.

    Questions that nobody has looked at are shown only when the body says so, which the audit trail keeps.
    """
    wish = body or PublishIn()
    published = await once.run(
        AssignmentOut,
        lambda: publishing.publish_assignment(
            db, actor, assignment_id, allow_unreviewed=wish.allow_unreviewed, now=now
        ),
    )
    show_version(response, published.version)
    return ok(published)


@router.post("/{assignment_id}/unpublish")
async def unpublish_assignment(
    assignment_id: UUID, actor: Author, db: Db, now: Now, response: Response
) -> Envelope[AssignmentOut]:
    """Make a draft of an assignment that nobody has begun."""
    changed = await publishing.unpublish_assignment(db, actor, assignment_id, now=now)
    show_version(response, changed.version)
    return ok(changed)


@router.post("/{assignment_id}/archive")
async def archive_assignment(
    assignment_id: UUID, actor: Author, db: Db, now: Now, response: Response
) -> Envelope[AssignmentOut]:
    """Put an assignment away: nobody begins it any more, its work and grades stay readable."""
    changed = await publishing.archive_assignment(db, actor, assignment_id, now=now)
    show_version(response, changed.version)
    return ok(changed)


@router.post("/{assignment_id}/duplicate", status_code=201)
async def duplicate_assignment(
    *, assignment_id: UUID, body: DuplicateIn, actor: Author, db: Db, once: Idempotent, now: Now
) -> Envelope[Copies]:
    """Make drafts of it, with its questions, in classes you teach."""

    async def duplicate() -> Copies:
        return await duplication.duplicate_assignment(db, actor, assignment_id, body, now=now)

    return ok(await once.run(Copies, duplicate))


@router.post("/{assignment_id}/questions", status_code=201)
async def add_question(
    *, assignment_id: UUID, body: QuestionIn, actor: Author, db: Db, once: Idempotent, response: Response
) -> Envelope[QuestionSaved]:
    """Append a question to a draft."""
    added = await once.run(QuestionSaved, lambda: questions.add_question(db, actor, assignment_id, body))
    show_version(response, added.assignment_version)
    return ok(added)


@router.post("/{assignment_id}/questions/from-bank", status_code=201)
async def add_questions_from_bank(
    *, assignment_id: UUID, body: FromBankIn, actor: Author, db: Db, once: Idempotent, response: Response
) -> Envelope[AssignmentWithQuestions]:
    """Append copies of questions from your banks, or from those your school shares, to a draft."""

    async def add() -> AssignmentWithQuestions:
        return await banked.add_from_banks(db, actor, assignment_id, body.question_ids)

    shown = await once.run(AssignmentWithQuestions, add)
    show_version(response, shown.version)
    return ok(shown)


@router.put("/{assignment_id}/questions/order")
async def order_questions(
    *, assignment_id: UUID, body: OrderIn, actor: Author, db: Db, seen: IfMatch, response: Response
) -> Envelope[AssignmentWithQuestions]:
    """Give the questions of a draft their order."""
    shown = await questions.order_questions(db, actor, assignment_id, body.question_ids, seen=seen)
    show_version(response, shown.version)
    return ok(shown)


@router.post("/{assignment_id}/questions/accept-all")
async def accept_all_questions(
    assignment_id: UUID, actor: Author, db: Db, now: Now, response: Response
) -> Envelope[AssignmentWithQuestions]:
    """Stand behind every question that a machine wrote and nobody has looked at."""
    shown = await reviewing.accept_all_questions(db, actor, assignment_id, now=now)
    show_version(response, shown.version)
    return ok(shown)


@router.patch("/{assignment_id}/questions/{question_id}")
async def change_question(
    *,
    assignment_id: UUID,
    question_id: UUID,
    body: QuestionIn,
    actor: Author,
    db: Db,
    seen: IfMatch,
    now: Now,
    response: Response,
) -> Envelope[QuestionSaved]:
    """Put another content in the question's place, all of it; you stand behind it then."""
    target = (assignment_id, question_id)
    changed = await questions.change_question(db, actor, target, body, seen=seen, now=now)
    show_version(response, changed.assignment_version)
    return ok(changed)


@router.delete("/{assignment_id}/questions/{question_id}")
async def delete_question(
    *,
    assignment_id: UUID,
    question_id: UUID,
    actor: Author,
    db: Db,
    seen: IfMatch,
    now: Now,
    response: Response,
) -> Envelope[AssignmentOut]:
    """Take a question out of a draft; those behind it move up."""
    changed = await questions.delete_question(db, actor, (assignment_id, question_id), seen=seen, now=now)
    show_version(response, changed.version)
    return ok(changed)


@router.post("/{assignment_id}/questions/{question_id}/accept")
async def accept_question(
    *, assignment_id: UUID, question_id: UUID, actor: Author, db: Db, now: Now, response: Response
) -> Envelope[QuestionSaved]:
    """Stand behind a question that a machine wrote."""
    accepted = await reviewing.accept_question(db, actor, (assignment_id, question_id), now=now)
    show_version(response, accepted.assignment_version)
    return ok(accepted)


@router.get("/{assignment_id}/questions/{question_id}/key-versions")
async def list_key_versions(
    assignment_id: UUID, question_id: UUID, actor: Author, db: Db, page: Paging
) -> Envelope[Page[KeyVersionOut]]:
    """List what has been right for a question, and worth how much, oldest first."""
    items, cursor = await questions.list_key_versions(db, actor, (assignment_id, question_id), page)
    return ok(Page(items=items, next_cursor=cursor))

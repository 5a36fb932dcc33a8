"""A student's attempts and answers."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Query

from api.deps import Db, Now, allowed, consented
from api.disclosures import Disclosure, Record, discloses
from api.envelope import Envelope, Page, ok
from api.idempotency import Idempotent
from api.paging import Paging
from api.rate_limits import Bucket
from api.submissions import answers, bulk, drafts, handing_in, reopening, service
from api.submissions.schemas import (
    AnswerIn,
    AnswerOut,
    AnswersIn,
    AnswersOut,
    DraftIn,
    DraftOut,
    DraftSaved,
    Feedback,
    SubmissionOut,
    SubmissionStart,
    SubmissionWithAnswers,
    SubmittedOut,
    WorkStatus,
)
from api.submissions.statuses.service import list_work
from core.models import ConsentScope, SubmissionStatus
from core.permissions import Permission
from core.tenancy import Actor

router = APIRouter(prefix="/submissions", tags=["submissions"])

RECORDED = consented(ConsentScope.COLLECTION)

Reader = Annotated[Actor, allowed(Permission.SUBMISSION_READ)]
Student = Annotated[Actor, allowed(Permission.SUBMISSION_WRITE)]
Writer = Annotated[Actor, allowed(Permission.SUBMISSION_WRITE, Bucket.DRAFTS)]
Shown = Annotated[Disclosure, discloses(Record.SUBMISSION, Permission.SUBMISSION_READ)]
FeedbackShown = Annotated[Disclosure, discloses(Record.FEEDBACK, Permission.SUBMISSION_READ)]


@router.post("", status_code=201, dependencies=[RECORDED])
async def start_submission(
    body: SubmissionStart, actor: Student, db: Db, once: Idempotent, now: Now
) -> Envelope[SubmissionWithAnswers]:
    """Start an attempt, or resume the open one, on this or another device."""

    async def start() -> SubmissionWithAnswers:
        return await service.start_submission(db, actor, body.assignment_id, now=now)

    return ok(await once.run(SubmissionWithAnswers, start))


@router.get("")
async def list_submissions(
    actor: Reader,
    db: Db,
    page: Paging,
    shown: Shown,
    now: Now,
    *,
    assignment_id: Annotated[UUID | None, Query()] = None,
    student_id: Annotated[UUID | None, Query()] = None,
    status: Annotated[SubmissionStatus | None, Query()] = None,
) -> Envelope[Page[SubmissionOut]]:
    """List attempts: a student's own, a teacher's classes', oldest first."""
    filters = {"assignment_id": assignment_id, "student_id": student_id, "status": status}
    items, cursor = await service.list_submissions(db, actor, page, filters=filters, now=now)
    shown.of(item.student_id for item in items)
    return ok(Page(items=items, next_cursor=cursor))


@router.get("/statuses")
async def list_statuses(
    assignment_id: Annotated[UUID, Query()],
    actor: Annotated[Actor, allowed(Permission.GRADEBOOK_READ)],
    db: Db,
    page: Paging,
    shown: Annotated[Disclosure, discloses(Record.SUBMISSION, Permission.GRADEBOOK_READ)],
    *,
    now: Now,
) -> Envelope[Page[WorkStatus]]:
    """List how far each student of the class is with an assignment, by student."""
    items, cursor = await list_work(db, actor, assignment_id, page, now=now)
    shown.of(item.student_id for item in items)
    return ok(Page(items=items, next_cursor=cursor))


@router.get("/{submission_id}")
async def read_submission(
    submission_id: UUID, actor: Reader, db: Db, shown: Shown, now: Now
) -> Envelope[SubmissionWithAnswers]:
    """Read an attempt with every try."""
    submission = await service.read_submission(db, actor, submission_id, now=now)
    shown.of([submission.student_id])
    return ok(submission)


@router.get("/{submission_id}/feedback")
async def read_feedback(
    submission_id: UUID, actor: Reader, db: Db, shown: FeedbackShown, now: Now
) -> Envelope[Feedback]:
    """Read verdicts and feedback of an attempt."""
    feedback = await service.read_feedback(db, actor, submission_id, now=now)
    shown.of([feedback.student_id])
    return ok(feedback)


@router.post("/{submission_id}/answers", status_code=201, dependencies=[RECORDED])
async def answer_question(
    submission_id: UUID, body: AnswerIn, actor: Student, db: Db, once: Idempotent, now: Now
) -> Envelope[AnswerOut]:
    """Answer one question: an instant verdict for multiple choice, `pending` for free response."""
    return ok(
        await once.run(AnswerOut, lambda: answers.answer_question(db, actor, submission_id, body, now=now))
    )


@router.post("/{submission_id}/answers/bulk", status_code=201, dependencies=[RECORDED])
async def answer_many(
    submission_id: UUID, body: AnswersIn, actor: Student, db: Db, once: Idempotent, now: Now
) -> Envelope[AnswersOut]:
    """Send up to 100 answers that were kept offline; each gets its own result, and a repeat is counted once."""

    async def answer() -> AnswersOut:
        return AnswersOut(items=await bulk.answer_many(db, actor, submission_id, body.answers, now=now))

    return ok(await once.run(AnswersOut, answer))


@router.put("/{submission_id}/drafts/{question_id}", dependencies=[RECORDED])
async def save_draft(
    submission_id: UUID, question_id: UUID, body: DraftIn, actor: Writer, db: Db, now: Now
) -> Envelope[DraftSaved]:
    """Keep what is written so far; an older state never takes the place of a newer one."""
    return ok(await drafts.save_draft(db, actor, (submission_id, question_id), body, now=now))


@router.get("/{submission_id}/drafts/{question_id}/history")
async def list_draft_states(
    submission_id: UUID, question_id: UUID, actor: Reader, db: Db, page: Paging, shown: Shown
) -> Envelope[Page[DraftOut]]:
    """List every kept state of a draft, oldest first."""
    student_id, items, cursor = await drafts.list_states(db, actor, (submission_id, question_id), page)
    shown.of([student_id])
    return ok(Page(items=items, next_cursor=cursor))


@router.post("/{submission_id}/submit", dependencies=[RECORDED])
async def submit(
    submission_id: UUID, actor: Student, db: Db, once: Idempotent, now: Now
) -> Envelope[SubmittedOut]:
    """Hand the attempt in; handing in again answers the same."""
    return ok(await once.run(SubmittedOut, lambda: handing_in.submit(db, actor, submission_id, now=now)))


@router.post("/{submission_id}/reopen")
async def reopen(
    submission_id: UUID,
    actor: Annotated[Actor, allowed(Permission.GRADE_MANAGE)],
    db: Db,
    once: Idempotent,
    shown: Annotated[Disclosure, discloses(Record.SUBMISSION, Permission.GRADE_MANAGE)],
    *,
    now: Now,
) -> Envelope[SubmissionOut]:
    """Open a student's last attempt again; its answers stay, and its grade waits until it is handed in anew."""
    opened = await once.run(SubmissionOut, lambda: reopening.reopen(db, actor, submission_id, now=now))
    shown.of([opened.student_id])
    return ok(opened)

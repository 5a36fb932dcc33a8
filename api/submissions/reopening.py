"""Opening an attempt again: a student who handed in by mistake, or ran out of a time that was too short."""

from datetime import datetime
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from api.grades.settling import Cause, Cells
from api.grades.telling import settle_and_tell
from api.submissions import queries
from api.submissions.errors import LaterAttemptError, NoTimeLeftError
from api.submissions.presentation import show_submission
from api.submissions.schemas import SubmissionOut
from api.submissions.scoring import rescore
from api.submissions.terms import Terms
from core.audit import record_audit
from core.errors import NotFoundError
from core.models import StudentSubmission, SubmissionStatus
from core.notifications import Notice, NotificationKind, notify
from core.tenancy import Actor


async def reopen(session: AsyncSession, actor: Actor, submission_id: UUID, *, now: datetime) -> SubmissionOut:
    """Open a student's last attempt again, with every answer it has; one that is open stays as it is.

    Its end must lie ahead: more time is an extension's to give. Raises NotFoundError, LaterAttemptError or
    NoTimeLeftError.
    """
    statement = queries.with_terms(queries.visible_submission(actor, submission_id))
    held = statement.with_for_update(of=StudentSubmission, key_share=True)
    found = (await session.execute(held)).one_or_none()
    if found is None:
        raise NotFoundError
    submission, terms = found[0], Terms.of(*found[1:])
    if submission.status is not SubmissionStatus.IN_PROGRESS:
        await _require_last(session, submission)
        end = terms.ends_at(submission.started_at)
        if end is not None and end <= now:
            raise NoTimeLeftError
        await _open(session, actor, submission, title=found[1].title, now=now)
    return show_submission(actor, submission, terms, now=now)


async def _require_last(session: AsyncSession, submission: StudentSubmission) -> None:
    """Of two open attempts a student would see only one."""
    if await session.scalar(queries.last_attempt_number(submission)) != submission.attempt_number:
        raise LaterAttemptError


async def _open(
    session: AsyncSession, actor: Actor, submission: StudentSubmission, *, title: str, now: datetime
) -> None:
    """Take the hand-in back; the audit trail keeps when and by whom it had been done."""
    before = {
        "submitted_at": None if submission.submitted_at is None else submission.submitted_at.isoformat(),
        "handed_in_by": None if submission.handed_in_by is None else submission.handed_in_by.value,
        "score": str(submission.score),
    }
    submission.submitted_at, submission.handed_in_by = None, None
    await session.flush()
    await rescore(session, [submission.id])
    await session.refresh(submission)
    student_id = submission.student_id
    await record_audit(
        session,
        actor,
        "reopened",
        ("submission", submission.id),
        now=now,
        subject_id=student_id,
        details=before,
    )
    cells = Cells(submission.class_id, (submission.assignment_id,), (student_id,))
    await settle_and_tell(session, cells, Cause("attempt opened again", now, actor.user_id))
    notice = Notice(NotificationKind.SUBMISSION_REOPENED, title, ("submission", submission.id))
    await notify(session, [student_id], notice, school_id=submission.school_id, now=now)

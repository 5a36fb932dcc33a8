"""A person looks at what a machine wrote, and stands behind it."""

from datetime import datetime
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from api.assignments import queries
from api.assignments.questions import find_question, mark_accepted, saved
from api.assignments.schemas import AssignmentWithQuestions, QuestionSaved
from api.assignments.service import find_own_assignment, show_with_questions
from core.audit import record_audit
from core.models import ReviewStatus
from core.tenancy import Actor


async def accept_question(
    session: AsyncSession, actor: Actor, target: tuple[UUID, UUID], *, now: datetime
) -> QuestionSaved:
    """Accept one question as it is; accepting again changes nothing. Raises NotFoundError.

    `target` is the assignment's and the question's id.
    """
    assignment = await find_own_assignment(session, actor, target[0])
    question = await find_question(session, actor, assignment, target[1])
    if question.review_status is ReviewStatus.UNREVIEWED:
        mark_accepted(question, actor, now)
        assignment.version += 1
        await record_audit(session, actor, "accepted", ("question", question.id), now=now)
    concepts = await session.execute(queries.concepts_of(actor, [question.id]))
    return saved(assignment, question, [concept_id for _, concept_id in concepts])


async def accept_all_questions(
    session: AsyncSession, actor: Actor, assignment_id: UUID, *, now: datetime
) -> AssignmentWithQuestions:
    """Accept every question nobody has looked at. Raises NotFoundError."""
    assignment = await find_own_assignment(session, actor, assignment_id)
    accepted = list(await session.scalars(queries.accept_all(actor, assignment_id, now)))
    if accepted:
        assignment.version += 1
        details = {"question_ids": sorted(map(str, accepted))}
        target = ("assignment", assignment_id)
        await record_audit(session, actor, "accepted_questions", target, now=now, details=details)
    return await show_with_questions(session, actor, assignment)

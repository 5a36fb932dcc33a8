"""What a change of an assignment does to grades."""

from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncSession

from api.grades.settling import Cause, Cells
from api.grades.telling import settle_and_tell
from core.models import Assignment, AssignmentStatus
from core.tenancy import Actor

COUNTED = frozenset(
    {
        "points",
        "category",
        "due_at",
        "available_until",
        "time_limit_minutes",
        "feedback_release",
        "attempt_policy",
        "grade_posting",
        "grading_type",
        "omit_from_final",
        "never_drop",
    }
)
"""What grades follow from."""


async def settle_assignment(
    session: AsyncSession, actor: Actor, assignment: Assignment, reason: str, *, now: datetime
) -> None:
    """Bring the grades of an assignment, and the overall grades of its class, up to what it is now; call it last."""
    await session.flush()
    cells = Cells(assignment.class_id, (assignment.id,))
    await settle_and_tell(session, cells, Cause(reason, now, actor.user_id))


async def settle_if_counted(
    session: AsyncSession, actor: Actor, assignment: Assignment, changed: set[str], *, now: datetime
) -> None:
    """Settle when one of the fields changed is one that grades follow from; a draft has no grades."""
    if assignment.status is not AssignmentStatus.DRAFT and changed & COUNTED:
        await settle_assignment(session, actor, assignment, "assignment changed", now=now)

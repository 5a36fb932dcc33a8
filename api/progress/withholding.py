"""What a student does not learn yet: numbers that rest on work whose grade is not released.

Staff see everything. A student could otherwise read an unreleased score off a mastery that has moved.
"""

from datetime import datetime
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from api.analytics.marts import Marts, ask
from api.grades.presentation import is_released
from api.progress import queries
from core.tenancy import Actor
from warehouse.student_queries import graded_assignments


async def withheld_assignments(
    session: AsyncSession, warehouse: Marts, actor: Actor, student_id: UUID, *, now: datetime
) -> frozenset[str]:
    """Return the assignments with graded answers of which the actor may not see the outcome yet."""
    if not actor.is_student:
        return frozenset()
    served = await ask(warehouse, actor, graded_assignments(student_id))
    graded = [UUID(row["assignment_id"]) for row in served.rows]
    found = (await session.execute(queries.posted_work(actor, student_id, graded))).all()
    released = {row[0].assignment_id for row in found if is_released(row, now)}
    return frozenset(str(one) for one in graded if one not in released)

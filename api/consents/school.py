"""A school consents for its students' education; a guardian's word is always the stronger one."""

from datetime import datetime
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from api.consents import queries
from api.consents.decisions import Child, Decider, Wanted, record_decisions, scope_states, settle_account
from api.consents.schemas import StudentConsents
from core.consents import standing_consents
from core.errors import NotFoundError
from core.models import ConsentBasis, User
from core.tenancy import Actor


async def decide_for_school(
    session: AsyncSession, actor: Actor, student_id: UUID, wanted: Wanted, *, now: datetime
) -> StudentConsents:
    """Write down what the school decides for a student. Raises NotFoundError or CollectionNotGrantedError."""
    student = await _find_student(session, actor, student_id, lock=True)
    decider = Decider(ConsentBasis.SCHOOL_AGENT, "school_record", actor)
    await record_decisions(session, _child(actor, student), decider, wanted, now=now)
    standing = await standing_consents(session, actor.tenant, student.id)
    await settle_account(session, student, standing, now=now)
    return StudentConsents(student_id=student.id, scopes=scope_states(standing))


async def read_consents(session: AsyncSession, actor: Actor, student_id: UUID) -> StudentConsents:
    """Return the decisions that count for a student. Raises NotFoundError."""
    student = await _find_student(session, actor, student_id)
    standing = await standing_consents(session, actor.tenant, student.id)
    return StudentConsents(student_id=student.id, scopes=scope_states(standing))


async def _find_student(session: AsyncSession, actor: Actor, student_id: UUID, *, lock: bool = False) -> User:
    statement = queries.student_in_reach(actor, student_id)
    student: User | None = await session.scalar(statement.with_for_update() if lock else statement)
    if student is None:
        raise NotFoundError
    return student


def _child(actor: Actor, student: User) -> Child:
    if student.school_id is None:
        raise NotFoundError  # never: the database knows no student without a school
    return Child(actor.tenant, student.school_id, student.id)

"""Whom the answers are about: a student the actor may see, in the classes they have in common."""

from dataclasses import dataclass
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from api.analytics import queries
from api.users.queries import visible_student
from core.errors import NotFoundError
from core.models import User
from core.tenancy import Actor


@dataclass(frozen=True, slots=True)
class KnownStudent:
    """`classes`: names by id of the student's classes that the actor may see."""

    id: UUID
    name: str
    classes: dict[UUID, str]


async def find_student(session: AsyncSession, actor: Actor, student_id: UUID) -> KnownStudent:
    """Return a student and the classes to speak of. Raises NotFoundError.

    A teacher sees who asks for a place, to decide; what such a student knows is not theirs to see yet.
    """
    student: User | None = await session.scalar(visible_student(actor, student_id))
    if student is None:
        raise NotFoundError
    found = await session.execute(queries.classes_of_student(actor, student_id))
    classes = dict(found.tuples().all())
    if actor.is_teacher and not classes:
        raise NotFoundError
    return KnownStudent(student.id, student.name, classes)

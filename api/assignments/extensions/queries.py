"""What single students are granted for an assignment."""

from uuid import UUID

from sqlalchemy import Select, select

from core.models import AssignmentExtension
from core.tenancy import Actor


def extensions_of(actor: Actor, assignment_id: UUID) -> Select[tuple[AssignmentExtension]]:
    return select(AssignmentExtension).where(
        AssignmentExtension.district_id == actor.district_id,
        AssignmentExtension.assignment_id == assignment_id,
    )


def extension_of(actor: Actor, assignment_id: UUID, student_id: UUID) -> Select[tuple[AssignmentExtension]]:
    return extensions_of(actor, assignment_id).where(AssignmentExtension.student_id == student_id)

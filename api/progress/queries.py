from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import Select

from api.grades.queries import WithRelease, visible_grades, with_release
from core.models import Grade, GradeStatus
from core.tenancy import Actor


def posted_work(actor: Actor, student_id: UUID, assignment_ids: Sequence[UUID]) -> Select[WithRelease]:
    """The student's graded and posted work among these, with what decides whether it may be seen by now."""
    grades = visible_grades(actor).where(
        Grade.student_id == student_id,
        Grade.assignment_id.in_(assignment_ids),
        Grade.status == GradeStatus.GRADED,
        Grade.is_posted,
    )
    return with_release(actor, grades)

"""What explanations read besides the facts of settling."""

from collections.abc import Iterable
from uuid import UUID

from sqlalchemy import Select, select

from core.models import Assignment, ClassEnrollment, ClassGrade, EnrollmentStatus, GradingPolicyVersion
from core.tenancy import Actor


def titles_of(actor: Actor, assignment_ids: Iterable[UUID]) -> Select[tuple[UUID, str]]:
    return select(Assignment.id, Assignment.title).where(
        Assignment.district_id == actor.district_id, Assignment.id.in_(list(assignment_ids))
    )


def policy_version(actor: Actor, class_id: UUID, version: int) -> Select[tuple[GradingPolicyVersion]]:
    return select(GradingPolicyVersion).where(
        GradingPolicyVersion.district_id == actor.district_id,
        GradingPolicyVersion.class_id == class_id,
        GradingPolicyVersion.version == version,
    )


def class_grade(actor: Actor, class_id: UUID, student_id: UUID) -> Select[tuple[ClassGrade]]:
    return select(ClassGrade).where(
        ClassGrade.district_id == actor.district_id,
        ClassGrade.class_id == class_id,
        ClassGrade.student_id == student_id,
    )


def place_ever_held(actor: Actor, class_id: UUID, student_id: UUID) -> Select[tuple[UUID]]:
    """The student's place in the class, be it given up: grades outlive it."""
    held = (EnrollmentStatus.APPROVED, EnrollmentStatus.REMOVED)
    return select(ClassEnrollment.id).where(
        ClassEnrollment.district_id == actor.district_id,
        ClassEnrollment.class_id == class_id,
        ClassEnrollment.student_id == student_id,
        ClassEnrollment.status.in_(held),
    )

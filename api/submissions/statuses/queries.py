"""The students of a class beside what each has done of one assignment: one statement."""

from typing import Any

from sqlalchemy import ColumnElement, Select, and_, func, select
from sqlalchemy.orm import aliased

from core.models import (
    Accommodation,
    Assignment,
    AssignmentExtension,
    ClassEnrollment,
    EnrollmentStatus,
    StudentSubmission,
    User,
)
from core.tenancy import Actor


def students_at_work(actor: Actor, assignment: Assignment) -> Select[Any]:
    """One row a student: who, the last attempt, what the student's terms follow from, and all attempts together."""
    attempts = _attempts(actor, assignment)
    newest = attempts.distinct(StudentSubmission.student_id).order_by(
        StudentSubmission.student_id, StudentSubmission.attempt_number.desc()
    )
    last = aliased(StudentSubmission, newest.subquery("last"))
    totals = _totals(attempts).subquery("totals")
    student_id = ClassEnrollment.student_id
    person = and_(User.district_id == ClassEnrollment.district_id, User.id == student_id)
    return (
        select(User.id, User.name, last, AssignmentExtension, Accommodation, totals)
        .select_from(ClassEnrollment)
        .join(User, person)
        .outerjoin(last, last.student_id == student_id)
        .outerjoin(totals, totals.c.student_id == student_id)
        .outerjoin(AssignmentExtension, _granted(assignment))
        .outerjoin(Accommodation, _needed(assignment))
        .where(_has_a_place(actor, assignment))
    )


def _attempts(actor: Actor, assignment: Assignment) -> Select[tuple[StudentSubmission]]:
    return select(StudentSubmission).where(
        StudentSubmission.district_id == actor.district_id,
        StudentSubmission.assignment_id == assignment.id,
        StudentSubmission.deleted_at.is_(None),
    )


def _totals(attempts: Select[tuple[StudentSubmission]]) -> Select[Any]:
    active_at = func.coalesce(StudentSubmission.last_active_at, StudentSubmission.started_at)
    return attempts.with_only_columns(
        StudentSubmission.student_id,
        func.count().label("attempts"),
        func.sum(StudentSubmission.active_ms).label("active_ms"),
        func.max(active_at).label("last_active_at"),
    ).group_by(StudentSubmission.student_id)


def _has_a_place(actor: Actor, assignment: Assignment) -> ColumnElement[bool]:
    return and_(
        ClassEnrollment.district_id == actor.district_id,
        ClassEnrollment.class_id == assignment.class_id,
        ClassEnrollment.status == EnrollmentStatus.APPROVED,
        ClassEnrollment.deleted_at.is_(None),
    )


def _granted(assignment: Assignment) -> ColumnElement[bool]:
    return and_(
        AssignmentExtension.district_id == ClassEnrollment.district_id,
        AssignmentExtension.assignment_id == assignment.id,
        AssignmentExtension.student_id == ClassEnrollment.student_id,
    )


def _needed(assignment: Assignment) -> ColumnElement[bool]:
    return and_(
        Accommodation.district_id == ClassEnrollment.district_id,
        Accommodation.class_id == assignment.class_id,
        Accommodation.student_id == ClassEnrollment.student_id,
    )

"""Whom an actor may see; check and list filter are the same statement."""

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import ColumnElement, Select, Text, func, select, text, union
from sqlalchemy.orm import aliased

from api.classes.queries import visible_classes
from core.models import (
    ClassEnrollment,
    EnrollmentStatus,
    School,
    SchoolClass,
    User,
    UserSearchTerm,
    tenant_audit_events,
)
from core.tenancy import Actor, Role

EMAIL_VERIFIED = text("SELECT email_verified_at IS NOT NULL FROM auth.credentials_of(:user_id)")

LAST_CHARACTER = "\U0010ffff"
"""Sorts behind everything: `term < prefix + LAST_CHARACTER` is what LIKE 'prefix%' means, and keeps its index."""


def own_record(actor: Actor) -> Select[tuple[User]]:
    return select(User).where(
        User.district_id == actor.district_id, User.id == actor.user_id, User.deleted_at.is_(None)
    )


def school_name(actor: Actor) -> Select[tuple[str]]:
    return select(School.name).where(School.district_id == actor.district_id, School.id == actor.school_id)


def visible_people(actor: Actor) -> Select[tuple[User]]:
    """A student's own record, a teacher's students, an admin's school or district."""
    if actor.is_student:
        return own_record(actor)
    statement = select(User).where(User.district_id == actor.district_id, User.deleted_at.is_(None))
    if actor.is_teacher:
        return statement.where(User.id.in_(_students_of_own_classes(actor)))
    if actor.school_id is not None:
        return statement.where(User.school_id == actor.school_id)
    return statement


def visible_person(actor: Actor, user_id: UUID) -> Select[tuple[User]]:
    if user_id == actor.user_id:
        return own_record(actor)
    return visible_people(actor).where(User.id == user_id)


def visible_student(actor: Actor, student_id: UUID) -> Select[tuple[User]]:
    return visible_person(actor, student_id).where(User.role == Role.STUDENT)


def is_called(actor: Actor, word: str, parts: Sequence[str]) -> ColumnElement[bool]:
    """An e-mail starts with the word, or words of the name start with each of its parts.

    A union and not an OR: of an OR PostgreSQL makes a filter over everybody, of a union a join.
    """
    whole = _who_has_term(actor, word)
    if not parts or list(parts) == [word]:
        return User.id.in_(whole)
    by_parts, *others = (_who_has_term(actor, part) for part in parts)
    for other in others:
        by_parts = by_parts.where(by_parts.selected_columns.user_id.in_(other))
    return User.id.in_(union(whole, by_parts))


def reads_of(actor: Actor, student_id: UUID) -> Select[tuple[UUID]]:
    """The rows of the trail that say who read a student's record."""
    trail = tenant_audit_events.c
    return select(trail.id, trail.occurred_at, trail.actor_id, trail.object_type, trail.purpose).where(
        trail.district_id == actor.district_id, trail.subject_id == student_id, trail.action == "read"
    )


def people_named(actor: Actor, user_ids: Sequence[UUID]) -> Select[tuple[UUID, str, Role]]:
    """Names and roles, also of those who have left."""
    return select(User.id, User.name, User.role).where(
        User.district_id == actor.district_id, User.id.in_(user_ids)
    )


def _students_of_own_classes(actor: Actor) -> Select[tuple[UUID]]:
    """Students with a place in the teacher's classes, or who ask for one."""
    return select(ClassEnrollment.student_id).where(
        ClassEnrollment.district_id == actor.district_id,
        ClassEnrollment.deleted_at.is_(None),
        ClassEnrollment.status.in_([EnrollmentStatus.APPROVED, EnrollmentStatus.PENDING]),
        ClassEnrollment.class_id.in_(visible_classes(actor).with_only_columns(SchoolClass.id)),
    )


def _who_has_term(actor: Actor, prefix: str) -> Select[tuple[UUID]]:
    """A range, never LIKE: under row security LIKE loses its index."""
    terms = aliased(UserSearchTerm)
    start = func.app.fold(prefix, type_=Text)
    found = select(terms.user_id).where(
        terms.district_id == actor.district_id, terms.term >= start, terms.term < start + LAST_CHARACTER
    )
    return found if actor.school_id is None else found.where(terms.school_id == actor.school_id)

"""Requests that wait for a guardian, decisions, and the students whose consents somebody may see."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import Select, delete, select, text
from sqlalchemy.sql.dml import ReturningDelete

from core.models import Consent, ConsentBasis, ConsentRequest, ConsentRequestStatus, School, User
from core.tenancy import Actor, Role, TenantId

EXTEND_LINK = text("SELECT auth.extend_mailed_token(:token_hash, :purpose, :expires_at)")


def request_with_school(tenant: TenantId, request_id: UUID) -> Select[tuple[ConsentRequest, str]]:
    return (
        select(ConsentRequest, School.name)
        .join(
            School,
            (School.district_id == ConsentRequest.district_id) & (School.id == ConsentRequest.school_id),
        )
        .where(ConsentRequest.district_id == tenant.value, ConsentRequest.id == request_id)
    )


def waiting_requests(tenant: TenantId, class_id: UUID, child_name: str) -> Select[tuple[ConsentRequest]]:
    return select(ConsentRequest).where(
        ConsentRequest.district_id == tenant.value,
        ConsentRequest.status == ConsentRequestStatus.WAITING,
        ConsentRequest.class_id == class_id,
        ConsentRequest.child_name == child_name,
    )


def overdue_requests(tenant: TenantId, moment: datetime) -> ReturningDelete[tuple[UUID]]:
    """Requests nobody answered, and granted ones no child came back for; returns their ids."""
    return (
        delete(ConsentRequest)
        .where(
            ConsentRequest.district_id == tenant.value,
            ConsentRequest.status.in_([ConsentRequestStatus.WAITING, ConsentRequestStatus.GRANTED]),
            ConsentRequest.expires_at <= moment,
        )
        .returning(ConsentRequest.id)
    )


def school_name(tenant: TenantId, school_id: UUID) -> Select[tuple[str]]:
    return select(School.name).where(School.district_id == tenant.value, School.id == school_id)


def child(tenant: TenantId, student_id: UUID) -> Select[tuple[User]]:
    """A student with an account, locked: account and decisions change together."""
    return (
        select(User)
        .where(User.district_id == tenant.value, User.id == student_id, User.deleted_at.is_(None))
        .with_for_update()
    )


def student_in_reach(actor: Actor, student_id: UUID) -> Select[tuple[User]]:
    """Students: themselves. Admins: the students of their school or district."""
    statement = select(User).where(
        User.district_id == actor.district_id,
        User.id == student_id,
        User.role == Role.STUDENT,
        User.deleted_at.is_(None),
    )
    if not actor.is_admin:
        return statement.where(User.id == actor.user_id)
    return statement if actor.school_id is None else statement.where(User.school_id == actor.school_id)


def decisions_by(tenant: TenantId, student_id: UUID, basis: ConsentBasis) -> Select[tuple[Consent]]:
    """The newest decision per scope of either the guardian or the school."""
    return (
        select(Consent)
        .where(
            Consent.district_id == tenant.value,
            Consent.student_id == student_id,
            Consent.basis == basis,
        )
        .distinct(Consent.scope)
        .order_by(Consent.scope, Consent.decided_at.desc(), Consent.id.desc())
    )

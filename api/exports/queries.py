"""Exports of the person who asked, whom a file is about, and what one person has taken out in a day."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import Select, func, select, text

from api.classes.queries import visible_classes
from core.models import (
    ClassEnrollment,
    DataExport,
    EnrollmentStatus,
    ExportKey,
    ExportState,
    SchoolClass,
    User,
)
from core.tenancy import Actor, Role, TenantContext

COUNT_ALONE = text("SELECT pg_advisory_xact_lock(hashtext('homeroom-exports'), hashtext(:user_id))")
"""Two files of one person are counted one after the other."""


def own_exports(actor: Actor) -> Select[tuple[DataExport]]:
    """What the actor asked for; nobody else's."""
    return select(DataExport).where(
        DataExport.district_id == actor.district_id, DataExport.requested_by == actor.user_id
    )


def own_export(actor: Actor, export_id: UUID) -> Select[tuple[DataExport]]:
    return own_exports(actor).where(DataExport.id == export_id)


def export(context: TenantContext, export_id: UUID) -> Select[tuple[DataExport]]:
    """One export, for the worker."""
    return select(DataExport).where(
        DataExport.district_id == context.tenant.value, DataExport.id == export_id
    )


def requester(context: TenantContext, user_id: UUID) -> Select[tuple[User]]:
    """Who asked, while they still may: nobody who has left or was disabled."""
    return select(User).where(
        User.district_id == context.tenant.value,
        User.id == user_id,
        User.deleted_at.is_(None),
        User.status == "active",
    )


def expired(context: TenantContext, now: datetime) -> Select[tuple[DataExport]]:
    """Exports whose file has had its time."""
    return (
        select(DataExport)
        .where(
            DataExport.district_id == context.tenant.value,
            DataExport.expires_at <= now,
            DataExport.state != ExportState.EXPIRED,
            DataExport.storage_key.is_not(None),
        )
        .order_by(DataExport.id)
        .limit(500)
    )


def rows_taken(actor: Actor, *, since: datetime, but: UUID) -> Select[tuple[int | None]]:
    """How many rows the actor's other exports hold since then."""
    return select(func.coalesce(func.sum(DataExport.row_count), 0)).where(
        DataExport.district_id == actor.district_id,
        DataExport.requested_by == actor.user_id,
        DataExport.created_at >= since,
        DataExport.id != but,
    )


def exported_classes(actor: Actor, class_id: UUID | None) -> Select[tuple[UUID]]:
    """Ids of the classes a file is about, among those the actor sees."""
    statement = visible_classes(actor).with_only_columns(SchoolClass.id)
    return statement if class_id is None else statement.where(SchoolClass.id == class_id)


def exported_students(actor: Actor, class_id: UUID | None) -> Select[tuple[UUID, str]]:
    """The approved students of these classes, once each, with their names."""
    places = select(ClassEnrollment.student_id).where(
        ClassEnrollment.district_id == actor.district_id,
        ClassEnrollment.class_id.in_(exported_classes(actor, class_id)),
        ClassEnrollment.status == EnrollmentStatus.APPROVED,
        ClassEnrollment.deleted_at.is_(None),
    )
    return select(User.id, User.name).where(
        User.district_id == actor.district_id, User.deleted_at.is_(None), User.id.in_(places)
    )


def overseen_students(actor: Actor) -> Select[tuple[UUID, str]]:
    """Everybody an admin may resolve a key to, by id."""
    statement = select(User.id, User.name).where(
        User.district_id == actor.district_id, User.role == Role.STUDENT, User.deleted_at.is_(None)
    )
    if actor.school_id is not None:
        statement = statement.where(User.school_id == actor.school_id)
    return statement.order_by(User.id)


def export_secret(actor: Actor) -> Select[tuple[bytes]]:
    return select(ExportKey.secret).where(ExportKey.district_id == actor.district_id)

"""Which warnings an actor may see: those of the classes they see, about students who are still in them."""

from typing import Any
from uuid import UUID

from sqlalchemy import Select, exists, select

from api.classes.queries import visible_classes
from core.models import (
    ClassEnrollment,
    EnrollmentStatus,
    FlagStatus,
    RiskFlag,
    RiskFlagHistory,
    RiskLevel,
    SchoolClass,
    User,
)
from core.tenancy import Actor


def visible_flags(actor: Actor) -> Select[Any]:
    """Warnings with the names of student and class, cleared ones included."""
    return (
        visible_classes(actor)
        .join(
            RiskFlag,
            (RiskFlag.district_id == SchoolClass.district_id) & (RiskFlag.class_id == SchoolClass.id),
        )
        .join(User, (User.district_id == RiskFlag.district_id) & (User.id == RiskFlag.student_id))
        .where(
            User.deleted_at.is_(None),
            exists().where(
                ClassEnrollment.district_id == RiskFlag.district_id,
                ClassEnrollment.class_id == RiskFlag.class_id,
                ClassEnrollment.student_id == RiskFlag.student_id,
                ClassEnrollment.status == EnrollmentStatus.APPROVED,
            ),
        )
        .with_only_columns(RiskFlag, User.name, SchoolClass.name)
    )


def standing_flags(
    actor: Actor,
    *,
    school_id: UUID | None,
    class_id: UUID | None,
    level: RiskLevel | None,
    status: FlagStatus | None,
) -> Select[Any]:
    """Warnings that hold now, of one school, class, level or answer where asked."""
    wanted = {
        RiskFlag.school_id: school_id,
        RiskFlag.class_id: class_id,
        RiskFlag.level: level,
        RiskFlag.status: status,
    }
    conditions = [column == value for column, value in wanted.items() if value is not None]
    return visible_flags(actor).where(RiskFlag.cleared_at.is_(None), *conditions)


def visible_flag(actor: Actor, flag_id: UUID) -> Select[Any]:
    return visible_flags(actor).where(RiskFlag.id == flag_id)


def history(actor: Actor, flag_id: UUID, *, limit: int) -> Select[tuple[RiskFlagHistory]]:
    """The newest changes of a warning first."""
    return (
        select(RiskFlagHistory)
        .where(RiskFlagHistory.district_id == actor.district_id, RiskFlagHistory.flag_id == flag_id)
        .order_by(RiskFlagHistory.version.desc())
        .limit(limit)
    )

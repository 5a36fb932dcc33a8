"""Policies of classes, and the assignments that name their categories."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from sqlalchemy import Select, Update, case, func, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.sql.dml import ReturningInsert

from core.models import Assignment, ClassGrade, GradingPolicyVersion, SchoolClass
from core.tenancy import Actor


def versions_of(actor: Actor, class_id: UUID) -> Select[tuple[GradingPolicyVersion]]:
    return select(GradingPolicyVersion).where(
        GradingPolicyVersion.district_id == actor.district_id, GradingPolicyVersion.class_id == class_id
    )


def newest_version(actor: Actor, class_id: UUID) -> Select[tuple[GradingPolicyVersion]]:
    return versions_of(actor, class_id).order_by(GradingPolicyVersion.version.desc()).limit(1)


def next_version(
    actor: Actor, school_class: SchoolClass, version: int, content: dict[str, Any]
) -> ReturningInsert[tuple[GradingPolicyVersion]]:
    """Store a snapshot, unless somebody else has just stored this version."""
    statement = insert(GradingPolicyVersion).values(
        district_id=actor.district_id,
        school_id=school_class.school_id,
        class_id=school_class.id,
        version=version,
        content=content,
        created_by=actor.user_id,
    )
    return statement.on_conflict_do_nothing().returning(GradingPolicyVersion)


def rename_categories(actor: Actor, class_id: UUID, names: Mapping[str, str]) -> Update:
    """Let the class's assignments name categories anew; `names` has old names as they stand there."""
    return (
        update(Assignment)
        .where(
            Assignment.district_id == actor.district_id,
            Assignment.class_id == class_id,
            Assignment.category.in_(names),
        )
        .values(
            category=case(dict(names), value=Assignment.category),
            version=Assignment.version + 1,
            updated_at=func.now(),
        )
        .execution_options(synchronize_session=False)
    )


def named_categories(actor: Actor, class_id: UUID) -> Select[tuple[str | None]]:
    return (
        select(Assignment.category)
        .where(
            Assignment.district_id == actor.district_id,
            Assignment.class_id == class_id,
            Assignment.category.is_not(None),
        )
        .distinct()
    )


def class_grades_of(actor: Actor, class_id: UUID) -> Select[tuple[ClassGrade]]:
    return select(ClassGrade).where(
        ClassGrade.district_id == actor.district_id, ClassGrade.class_id == class_id
    )

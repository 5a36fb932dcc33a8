"""Overall grades and their history."""

from datetime import datetime
from decimal import Decimal
from uuid import UUID

from sqlalchemy import Select, Update, func, select, update

from core.models import ClassGrade, ClassGradeHistory
from core.tenancy import Actor


def class_grade(actor: Actor, class_id: UUID, student_id: UUID) -> Select[tuple[ClassGrade]]:
    return select(ClassGrade).where(
        ClassGrade.district_id == actor.district_id,
        ClassGrade.class_id == class_id,
        ClassGrade.student_id == student_id,
    )


def override(
    actor: Actor, grade: ClassGrade, word: tuple[Decimal, str | None] | None, reason: str, *, now: datetime
) -> Update:
    """Write a teacher's word over a grade, or take it back; a trigger counts the version and keeps the history."""
    percent, letter = word or (None, None)
    return (
        update(ClassGrade)
        .where(ClassGrade.district_id == actor.district_id, ClassGrade.id == grade.id)
        .values(
            override_percent=percent,
            override_letter=letter,
            override_reason=None if word is None else reason,
            overridden_by=None if word is None else actor.user_id,
            overridden_at=None if word is None else now,
            change_reason=reason,
            changed_by=actor.user_id,
            changed_at=now,
            updated_at=func.now(),
        )
        .execution_options(synchronize_session=False)
    )


def history_of(actor: Actor, class_grade_id: UUID) -> Select[tuple[ClassGradeHistory]]:
    return select(ClassGradeHistory).where(
        ClassGradeHistory.district_id == actor.district_id,
        ClassGradeHistory.class_grade_id == class_grade_id,
    )

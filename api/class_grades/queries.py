"""Overall grades and their history."""

from datetime import datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Integer, Select, Update, func, or_, select, type_coerce, update
from sqlalchemy.orm import aliased

from core.models import ClassGrade, ClassGradeHistory
from core.tenancy import Actor

POSTED = (
    "current_percent",
    "current_letter",
    "final_percent",
    "final_letter",
    "override_percent",
    "override_letter",
)
"""What of a state in the history its student may see."""


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


def posted_history_of(actor: Actor, class_grade_id: UUID) -> tuple[Select[Any], ColumnElement[int]]:
    """The changes its student may see, each with its number among them, and that number to page by.

    Gaps between versions, or pages that others were left out of, would count what is not posted.
    """
    old, new = ClassGradeHistory.old_state, ClassGradeHistory.new_state
    moved = [old[name].astext.is_distinct_from(new[name].astext) for name in POSTED]
    rank = func.row_number().over(order_by=ClassGradeHistory.version)
    number = type_coerce(rank, Integer).label("number")
    posted = history_of(actor, class_grade_id).where(or_(*moved)).add_columns(number).subquery()
    return select(aliased(ClassGradeHistory, posted), posted.c.number), posted.c.number

"""Assignments and grades as OneRoster's line items and results."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import Row

from api.rosters.naming import Naming
from api.rosters.register import Known
from api.rosters.roster import CategoryRow, LineItemRow, ResultRow
from core.models import GradeStatus

UNCATEGORISED = "Uncategorized"
_SCORE_STATUS = {GradeStatus.GRADED: "fully graded", GradeStatus.AWAITING_TEACHER: "partially graded"}


def category_rows(naming: Naming, assignments: Sequence[Row[Any]]) -> Iterator[CategoryRow]:
    """Yield each category once."""
    for title in dict.fromkeys(row.category or UNCATEGORISED for row in assignments):
        yield CategoryRow(sourced_id=naming.made_up("category", title), title=title)


def line_item_rows(
    naming: Naming, assignments: Sequence[Row[Any]], classes: Mapping[UUID, Known]
) -> Iterator[LineItemRow]:
    """Yield every assignment that students were given."""
    for row in assignments:
        school_class = classes[row.class_id]
        yield LineItemRow(
            sourced_id=row.sourced_id or str(row.id),
            title=row.title,
            description=row.description or "",
            assigned_on=row.given_at.date(),
            due_on=(row.due_at or row.given_at).date(),
            school_class=naming.of(row.class_id),
            school=naming.of(school_class.values["school_id"]),
            category=naming.made_up("category", row.category or UNCATEGORISED),
            grading_period=naming.terms_of(school_class)[0],
            most=row.points,
        )


def result_rows(
    naming: Naming, grades: Sequence[Row[Any]], assignments: Mapping[UUID, Row[Any]]
) -> Iterator[ResultRow]:
    """Yield what students earned on them."""
    for row in grades:
        if row.assignment_id in assignments:
            yield ResultRow(
                sourced_id=str(row.id),
                line_item=assignments[row.assignment_id].sourced_id or str(row.assignment_id),
                student=naming.of(row.student_id),
                score_status=_SCORE_STATUS[row.status],
                score=row.score,
                scored_on=row.updated_at.date(),
                school_class=naming.of(row.class_id),
            )

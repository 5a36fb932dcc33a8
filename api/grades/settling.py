"""Settling grades: whoever changes a fact ends with it. Computes from facts and writes what differs."""

import json
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from api.grades.facts import Cell, Cells, Facts, HeldGrade, read_facts
from api.grades.marks import Mark, item_of, mark_of
from core.db import run
from core.domain.gradebook import CategoryStanding, CourseGrades, Standing, course_grades
from core.ids import new_id
from core.tenancy import TenantContext

__all__ = ["Cause", "Cells", "SettledGrade", "settle_grades"]

_WRITE_GRADES = """
INSERT INTO app.grades AS g (district_id, school_id, id, assignment_id, class_id, student_id, submission_id, score,
    possible, percent, status, source, entered_score, deduction, late_seconds, is_posted, posted_at, is_entered,
    late_seconds_override, is_excused, is_missing, override_score, override_reason, overridden_by, overridden_at,
    policy_version, change_reason, changed_by, changed_for_answer, changed_at)
SELECT %(district_id)s, %(school_id)s, r.id, r.assignment_id, %(class_id)s, r.student_id, r.submission_id, r.score,
    r.possible, r.percent, r.status, r.source, r.entered_score, r.deduction, r.late_seconds, r.is_posted,
    CASE WHEN r.is_posted THEN %(now)s::timestamptz END, r.is_entered, r.late_seconds_override, r.is_excused,
    r.is_missing, r.override_score, r.override_reason, r.overridden_by, r.overridden_at, %(policy_version)s,
    %(reason)s, %(actor_id)s, %(answer_id)s, %(now)s
FROM jsonb_to_recordset(%(rows)s::jsonb) AS r (id uuid, assignment_id uuid, student_id uuid, submission_id uuid,
    score numeric, possible numeric, percent numeric, status text, source text, entered_score numeric,
    deduction numeric, late_seconds int, is_posted boolean, is_entered boolean, late_seconds_override int,
    is_excused boolean, is_missing boolean, override_score numeric, override_reason text, overridden_by uuid,
    overridden_at timestamptz)
ORDER BY r.student_id, r.assignment_id
ON CONFLICT (district_id, assignment_id, student_id) DO UPDATE SET
    submission_id = excluded.submission_id, score = excluded.score, possible = excluded.possible,
    percent = excluded.percent, status = excluded.status, source = excluded.source,
    entered_score = excluded.entered_score, deduction = excluded.deduction, late_seconds = excluded.late_seconds,
    is_posted = excluded.is_posted,
    posted_at = CASE WHEN excluded.is_posted THEN coalesce(g.posted_at, excluded.posted_at) END,
    is_entered = excluded.is_entered, late_seconds_override = excluded.late_seconds_override,
    is_excused = excluded.is_excused, is_missing = excluded.is_missing, override_score = excluded.override_score,
    override_reason = excluded.override_reason, overridden_by = excluded.overridden_by,
    overridden_at = excluded.overridden_at,
    score_before_regrade = CASE WHEN %(is_regrade)s AND g.score IS DISTINCT FROM excluded.score
        THEN coalesce(g.score_before_regrade, g.score) ELSE g.score_before_regrade END,
    policy_version = excluded.policy_version, change_reason = excluded.change_reason,
    changed_by = excluded.changed_by, changed_for_answer = excluded.changed_for_answer,
    changed_at = excluded.changed_at, updated_at = now()
RETURNING id, student_id, assignment_id
"""

# A row that stays as it is is not written: no new version, no line of history.
_WRITE_CLASS_GRADES = """
INSERT INTO app.class_grades AS g (district_id, school_id, id, class_id, student_id, current_percent, current_letter,
    final_percent, final_letter, all_current_percent, all_current_letter, all_final_percent, all_final_letter,
    categories, policy_version, change_reason, changed_by, changed_at)
SELECT %(district_id)s, %(school_id)s, r.id, %(class_id)s, r.student_id, r.current_percent, r.current_letter,
    r.final_percent, r.final_letter, r.all_current_percent, r.all_current_letter, r.all_final_percent,
    r.all_final_letter, r.categories, %(policy_version)s, %(reason)s, %(actor_id)s, %(now)s
FROM jsonb_to_recordset(%(rows)s::jsonb) AS r (id uuid, student_id uuid, current_percent numeric,
    current_letter text, final_percent numeric, final_letter text, all_current_percent numeric,
    all_current_letter text, all_final_percent numeric, all_final_letter text, categories jsonb)
ORDER BY r.student_id
ON CONFLICT (district_id, class_id, student_id) DO UPDATE SET
    current_percent = excluded.current_percent, current_letter = excluded.current_letter,
    final_percent = excluded.final_percent, final_letter = excluded.final_letter,
    all_current_percent = excluded.all_current_percent, all_current_letter = excluded.all_current_letter,
    all_final_percent = excluded.all_final_percent, all_final_letter = excluded.all_final_letter,
    categories = excluded.categories, policy_version = excluded.policy_version,
    change_reason = excluded.change_reason, changed_by = excluded.changed_by, changed_at = excluded.changed_at,
    updated_at = now()
WHERE (g.current_percent, g.current_letter, g.final_percent, g.final_letter, g.all_current_percent,
        g.all_current_letter, g.all_final_percent, g.all_final_letter, g.categories, g.policy_version)
    IS DISTINCT FROM (excluded.current_percent, excluded.current_letter, excluded.final_percent,
        excluded.final_letter, excluded.all_current_percent, excluded.all_current_letter,
        excluded.all_final_percent, excluded.all_final_letter, excluded.categories, excluded.policy_version)
"""

_COMPARED = (
    "submission_id",
    "score",
    "possible",
    "percent",
    "status",
    "source",
    "entered_score",
    "deduction",
    "late_seconds",
    "is_posted",
)
"""The columns of a grade that settling decides on."""

_WORDS = (
    "is_entered",
    "late_seconds_override",
    "is_excused",
    "is_missing",
    "override_score",
    "override_reason",
    "overridden_by",
    "overridden_at",
)
"""The columns of a grade that only its teacher decides on."""
_NO_WORD = HeldGrade()


@dataclass(frozen=True)
class Cause:
    """Why grades are settled now; without an actor it is a machine's doing."""

    reason: str
    now: datetime
    actor_id: UUID | None = None
    answer_id: UUID | None = None
    is_regrade: bool = False
    """An answer key was changed: what a grade was before the first time is kept for ever."""


@dataclass(frozen=True, slots=True)
class SettledGrade:
    """A grade that changed."""

    grade_id: UUID
    student_id: UUID
    assignment_id: UUID
    submission_id: UUID | None
    old_score: Decimal | None
    score: Decimal | None
    possible: Decimal
    percent: Decimal | None
    status: str
    source: str
    is_posted: bool
    was_posted: bool


Words = Mapping[Cell, Mapping[str, Any]]
"""What a teacher says of single grades: columns among `_WORDS`, and `entered_score`, by student and assignment."""


async def settle_grades(
    session: AsyncSession, cells: Cells, cause: Cause, words: Words | None = None
) -> list[SettledGrade]:
    """Bring grades and overall grades up to the facts; returns what changed, by student and assignment.

    At most eight statements, whatever the number of students. The caller holds the attempts it has changed; this
    takes the students' places in the class. Settling twice changes nothing the second time. `words` are a teacher's,
    given now: they are kept with the grades and computed with.
    """
    facts = await read_facts(session, cells)
    if facts is None:
        return []
    return await settle_facts(session, facts, cells, cause, words or {})


async def settle_facts(
    session: AsyncSession, facts: Facts, cells: Cells, cause: Cause, words: Words
) -> list[SettledGrade]:
    """Settle from facts that were read, with the places held, in this transaction."""
    stored = dict(facts.grades)
    for cell, word in words.items():
        facts.grades[cell] = replace(stored.get(cell) or HeldGrade(), **word)
    marks = dict(_marks(facts, cells, cause.now))
    changed = {
        cell: mark for cell, mark in marks.items() if _differs(stored.get(cell), mark) or cell in words
    }
    ids = await _write_grades(session, facts, changed, cause)
    await _write_class_grades(session, facts, marks, cause)
    return [_settled(stored.get(cell), cell, mark, ids[cell]) for cell, mark in sorted(changed.items())]


def _marks(facts: Facts, cells: Cells, now: datetime) -> Iterator[tuple[tuple[UUID, UUID], Mark]]:
    asked = None if cells.assignment_ids is None else set(cells.assignment_ids)
    for assignment in facts.assignments.values():
        if asked is None or assignment.id in asked:
            for student_id in facts.students:
                mark = mark_of(facts, student_id, assignment, now)
                if mark is not None:
                    yield (student_id, assignment.id), mark


def _differs(grade: Any, mark: Mark) -> bool:
    return grade is None or any(getattr(grade, name) != getattr(mark, name) for name in _COMPARED)


def proposed_grades(facts: Facts, now: datetime) -> dict[UUID, tuple[dict[str, Any], int]]:
    """Return what settling would write: each student's overall columns, and how many single scores would change."""
    marks = dict(_marks(facts, Cells(facts.class_id), now))
    changes = Counter(cell[0] for cell, mark in marks.items() if _score_of(facts, cell) != mark.score)
    return {
        student_id: (class_grade_columns(grades_of(facts, marks, student_id)), changes[student_id])
        for student_id in facts.students
    }


def _score_of(facts: Facts, cell: tuple[UUID, UUID]) -> Decimal | None:
    grade = facts.grades.get(cell)
    return None if grade is None else grade.score


async def _write_grades(
    session: AsyncSession, facts: Facts, changed: dict[tuple[UUID, UUID], Mark], cause: Cause
) -> dict[tuple[UUID, UUID], UUID]:
    if not changed:
        return {}
    rows = [
        {"student_id": student_id, "assignment_id": assignment_id}
        | {name: getattr(mark, name) for name in _COMPARED}
        | _words_of(facts.grades.get((student_id, assignment_id), _NO_WORD))
        for (student_id, assignment_id), mark in changed.items()
    ]
    written = await run(session, _WRITE_GRADES, _parameters(session, facts, cause, rows))
    return {(row.student_id, row.assignment_id): row.id for row in written}


def _words_of(grade: HeldGrade) -> dict[str, Any]:
    return {"id": grade.id or new_id()} | {name: getattr(grade, name) for name in _WORDS}


async def _write_class_grades(
    session: AsyncSession, facts: Facts, marks: dict[tuple[UUID, UUID], Mark], cause: Cause
) -> None:
    rows = [
        {"id": new_id(), "student_id": student_id, **class_grade_columns(grades_of(facts, marks, student_id))}
        for student_id in facts.students
    ]
    await run(session, _WRITE_CLASS_GRADES, _parameters(session, facts, cause, rows))


def grades_of(facts: Facts, marks: dict[tuple[UUID, UUID], Mark], student_id: UUID) -> CourseGrades:
    """Compute one student's overall grades from marks just made and the grades that stand."""
    items = []
    for assignment in facts.assignments.values():
        cell = (student_id, assignment.id)
        item = item_of(facts, student_id, assignment, marks.get(cell) or facts.grades.get(cell))
        if item is not None:
            items.append(item)
    return course_grades(facts.policy, items)


def class_grade_columns(grades: CourseGrades) -> dict[str, Any]:
    """Return the columns of `class_grades` that follow from the four standings."""
    runs = {
        "current": grades.current_posted,
        "final": grades.final_posted,
        "all_current": grades.current_all,
        "all_final": grades.final_all,
    }
    columns: dict[str, Any] = {}
    for name, standing in runs.items():
        columns |= {f"{name}_percent": standing.percent, f"{name}_letter": standing.letter}
    return columns | {"categories": _categories(runs)}


def _categories(runs: dict[str, Standing]) -> list[dict[str, Any]]:
    told: dict[str | None, dict[str, Any]] = {}
    for name, standing in runs.items():
        for category in standing.categories:
            rule = category.category
            entry = told.setdefault(
                None if rule is None else rule.id,
                {
                    "id": None if rule is None else rule.id,
                    "name": None if rule is None else rule.name,
                    "weight": category.weight,
                },
            )
            entry[name] = _run(category)
    return list(told.values())


def _run(category: CategoryStanding) -> dict[str, Any]:
    return {
        "score": category.score,
        "possible": category.possible,
        "percent": category.percent,
        "dropped": list(category.dropped),
    }


def _parameters(
    session: AsyncSession, facts: Facts, cause: Cause, rows: list[dict[str, Any]]
) -> dict[str, Any]:
    context: TenantContext = session.info["context"]
    return {
        "district_id": context.tenant.value,
        "school_id": facts.school_id,
        "class_id": facts.class_id,
        "policy_version": facts.policy.version,
        "reason": cause.reason,
        "actor_id": cause.actor_id,
        "answer_id": cause.answer_id,
        "is_regrade": cause.is_regrade,
        "now": cause.now,
        "rows": json.dumps(rows, default=_plain),
    }


def _plain(value: Decimal | UUID | datetime) -> str:
    """Exact numbers travel as text: 1E+1 is 10."""
    return format(value, "f") if isinstance(value, Decimal) else str(value)


def _settled(before: HeldGrade | None, cell: Cell, mark: Mark, grade_id: UUID) -> SettledGrade:
    return SettledGrade(
        grade_id=grade_id,
        student_id=cell[0],
        assignment_id=cell[1],
        submission_id=mark.submission_id,
        old_score=None if before is None else before.score,
        score=mark.score,
        possible=mark.possible,
        percent=mark.percent,
        status=mark.status,
        source=mark.source,
        is_posted=mark.is_posted,
        was_posted=before is not None and before.is_posted,
    )

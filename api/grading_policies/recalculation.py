"""What a policy would make of a class's grades, and bringing them up to the facts."""

from dataclasses import replace
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from api.classes.service import find_taught_class
from api.grades.facts import read_facts
from api.grades.settling import Cause, Cells, proposed_grades
from api.grades.telling import settle_and_tell
from api.grading_policies import queries, snapshots
from api.grading_policies.schemas import (
    ChangedGrade,
    OverallPercents,
    PolicyIn,
    Recalculation,
    Simulation,
    StudentDelta,
)
from core.domain.policy_snapshots import policy_of
from core.tenancy import Actor

MOST_SHOWN = 100


async def simulate(
    session: AsyncSession, actor: Actor, class_id: UUID, body: PolicyIn, *, now: datetime
) -> Simulation:
    """Return what each student's grades would be under `body`; nothing is stored.

    It computes what `change_policy` would write, with the same functions, so both always agree. Raises
    NotFoundError and what `snapshots.content_of` raises.
    """
    await find_taught_class(session, actor, class_id)
    row = await session.scalar(queries.newest_version(actor, class_id))
    current = snapshots.read_snapshot(row)
    content = snapshots.content_of(body, current)
    facts = await read_facts(session, Cells(class_id), to_explain=True)
    if facts is None:
        return Simulation(class_id=class_id, policy_version=current.version, students_changed=0, students=[])
    stored = {
        grade.student_id: grade for grade in await session.scalars(queries.class_grades_of(actor, class_id))
    }
    proposal = policy_of(current.version + 1, content)
    facts = replace(facts, policy=proposal, new_names=snapshots.renamed(current, content))
    proposed = proposed_grades(facts, now)
    students = [
        _delta(student_id, stored.get(student_id), columns, grades_changed)
        for student_id, (columns, grades_changed) in sorted(proposed.items())
    ]
    return Simulation(
        class_id=class_id,
        policy_version=current.version,
        students_changed=sum(student.changed for student in students),
        students=students,
    )


def _delta(student_id: UUID, stored: Any, columns: dict[str, Any], grades_changed: int) -> StudentDelta:
    nothing = dict.fromkeys(OverallPercents.model_fields)
    before = OverallPercents.model_validate(nothing if stored is None else stored)
    after = OverallPercents.model_validate(columns)
    return StudentDelta(
        student_id=student_id,
        before=before,
        after=after,
        changed=before != after,
        grades_changed=grades_changed,
    )


async def recalculate(session: AsyncSession, actor: Actor, class_id: UUID, *, now: datetime) -> Recalculation:
    """Bring a class's grades up to the facts and tell what changed. Raises NotFoundError."""
    await find_taught_class(session, actor, class_id)
    row = await session.scalar(queries.newest_version(actor, class_id))
    changed = await settle_and_tell(session, Cells(class_id), Cause("recalculated", now, actor.user_id))
    return Recalculation(
        class_id=class_id,
        policy_version=0 if row is None else row.version,
        grades_changed=len(changed),
        grades=[ChangedGrade.model_validate(grade) for grade in changed[:MOST_SHOWN]],
    )

"""How grades came about, from what is stored and the facts it was made of."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from api.classes.service import find_class
from api.explanations import queries
from api.explanations.class_lines import explain_categories
from api.explanations.grade_lines import explain_grade, explain_to_nobody_yet
from api.explanations.schemas import ClassGradeExplanation, GradeExplanation, Run
from api.grades.facts import Cells, Facts, read_facts
from api.grades.marks import item_of
from api.grades.presentation import is_released
from api.grades.queries import visible_grades, with_release
from core.domain.gradebook import CourseGrades, Fate, GradingPolicy, Standing, course_grades
from core.domain.policy_snapshots import policy_of
from core.errors import ForbiddenError, NotFoundError
from core.models import ClassGrade, Grade, GradingPolicyVersion
from core.tenancy import Actor


async def explain_one(
    session: AsyncSession, actor: Actor, grade_id: UUID, *, now: datetime
) -> GradeExplanation:
    """Return how a grade came about; to its student nothing before it is released and posted.

    Raises NotFoundError.
    """
    found = (
        await session.execute(with_release(actor, visible_grades(actor).where(Grade.id == grade_id)))
    ).one_or_none()
    if found is None:
        raise NotFoundError
    grade, assignment = found[0], found[1]
    if actor.is_student and not (grade.is_posted and is_released(found, now)):
        return explain_to_nobody_yet(grade, assignment.attempt_policy)
    cells = Cells(grade.class_id, (grade.assignment_id,), (grade.student_id,))
    facts = await read_facts(session, cells, to_explain=True)
    if facts is None:
        raise NotFoundError
    policy = await _policy_of_version(session, actor, grade.class_id, grade.policy_version)
    return explain_grade(grade, facts, facts.assignments[grade.assignment_id], policy)


async def _policy_of_version(
    session: AsyncSession, actor: Actor, class_id: UUID, version: int
) -> GradingPolicy:
    row: GradingPolicyVersion | None = await session.scalar(queries.policy_version(actor, class_id, version))
    return GradingPolicy() if row is None else policy_of(row.version, row.content)


async def explain_overall(
    session: AsyncSession, actor: Actor, class_id: UUID, student_id: UUID, *, run: Run
) -> ClassGradeExplanation:
    """Return how a student's overall grade came about.

    Raises NotFoundError, for a classmate's too, and ForbiddenError where a student asks for what is not posted.
    """
    await require_place(session, actor, class_id, student_id)
    if actor.is_student and not run.is_posted_only:
        raise ForbiddenError("Your overall grades are those of what is posted.", field="run")
    facts = await read_facts(session, Cells(class_id, (), (student_id,)), to_explain=True)
    if facts is None:
        raise NotFoundError
    stored: ClassGrade | None = await session.scalar(queries.class_grade(actor, class_id, student_id))
    standing = _standing_of(_stored_grades(facts, student_id), run)
    kept = any(line.fate is Fate.KEPT for category in standing.categories for line in category.lines)
    titles = await session.execute(queries.titles_of(actor, facts.assignments))
    return ClassGradeExplanation(
        class_id=class_id,
        student_id=student_id,
        run=run,
        policy_version=facts.policy.version,
        weighted=facts.policy.weighted,
        drop_rule=facts.policy.drop_rule,
        places=facts.policy.places,
        score=standing.score if kept else None,
        possible=standing.possible,
        unrounded=standing.unrounded,
        percent=standing.percent,
        letter=standing.letter,
        **_override(stored),
        categories=explain_categories(standing, {row.id: row.title for row in titles}),
    )


async def require_place(session: AsyncSession, actor: Actor, class_id: UUID, student_id: UUID) -> None:
    """Raise NotFoundError unless the actor may see the grades of a student who is or was in the class."""
    if actor.is_student and student_id != actor.user_id:
        raise NotFoundError
    await find_class(session, actor, class_id)
    if await session.scalar(queries.place_ever_held(actor, class_id, student_id)) is None:
        raise NotFoundError


def _stored_grades(facts: Facts, student_id: UUID) -> CourseGrades:
    """Compute from the grades that are stored, as settling does."""
    items = [
        item_of(facts, student_id, assignment, facts.grades.get((student_id, assignment.id)))
        for assignment in facts.assignments.values()
    ]
    return course_grades(facts.policy, [item for item in items if item is not None])


def _standing_of(grades: CourseGrades, run: Run) -> Standing:
    by_run = {
        Run.CURRENT: grades.current_posted,
        Run.FINAL: grades.final_posted,
        Run.ALL_CURRENT: grades.current_all,
        Run.ALL_FINAL: grades.final_all,
    }
    return by_run[run]


def _override(stored: ClassGrade | None) -> dict[str, Any]:
    names = ("override_percent", "override_letter", "override_reason")
    return {name: None if stored is None else getattr(stored, name) for name in names}

"""Assignments and questions as people see them: teachers everything, students nothing that gives an answer away."""

from collections import defaultdict
from collections.abc import Sequence
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from api.assignments import queries
from api.assignments.schemas import AssignmentOut
from api.questions.schemas import QuestionForStudent, QuestionForTeacher
from core.domain.deadlines import Accommodation as Needs
from core.domain.deadlines import Dates, Extension, effective_dates
from core.domain.shuffling import shuffled
from core.models import Accommodation, Assignment, AssignmentExtension, Question
from core.tenancy import Actor


def dates_of(assignment: Assignment) -> Dates:
    """Return the dates and limits of an assignment as they are for the class."""
    return Dates(
        available_at=assignment.available_at,
        due_at=assignment.due_at,
        available_until=assignment.available_until,
        time_limit_minutes=assignment.time_limit_minutes,
        max_attempts=assignment.max_attempts,
    )


def own_dates(
    assignment: Assignment, extension: AssignmentExtension | None, accommodation: Accommodation | None
) -> Dates:
    """Return the dates and limits of an assignment as they are for one student."""
    needs = Needs()
    if accommodation is not None:
        needs = Needs(accommodation.time_multiplier, accommodation.due_shift_hours)
    granted = None
    if extension is not None:
        granted = Extension(
            due_at=extension.due_at,
            available_until=extension.available_until,
            extra_attempts=extension.extra_attempts,
            extra_minutes=extension.extra_minutes,
        )
    return effective_dates(dates_of(assignment), needs, granted)


def show_assignment(assignment: Assignment, dates: Dates | None = None) -> AssignmentOut:
    """Return an assignment as its class sees it, or with one student's own dates."""
    shown = AssignmentOut.model_validate(assignment)
    if dates is None:
        return shown
    own = ("available_at", "due_at", "available_until", "time_limit_minutes", "max_attempts")
    return shown.model_copy(update={name: getattr(dates, name) for name in own})


async def present_questions(
    session: AsyncSession, actor: Actor, assignment: Assignment
) -> list[QuestionForTeacher | QuestionForStudent]:
    """Return an assignment's questions: to staff as they were written, to a student in the student's order."""
    questions = list(await session.scalars(queries.questions_of(actor, assignment.id)))
    if actor.is_student:
        return list(_for_student(actor, assignment, questions))
    concepts: dict[UUID, list[UUID]] = defaultdict(list)
    statement = queries.concepts_of(actor, [question.id for question in questions])
    for question_id, concept_id in await session.execute(statement):
        concepts[question_id].append(concept_id)
    return [for_teacher(question, concepts[question.id]) for question in questions]


def for_teacher(question: Question, concept_ids: Sequence[UUID]) -> QuestionForTeacher:
    """Return a question with its key."""
    shown = QuestionForTeacher.model_validate(question)
    return shown.model_copy(update={"concept_ids": sorted(set(concept_ids))})


def _for_student(
    actor: Actor, assignment: Assignment, questions: Sequence[Question]
) -> list[QuestionForStudent]:
    if assignment.shuffle_questions:
        seed = (actor.user_id, assignment.id)
        questions = shuffled(questions, seed, lambda question: str(question.id))
    return [
        _without_key(actor, question, position, shuffle_options=assignment.shuffle_options)
        for position, question in enumerate(questions, start=1)
    ]


def _without_key(
    actor: Actor, question: Question, position: int, *, shuffle_options: bool
) -> QuestionForStudent:
    """Options keep their ids wherever they stand: an answer names the id, not the place."""
    shown = QuestionForStudent.model_validate(question)
    options = shown.options
    if options is not None and shuffle_options:
        options = shuffled(options, (actor.user_id, question.id), lambda option: option.id)
    return shown.model_copy(update={"position": position, "options": options})

"""How the questions of a class behave, and who answered what."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from api.analytics import queries as people
from api.analytics.marts import ask
from api.analytics.schemas import AnalyticPage
from api.class_analytics import queries
from api.class_analytics.schemas import OptionCount, QuestionAnswer, QuestionDetail, QuestionStatistics
from api.class_analytics.service import cut
from api.classes.service import find_class
from api.paging import PageRequest
from core.domain.items import question_hints
from core.errors import NotFoundError
from core.models import Question
from core.tenancy import Actor
from warehouse import class_queries as marts
from warehouse.folder import Warehouse


async def read_questions(
    session: AsyncSession,
    warehouse: Warehouse,
    actor: Actor,
    class_id: UUID,
    page: PageRequest,
    *,
    assignment_id: UUID | None,
) -> AnalyticPage[QuestionStatistics]:
    """Return a page of the class's questions with their statistics. Raises NotFoundError."""
    await find_class(session, actor, class_id)
    query = marts.class_questions(
        class_id, assignment_id=assignment_id, after=page.after_id, limit=page.limit + 1
    )
    served = await ask(warehouse, actor, query)
    rows, cursor = cut(served, page, "question_id")
    known = await _questions(session, actor, [UUID(row["question_id"]) for row in rows])
    items = [statistics_of(row, known[row["question_id"]]) for row in rows if row["question_id"] in known]
    return AnalyticPage(items=items, next_cursor=cursor, **served.age)


async def read_question(
    session: AsyncSession,
    warehouse: Warehouse,
    actor: Actor,
    class_id: UUID,
    question_id: UUID,
    page: PageRequest,
) -> QuestionDetail:
    """Return one question with its statistics and a page of its answers. Raises NotFoundError."""
    await find_class(session, actor, class_id)
    question = await session.scalar(queries.question_of_class(actor, class_id, question_id))
    if question is None:
        raise NotFoundError
    served = await ask(warehouse, actor, marts.class_question(class_id, question_id))
    query = marts.question_answers(class_id, question_id, after=page.after_id, limit=page.limit + 1)
    answered = await ask(warehouse, actor, query)
    rows, cursor = cut(answered, page, "answer_id")
    wanted = [UUID(row["student_id"]) for row in rows]
    found = await session.execute(people.names_of(actor, wanted))
    names = {str(student_id): name for student_id, name in found}
    return QuestionDetail(
        question=statistics_of(served.rows[0] if served.rows else _UNANSWERED, question),
        items=[
            QuestionAnswer(**row, student_name=names[row["student_id"]])
            for row in rows
            if row["student_id"] in names
        ],
        next_cursor=cursor,
        **served.age,
    )


def statistics_of(row: dict[str, Any], question: Question) -> QuestionStatistics:
    """Put the numbers of the mart beside the words of the question."""
    counts = dict(zip(row["option_ids"], row["option_counts"], strict=True))
    texts = {option["id"]: option["text"] for option in question.options or []}
    options = [
        OptionCount(
            option_id=option_id,
            text=texts.get(option_id),
            is_key=option_id == question.correct_option,
            count=counts.get(option_id, 0),
        )
        for option_id in sorted({*texts, *counts})
    ]
    hints = question_hints(share_right=row["share_right"], discrimination=row["discrimination"])
    return QuestionStatistics(
        **{name: row[name] for name in _NUMBERS},
        question_id=question.id,
        assignment_id=question.assignment_id,
        question_kind=question.kind,
        text=question.prompt,
        options=options,
        hints=hints if row["answer_count"] else [],
    )


_NUMBERS = ("answer_count", "student_count", "share_right", "discrimination", "median_time_ms")


_UNANSWERED: dict[str, Any] = {
    "answer_count": 0,
    "student_count": 0,
    "share_right": 0.0,
    "discrimination": None,
    "median_time_ms": 0.0,
    "option_ids": [],
    "option_counts": [],
}


async def _questions(
    session: AsyncSession, actor: Actor, question_ids: Sequence[UUID]
) -> dict[str, Question]:
    found = await session.scalars(queries.questions_by_id(actor, question_ids))
    return {str(question.id): question for question in found}

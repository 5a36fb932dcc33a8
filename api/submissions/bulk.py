"""Many answers at once: what a client kept while it was offline. Each has its own result."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from api.submissions.answers import answer_once
from api.submissions.schemas import AnswerIn, AnswerResult
from core.db import savepoint
from core.errors import AppError, NotFoundError
from core.tenancy import Actor


async def answer_many(
    session: AsyncSession, actor: Actor, submission_id: UUID, answers: Sequence[AnswerIn], *, now: datetime
) -> list[AnswerResult]:
    """Record tries in their order, in one transaction; one that is refused keeps nothing back from the others.

    Raises NotFoundError when not one of them belongs to an attempt of the student's.
    """
    results = [await _result(session, actor, submission_id, answer, now=now) for answer in answers]
    if all(result.code == NotFoundError.code for result in results):
        raise NotFoundError
    return results


async def _result(
    session: AsyncSession, actor: Actor, submission_id: UUID, body: AnswerIn, *, now: datetime
) -> AnswerResult:
    place = {"question_id": body.question_id, "client_seq": body.client_seq}
    try:
        async with savepoint(session):
            answer, is_repeated = await answer_once(session, actor, submission_id, body, now=now)
    except AppError as error:
        return AnswerResult(**place, status="rejected", code=error.code, answer=None)
    status = "duplicate" if is_repeated else "accepted"
    return AnswerResult(**place, status=status, code=None, answer=answer)

"""Warnings about students at risk: the pipeline raises, moves and clears them; staff read and answer them."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from api.etags import Precondition
from api.paging import PageRequest, fetch_page
from api.risk_flags import queries
from api.risk_flags.errors import FlagClearedError
from api.risk_flags.schemas import STATUS_OF, FlagAnswer, FlagChange, FlagDetail, FlagOut
from core.audit import record_audit
from core.errors import NotFoundError
from core.models import FlagStatus, RiskFlag, RiskLevel
from core.tenancy import Actor

LONGEST_HISTORY = 100


async def list_flags(
    session: AsyncSession,
    actor: Actor,
    page: PageRequest,
    *,
    school_id: UUID | None = None,
    class_id: UUID | None = None,
    level: RiskLevel | None = None,
    status: FlagStatus | None = None,
) -> tuple[list[FlagOut], str | None]:
    """Return a page of the warnings that hold now, the latest first."""
    statement = queries.standing_flags(
        actor, school_id=school_id, class_id=class_id, level=level, status=status
    )
    rows, cursor = await fetch_page(session, statement, RiskFlag.id, page, newest_first=True)
    return [_shown(flag, student, name) for flag, student, name, *_ in rows], cursor


async def read_flag(session: AsyncSession, actor: Actor, flag_id: UUID) -> FlagDetail:
    """Return a warning, cleared or not, with its history. Raises NotFoundError."""
    found = (await session.execute(queries.visible_flag(actor, flag_id))).one_or_none()
    if found is None:
        raise NotFoundError
    changes = await session.scalars(queries.history(actor, flag_id, limit=LONGEST_HISTORY))
    history = [FlagChange.model_validate(change) for change in changes]
    return FlagDetail(**_fields(*found), history=history)


async def answer_flag(
    session: AsyncSession,
    actor: Actor,
    flag_id: UUID,
    answer: FlagAnswer,
    *,
    seen: Precondition,
    now: datetime,
) -> FlagOut:
    """Say what becomes of a warning. Raises NotFoundError, StaleVersionError and FlagClearedError."""
    statement = queries.visible_flag(actor, flag_id).with_for_update(of=RiskFlag)
    found = (await session.execute(statement)).one_or_none()
    if found is None:
        raise NotFoundError
    flag, student_name, class_name = found
    seen.require(flag.version)
    if flag.cleared_at is not None:
        raise FlagClearedError
    flag.status, flag.note = STATUS_OF[answer.action], answer.note
    flag.decided_by, flag.decided_at = actor.user_id, now
    await session.flush()
    await session.refresh(flag, ["version"])  # a trigger counts it
    details = {"level": flag.level, "version": flag.version}
    target = ("risk_flag", flag.id)
    await record_audit(
        session, actor, flag.status, target, now=now, subject_id=flag.student_id, details=details
    )
    return _shown(flag, student_name, class_name)


def _shown(flag: RiskFlag, student_name: str, class_name: str) -> FlagOut:
    return FlagOut(**_fields(flag, student_name, class_name))


def _fields(flag: RiskFlag, student_name: str, class_name: str) -> dict[str, Any]:
    named = {"student_name": student_name, "class_name": class_name}
    return {name: getattr(flag, name) for name in FlagOut.model_fields if name not in named} | named

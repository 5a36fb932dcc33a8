"""Every call of a model as a row: found again by its hash, paid from the district's budget, kept encrypted.

Three short transactions' worth of statements; the call itself happens between them, in none.
"""

import json
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import ROUND_UP, Decimal
from uuid import UUID

from sqlalchemy import func, select, update
from sqlalchemy.dialects.postgresql import insert as upsert
from sqlalchemy.ext.asyncio import AsyncSession

from core.ai.errors import AiOffError, BudgetExhaustedError
from core.ai.provider import ATTEMPTS, ProviderReply, Request
from core.config import Settings
from core.encryption import ColumnKeys, EncryptedColumn
from core.ids import new_id
from core.models import AiInteraction, AiSpending, AiStatus, DistrictSettings
from core.tenancy import TenantContext

_REQUEST = EncryptedColumn("ai_interactions", "request_encrypted")
_REPLY = EncryptedColumn("ai_interactions", "reply_encrypted")
MILLION = Decimal(1_000_000)
SMALLEST_AMOUNT = Decimal("0.00000001")
"""What the tables keep; a call is never cheaper than it was."""
BYTES_PER_TOKEN = 3
"""English needs 4, Spanish 3.5; a Chinese sign, three bytes, is about a token by itself, and counted as one."""


@dataclass(frozen=True, slots=True)
class Entry:
    """One question to a model and the work it belongs to."""

    purpose: str
    subject_id: UUID
    school_id: UUID | None
    prompt_label: str
    request: Request
    now: datetime


@dataclass(frozen=True, slots=True)
class Recorded:
    """A row of the ledger: answered, or to be asked now by whoever holds it."""

    interaction_id: UUID
    is_answered: bool
    is_under_way: bool
    """Somebody else asks right now."""
    text: str = ""
    finish_reason: str = ""
    cost: Decimal = Decimal(0)


def price(settings: Settings, input_tokens: int, output_tokens: int) -> Decimal:
    """Return the cost in US dollars: 1,000 tokens sent and 200 received at 0.10 and 0.50 are 0.0002."""
    amount = input_tokens * settings.openai_input_price + output_tokens * settings.openai_output_price
    return (amount / MILLION).quantize(SMALLEST_AMOUNT, ROUND_UP)


def estimate(settings: Settings, request: Request) -> Decimal:
    """Return what a call may cost at most, US dollars."""
    size = sum(len(message["content"].encode()) for message in request.messages)
    return price(settings, size // BYTES_PER_TOKEN + 1, request.max_output_tokens)


@dataclass(frozen=True, slots=True)
class Ledger:
    """The ledger within one transaction."""

    session: AsyncSession
    settings: Settings
    columns: ColumnKeys

    async def claim(self, entry: Entry) -> Recorded:
        """Find the answered row, or take the question upon us with money set aside.

        Raises AiOffError or BudgetExhaustedError.
        """
        own = await _district_settings(self.session)
        if own is not None and not own.ai_enabled:
            raise AiOffError
        reserved = estimate(self.settings, entry.request)
        interaction_id = await self._inserted(entry, reserved)
        if interaction_id is None:
            found = await _held(self.session, entry.request.key)
            if found.status is AiStatus.ANSWERED:
                return self._recall(found)
            if found.status is AiStatus.ASKED and self._is_held(found, entry.now):
                return Recorded(found.id, is_answered=False, is_under_way=True)
            await _release(
                self.session, found, spent=Decimal(0)
            )  # of a worker that was killed, maybe last month
            found.status, found.asked_at, found.reserved_usd = AiStatus.ASKED, entry.now, reserved
            interaction_id = found.id
        limit = own.ai_monthly_budget_usd if own is not None else None
        budget = self.settings.ai_monthly_budget_usd if limit is None else limit
        await _reserve(self.session, entry.now, reserved, budget)
        return Recorded(interaction_id, is_answered=False, is_under_way=False)

    async def settle(self, recorded: Recorded, reply: ProviderReply) -> Recorded:
        """Record the reply and let the district pay for it; the money set aside is free again."""
        row = await _by_id(self.session, recorded.interaction_id)
        cost = price(self.settings, reply.input_tokens, reply.output_tokens)
        row.status, row.error_code = AiStatus.ANSWERED, None
        row.reply_encrypted = self.columns.encrypt(reply.text, _REPLY.place(row.district_id))
        row.finish_reason, row.latency_ms = reply.finish_reason, reply.latency_ms
        row.input_tokens, row.output_tokens, row.cost_usd = reply.input_tokens, reply.output_tokens, cost
        row.calls += reply.calls
        await _release(self.session, row, spent=cost)
        return Recorded(row.id, True, False, reply.text, reply.finish_reason, cost)

    async def give_up(self, recorded: Recorded, reason: str, calls: int) -> None:
        """Record that no reply came; nothing is owed."""
        row = await _by_id(self.session, recorded.interaction_id)
        row.status, row.error_code = AiStatus.FAILED, reason
        row.calls += calls
        await _release(self.session, row, spent=Decimal(0))

    async def _inserted(self, entry: Entry, reserved: Decimal) -> UUID | None:
        """Write a new row; None when the question is known. A second who asks at once waits here for the first."""
        context: TenantContext = self.session.info["context"]
        district_id = context.tenant.value
        messages = json.dumps(entry.request.messages)
        statement = (
            upsert(AiInteraction)
            .values(
                district_id=district_id,
                id=new_id(),
                school_id=entry.school_id,
                request_hash=entry.request.key,
                purpose=entry.purpose,
                subject_id=entry.subject_id,
                status=AiStatus.ASKED,
                model=entry.request.model,
                prompt_version=entry.prompt_label,
                request_encrypted=self.columns.encrypt(messages, _REQUEST.place(district_id)),
                reserved_usd=reserved,
                asked_at=entry.now,
                expires_at=entry.now + timedelta(days=self.settings.ai_retention_days),
            )
            .on_conflict_do_nothing()
            .returning(AiInteraction.id)
        )
        inserted: UUID | None = await self.session.scalar(statement)
        return inserted

    def _recall(self, row: AiInteraction) -> Recorded:
        sealed = row.reply_encrypted
        text = self.columns.decrypt(sealed, _REPLY.place(row.district_id)) if sealed else ""
        return Recorded(row.id, True, False, text, row.finish_reason or "", row.cost_usd)

    def _is_held(self, row: AiInteraction, now: datetime) -> bool:
        """Whether whoever asks may still be alive: no call lasts longer than this, with all its attempts."""
        of_a_try = self.settings.openai_timeout_seconds + self.settings.openai_longest_wait_seconds
        longest = of_a_try * ATTEMPTS
        return now - row.asked_at < timedelta(seconds=longest)


async def _held(session: AsyncSession, key: str) -> AiInteraction:
    statement = select(AiInteraction).where(AiInteraction.request_hash == key).with_for_update()
    return (await session.scalars(statement)).one()


async def _by_id(session: AsyncSession, interaction_id: UUID) -> AiInteraction:
    statement = select(AiInteraction).where(AiInteraction.id == interaction_id).with_for_update()
    return (await session.scalars(statement)).one()


async def _district_settings(session: AsyncSession) -> DistrictSettings | None:
    found: DistrictSettings | None = await session.scalar(select(DistrictSettings))
    return found


def _month(moment: datetime) -> date:
    return moment.date().replace(day=1)


async def _reserve(session: AsyncSession, now: datetime, amount: Decimal, budget: Decimal) -> None:
    """Set money aside, if there is enough: one statement, so that two who ask at once cannot both take the last."""
    context: TenantContext = session.info["context"]
    month = {"district_id": context.tenant.value, "month": _month(now)}
    await session.execute(upsert(AiSpending).values(**month).on_conflict_do_nothing())
    statement = (
        update(AiSpending)
        .where(
            AiSpending.district_id == context.tenant.value,
            AiSpending.month == _month(now),
            AiSpending.spent_usd + AiSpending.reserved_usd + amount <= budget,
        )
        .values(reserved_usd=AiSpending.reserved_usd + amount)
        .returning(AiSpending.month)
    )
    if await session.scalar(statement) is None:
        raise BudgetExhaustedError


async def _release(session: AsyncSession, row: AiInteraction, *, spent: Decimal) -> None:
    statement = (
        update(AiSpending)
        .where(AiSpending.district_id == row.district_id, AiSpending.month == _month(row.asked_at))
        .values(
            reserved_usd=func.greatest(AiSpending.reserved_usd - row.reserved_usd, 0),
            spent_usd=AiSpending.spent_usd + spent,
        )
    )
    await session.execute(statement)
    row.reserved_usd = Decimal(0)

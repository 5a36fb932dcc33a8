"""Asking a model one thing and getting one typed reply: once paid, however often it is asked again."""

import asyncio
import hashlib
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any, Generic, TypeVar
from uuid import UUID

from pydantic import BaseModel, ValidationError

from core.ai.errors import (
    AiError,
    AiOffError,
    BadReplyError,
    ModelRefusedError,
    ProviderUnavailableError,
)
from core.ai.ledger import Entry, Ledger, Recorded
from core.ai.prompts import Prompt
from core.ai.provider import Message, Provider, Request
from core.ai.redaction import Redaction
from core.config import Settings
from core.db import Database
from core.encryption import ColumnKeys
from core.tenancy import TenantContext

T = TypeVar("T", bound=BaseModel)

POLL_SECONDS = 0.5
POLLS = 10
"""How often we look whether somebody else's call for the same question has been answered, before a job does better
to come back later."""

_REPAIR = "Your reply could not be used: {fault} Answer again, with nothing but JSON that follows the schema exactly."


@dataclass(frozen=True, slots=True)
class Ask(Generic[T]):
    """One question. `data` travels as JSON in a message of its own: to the model it is material, not instructions."""

    purpose: str
    subject_id: UUID
    """The work it is for; the same work asked again gets the reply it got."""
    prompt: Prompt
    reply: type[T]
    data: Mapping[str, Any]
    salt: str = ""
    """Makes a deliberate second asking another question."""
    school_id: UUID | None = None
    names: tuple[str, ...] = ()
    """People's names to keep from the provider."""
    max_output_tokens: int = 4_000


@dataclass(frozen=True, slots=True)
class Reply(Generic[T]):
    value: T
    """With the names and addresses of the data where the model saw placeholders."""
    interaction_id: UUID
    model: str
    prompt_label: str
    cost_usd: Decimal
    is_repeated: bool
    """It had been answered, and paid for, before."""


class Model:
    """The only door to a model; one per process, because of its breaker."""

    def __init__(self, database: Database, settings: Settings, clock: Callable[[], datetime]) -> None:
        self._database = database
        self._settings = settings
        self._clock = clock
        self._provider = Provider(settings)

    async def ask(self, context: TenantContext, columns: ColumnKeys, ask: Ask[T]) -> Reply[T]:
        """Return the model's typed reply; the caller holds no transaction meanwhile.

        A reply that is not valid is asked for once more, with what was wrong. Raises AiOffError,
        BudgetExhaustedError, ProviderUnavailableError, ProviderRefusesError, ModelRefusedError or BadReplyError.
        """
        if not self._settings.openai_api_key.get_secret_value():
            raise AiOffError("no_key")
        redaction = Redaction(ask.names)
        messages = _messages(ask, redaction)
        recorded, is_repeated = await self._answered(context, columns, ask, messages)
        try:
            value = _read(recorded, ask.reply, redaction)
        except BadReplyError as error:
            fault = _REPAIR.format(fault=error.__cause__ or "it was cut off.")
            said = {"role": "assistant", "content": recorded.text}
            messages = (*messages, said, {"role": "user", "content": fault})
            recorded, is_repeated = await self._answered(context, columns, ask, messages)
            value = _read(recorded, ask.reply, redaction)
        return Reply(
            value,
            recorded.interaction_id,
            self._settings.openai_model,
            ask.prompt.label,
            recorded.cost,
            is_repeated,
        )

    async def close(self) -> None:
        await self._provider.close()

    async def _answered(
        self, context: TenantContext, columns: ColumnKeys, ask: Ask[T], messages: tuple[Message, ...]
    ) -> tuple[Recorded, bool]:
        """Return the ledger's answered row for these messages, asking the provider only where there is none."""
        request = self._request(ask, messages)
        for _ in range(POLLS):
            entry = Entry(
                ask.purpose, ask.subject_id, ask.school_id, ask.prompt.label, request, self._clock()
            )
            async with self._database.tenant_transaction(context) as session:
                recorded = await Ledger(session, self._settings, columns).claim(entry)
            if recorded.is_answered:
                return recorded, True
            if not recorded.is_under_way:
                return await self._asked(context, columns, request, recorded), False
            await asyncio.sleep(POLL_SECONDS)
        raise ProviderUnavailableError("asked_elsewhere")

    async def _asked(
        self, context: TenantContext, columns: ColumnKeys, request: Request, recorded: Recorded
    ) -> Recorded:
        try:
            reply = await self._provider.complete(request)
        except AiError as error:
            async with self._database.tenant_transaction(context) as session:
                await Ledger(session, self._settings, columns).give_up(recorded, error.reason, error.calls)
            raise
        async with self._database.tenant_transaction(context) as session:
            return await Ledger(session, self._settings, columns).settle(recorded, reply)

    def _request(self, ask: Ask[T], messages: tuple[Message, ...]) -> Request:
        settings = self._settings
        schema = ask.reply.model_json_schema()
        identity = [
            ask.purpose,
            str(ask.subject_id),
            ask.salt,
            settings.openai_model,
            ask.prompt.label,
            schema,
        ]
        key = hashlib.sha256(json.dumps([*identity, *messages], sort_keys=True).encode()).hexdigest()
        return Request(
            settings.openai_model, messages, ask.reply.__name__, schema, ask.max_output_tokens, key
        )


def _messages(ask: Ask[T], redaction: Redaction) -> tuple[Message, ...]:
    examples = [
        message
        for example in ask.prompt.examples
        for message in (
            {"role": "user", "content": example.data},
            {"role": "assistant", "content": example.reply},
        )
    ]
    data = json.dumps(redaction.hide(ask.data), ensure_ascii=False)
    return (
        {"role": "system", "content": ask.prompt.system},
        *examples,
        {"role": "user", "content": data},
    )


def _read(recorded: Recorded, reply: type[T], redaction: Redaction) -> T:
    """Parse what the model said. Raises ModelRefusedError or BadReplyError."""
    if recorded.finish_reason in {"refusal", "content_filter"}:
        raise ModelRefusedError
    if recorded.finish_reason == "length":
        raise BadReplyError("cut_off")
    try:
        value = reply.model_validate_json(recorded.text)
    except ValidationError as error:
        raise BadReplyError from ValueError(_fault(error))
    return reply.model_validate(redaction.restore(value.model_dump()))


def _fault(error: ValidationError) -> str:
    first = error.errors(include_url=False, include_input=False, include_context=False)[0]
    return f"{'.'.join(str(part) for part in first['loc'])} {first['msg']}."

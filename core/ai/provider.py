"""The one place that speaks to a provider: the chat-completions protocol over a configurable address."""

import asyncio
import time
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any

import stamina
import structlog

from core.ai.breaker import Breaker
from core.ai.errors import AiError, ProviderRefusesError, ProviderUnavailableError
from core.config import Settings

if TYPE_CHECKING:
    from openai import APIStatusError, AsyncOpenAI

logger = structlog.get_logger(__name__)

ATTEMPTS = 3
LONGEST_REPLY = 400_000
"""Characters; a model that does not stop must not fill our memory and tables."""
_UNPAID = {"insufficient_quota", "billing_hard_limit_reached", "billing_not_active", "account_deactivated"}
"""Codes of a 429 that no waiting mends."""
_WAITING_HELPS = {408, 409, 425, 429}
REQUEST_REFUSED = "request_refused"
_REFUSALS = {401: "credentials_refused", 403: "credentials_refused", 404: "model_not_found"}

Message = dict[str, str]


@dataclass(frozen=True, slots=True)
class Request:
    """What is asked, as it goes over the wire."""

    model: str
    messages: tuple[Message, ...]
    schema_name: str
    schema: dict[str, Any]
    max_output_tokens: int
    key: str
    """The same for every retry: a provider that knows it answers once."""


@dataclass(frozen=True, slots=True)
class ProviderReply:
    text: str
    finish_reason: str
    """`stop`, `length`, … or `refusal`."""
    input_tokens: int
    output_tokens: int
    calls: int
    latency_ms: int


@dataclass(slots=True)
class Tries:
    """How often the provider was really called."""

    made: int = 0


class Provider:
    """Asks with back-off, behind a circuit breaker; one per process."""

    def __init__(self, settings: Settings, breaker: Breaker | None = None) -> None:
        self._settings = settings
        self._breaker = breaker or Breaker()
        self._client: AsyncOpenAI | None = None

    async def complete(self, request: Request) -> ProviderReply:
        """Return the model's reply. Raises ProviderUnavailableError or ProviderRefusesError."""
        tries, started = Tries(), time.monotonic()
        try:
            completion = await self._patiently(request, tries)
        except AiError as error:
            error.calls = tries.made
            raise
        return _read(completion, tries.made, round((time.monotonic() - started) * 1000))

    async def close(self) -> None:
        if self._client is not None:
            await self._client.close()

    async def _patiently(self, request: Request, tries: "Tries") -> Any:
        async for attempt in stamina.retry_context(
            on=partial(_pause_before_retry, longest=self._settings.openai_longest_wait_seconds),
            attempts=ATTEMPTS,
            timeout=None,
            wait_initial=self._settings.openai_retry_seconds,
            wait_max=self._settings.openai_longest_wait_seconds,
            wait_jitter=self._settings.openai_retry_seconds,
        ):
            with attempt:
                self._breaker.enter()
                tries.made += 1
                return await self._called(request)
        raise AssertionError("the last attempt raises")

    async def _called(self, request: Request) -> Any:
        try:
            completion = await self._send(request)
        except AiError as error:
            if error.reason == REQUEST_REFUSED:
                self._breaker.note_success()  # it is this one question that the provider cannot take
            else:
                self._breaker.note_failure(error)
            logger.warning("model_call_failed", reason=error.reason, error=type(error).__name__)
            raise
        self._breaker.note_success()
        return completion

    async def _send(self, request: Request) -> Any:
        import openai  # noqa: PLC0415 - 0.5 s that only processes which ask a model pay

        try:
            async with asyncio.timeout(
                self._settings.openai_timeout_seconds
            ):  # of the whole answer, drip by drip
                return _whole(await self._opened().chat.completions.create(**_wire_form(request)))
        except openai.APIStatusError as error:
            raise _of_status(error) from error
        except TimeoutError as error:
            raise ProviderUnavailableError("timeout") from error
        except (openai.OpenAIError, ValueError) as error:
            raise ProviderUnavailableError("connection_failed") from error

    def _opened(self) -> "AsyncOpenAI":
        if self._client is None:
            from openai import AsyncOpenAI, DefaultAsyncHttpxClient  # noqa: PLC0415

            self._client = AsyncOpenAI(
                api_key=self._settings.openai_api_key.get_secret_value(),
                base_url=self._settings.openai_base_url,
                max_retries=0,  # it retries by status alone, an unpaid account too
                timeout=self._settings.openai_timeout_seconds,
                http_client=DefaultAsyncHttpxClient(follow_redirects=False),  # what we ask goes nowhere else
            )
        return self._client


def _wire_form(request: Request) -> dict[str, Any]:
    schema = {"name": request.schema_name, "strict": True, "schema": request.schema}
    return {
        "model": request.model,
        "messages": list(request.messages),
        "response_format": {"type": "json_schema", "json_schema": schema},
        "max_completion_tokens": request.max_output_tokens,
        "store": False,
        "extra_headers": {"Idempotency-Key": request.key},
    }


def _of_status(error: "APIStatusError") -> AiError:
    if error.status_code == 429 and error.code in _UNPAID:
        return ProviderRefusesError("quota_exhausted")
    if error.status_code in _WAITING_HELPS or error.status_code >= 500:
        return ProviderUnavailableError(retry_after=_seconds(error.response.headers.get("Retry-After")))
    return ProviderRefusesError(_REFUSALS.get(error.status_code, REQUEST_REFUSED))


def _seconds(header: str | None) -> float | None:
    try:
        return max(0.0, float(header)) if header else None
    except ValueError:  # a date: rare, and our own back-off does as well
        return None


def _pause_before_retry(error: Exception, *, longest: float) -> bool | float:
    """Say whether to try again, and after how long when the provider said so."""
    if not isinstance(error, ProviderUnavailableError) or error.reason == "circuit_open":
        return False
    if error.seconds_to_wait is None:
        return True
    return error.seconds_to_wait if error.seconds_to_wait <= longest else False


def _whole(completion: Any) -> Any:
    """Return what is a completion with a choice; the page of a proxy is none. Raises ProviderUnavailableError."""
    if not getattr(completion, "choices", None) or completion.choices[0].message is None:
        raise ProviderUnavailableError("garbled_answer")
    return completion


def _read(completion: Any, calls: int, latency_ms: int) -> ProviderReply:
    """Take what we need of a completion."""
    usage, choice = completion.usage, completion.choices[0]
    refusal = choice.message.refusal
    return ProviderReply(
        text=(refusal or choice.message.content or "")[:LONGEST_REPLY],
        finish_reason="refusal" if refusal else choice.finish_reason or "stop",
        input_tokens=0 if usage is None else usage.prompt_tokens,
        output_tokens=0 if usage is None else usage.completion_tokens,
        calls=calls,
        latency_ms=latency_ms,
    )

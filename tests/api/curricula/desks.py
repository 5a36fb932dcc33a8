"""A desk with a script that plays the model, and files made in the test's own process."""

from collections.abc import Callable
from decimal import Decimal
from typing import Any, cast
from uuid import UUID

from api.curricula.ai_outline import OutlineDesk
from api.curricula.outline import SourceFile
from core.ai import Ask, Reply
from core.ai.model import T
from core.encryption import ColumnKeys
from core.ids import new_id
from core.tenancy import TenantContext
from ops.fake_openai.author import answer

Answer = Callable[[str, dict[str, Any]], dict[str, Any]]
"""Takes the name of the reply's schema and what the prompt was asked about. Raises what a model would."""


class PlayedModel:
    """Answers as `answer` says, by default like the provider on this machine; remembers what it was asked."""

    def __init__(self, answer: Answer = answer) -> None:
        self._answer = answer
        self.asked: list[Ask[Any]] = []

    async def ask(self, context: TenantContext, columns: ColumnKeys, ask: Ask[T]) -> Reply[T]:
        """Answer as `core.ai.Model` does, without a ledger."""
        del context, columns
        self.asked.append(ask)
        value = ask.reply.model_validate(self._answer(ask.reply.__name__, dict(ask.data)))
        return Reply(value, new_id(), "played", ask.prompt.label, Decimal(0), is_repeated=False)

    def purposes(self) -> list[str]:
        return [ask.purpose for ask in self.asked]


def desk_of(model: PlayedModel, reported: list[int] | None = None) -> OutlineDesk:
    """Return a desk of a district that is asked for nothing."""

    async def report(percent: int) -> None:
        if reported is not None:
            reported.append(percent)

    async def require_wanted() -> None:
        """Everybody wants it."""

    return OutlineDesk(
        model=model,
        context=cast("TenantContext", None),
        columns=cast("ColumnKeys", None),
        curriculum_id=UUID(int=7),
        school_id=UUID(int=8),
        require_wanted=require_wanted,
        report=report,
    )


def named(file: SourceFile, number: int) -> SourceFile:
    """Return the same file under another number."""
    return SourceFile(UUID(int=number), f"{number}-{file.name}", file.blocks)

"""The command that shows and changes what a district decides for itself."""

from decimal import Decimal, InvalidOperation
from typing import Annotated
from uuid import UUID

import typer

from ops.commands.accounts import act_as_owner, district_commands
from ops.commands.output import AsJson, show
from ops.commands.settings import current_settings

_NEVER = "never"
_DEFAULT = "default"
_UNCHANGED = "left out: as it is"


def _number(text: str, *, least: str, most: str, words: str) -> Decimal:
    """Return a number from `least` to `most`. Raises BadParameter with `words`."""
    try:
        number = Decimal(text)
    except InvalidOperation as error:
        raise typer.BadParameter(words) from error
    if not number.is_finite() or not Decimal(least) <= number <= Decimal(most):
        raise typer.BadParameter(words)
    return number


def _dollars(text: str) -> Decimal:
    words = "write an amount from 0 to 999999, such as 12.50"
    return _number(text, least="0", most="999999.99999999", words=words)


def _release(text: str) -> str | Decimal:
    words = "write a number from 0 to 1, such as 0.85, or never"
    return text if text == _NEVER else _number(text, least="0", most="1", words=words)


def _percent(text: str) -> str | Decimal:
    words = "write a percent from 1 to 99, or default"
    return text if text == _DEFAULT else _number(text, least="1", most="99", words=words)


def _probability(text: str) -> str | Decimal:
    words = "write a number from 0.5 to 0.99, or default"
    return text if text == _DEFAULT else _number(text, least="0.5", most="0.99", words=words)


def _students(text: str) -> str | Decimal:
    words = "write a whole number from 2 to 100, or default"
    if text == _DEFAULT:
        return text
    number = _number(text, least="2", most="100", words=words)
    if number != number.to_integral_value():
        raise typer.BadParameter(words)
    return number


Ai = Annotated[bool | None, typer.Option("--ai/--no-ai", help=f"Whether models may be asked; {_UNCHANGED}.")]
AiBudget = Annotated[Decimal | None, typer.Option("--ai-budget", help="US dollars a month.", parser=_dollars)]
AiRelease = Annotated[
    str | None,
    typer.Option(
        "--ai-release",
        help="From which confidence (0 to 1) on a model's score counts by itself, or `never`: teacher first.",
        parser=_release,
    ),
]
StrugglingPercent = Annotated[
    str | None,
    typer.Option(
        "--struggling-percent", help="Mastery below it is struggling, or `default`: 60.", parser=_percent
    ),
]
StrugglingProbability = Annotated[
    str | None,
    typer.Option(
        "--struggling-probability",
        help="How sure a flag must be of that (0.5 to 0.99), or `default`: 0.8.",
        parser=_probability,
    ),
]
SecurePercent = Annotated[
    str | None,
    typer.Option(
        "--secure-percent",
        help="Secure is mastery whose interval begins above it, or `default`: 80.",
        parser=_percent,
    ),
]
SmallCellMinimum = Annotated[
    str | None,
    typer.Option(
        "--small-cell-minimum",
        help="Groups of fewer students are not shown outside their class, or `default`: 10.",
        parser=_students,
    ),
]


def register() -> None:
    district_commands.command("settings")(district_settings)


def district_settings(
    district: Annotated[UUID, typer.Argument(help="Id of the district.")],
    ai: Ai = None,
    ai_budget: AiBudget = None,
    ai_release: AiRelease = None,
    struggling_percent: StrugglingPercent = None,
    struggling_probability: StrugglingProbability = None,
    secure_percent: SecurePercent = None,
    small_cell_minimum: SmallCellMinimum = None,
    as_json: AsJson = False,
) -> None:
    """Show what a district decided, and what models cost this month, after changing what is given."""
    from ops.district_settings import Decisions, put_settings, show_settings  # noqa: PLC0415

    given = Decisions(
        ai_enabled=ai,
        ai_monthly_budget_usd=ai_budget,
        ai_release_confidence=None if ai_release in {None, _NEVER} else Decimal(str(ai_release)),
        teacher_first=ai_release == _NEVER,
        thresholds=_thresholds(
            struggling_percent=struggling_percent,
            struggling_probability=struggling_probability,
            secure_percent=secure_percent,
            small_cell_minimum=small_cell_minimum,
        ),
    )
    if given.changed:
        act_as_owner(lambda desk: put_settings(desk, district, given))
    default = current_settings().ai_monthly_budget_usd
    show(act_as_owner(lambda desk: show_settings(desk, district, default)), as_json=as_json)


def _thresholds(**given: str | Decimal | None) -> dict[str, Decimal | None]:
    """Return the given ones; None puts the default back."""
    return {
        name: None if value == _DEFAULT else Decimal(str(value))
        for name, value in given.items()
        if value is not None
    }

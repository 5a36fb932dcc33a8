"""Commands about the key file."""

from collections import Counter
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.console import Console

from ops.commands.output import AsJson, show
from ops.commands.problems import CommandProblem
from ops.commands.settings import current_settings, settings_with_database

if TYPE_CHECKING:
    from core.config import Settings
    from ops.key_rotation import KeyState

keys_commands = typer.Typer(
    no_args_is_help=True, help="The keys that sign tokens, encrypt columns and find addresses."
)

Wait = Annotated[bool, typer.Option("--wait", help="Re-encrypt here, with a bar, instead of in the worker.")]


def register(app: typer.Typer) -> None:
    app.add_typer(keys_commands, name="keys")


@keys_commands.callback()
def about() -> None:
    """The key file: made once per installation, kept secret, backed up."""


@keys_commands.command("create")
def keys_create(as_json: AsJson = False) -> None:
    """Make the key file of a new installation; an existing one is never replaced."""
    from core.keys import ensure_keys  # noqa: PLC0415

    path = current_settings().keys_path
    if path.exists():
        raise CommandProblem(f"there is a key file at {path} already; without it nobody could sign in again")
    keys = ensure_keys(path)
    show({"keys": path, "signs_with": keys.signing_keys[0]["kid"]}, as_json=as_json)


@keys_commands.command("rotate")
def keys_rotate(
    signing: Annotated[bool, typer.Option("--signing", help="Only the key that signs tokens.")] = False,
    columns: Annotated[bool, typer.Option("--columns", help="Only the key of encrypted columns.")] = False,
    at_once: Annotated[
        bool, typer.Option("--at-once", help="Use the new keys after 5 seconds; for one machine.")
    ] = False,
    wait: Wait = False,
    as_json: AsJson = False,
) -> None:
    """Add new keys, used in two minutes, and re-encrypt what the old ones encrypted. Nobody is signed out."""
    from ops.key_rotation import LEAD, LEAD_ON_ONE_MACHINE, Kind, prune, rotate  # noqa: PLC0415

    kinds = [Kind.SIGNING] * (signing or not columns) + [Kind.COLUMN] * (columns or not signing)
    settings = settings_with_database() if Kind.COLUMN in kinds else current_settings()
    path, now = _existing(settings.keys_path), datetime.now(UTC)
    begins = rotate(path, kinds, now=now, lead=LEAD_ON_ONE_MACHINE if at_once else LEAD)
    dropped = prune(path, now=now, token_life=_token_life(settings))
    facts: dict[str, object] = {"keys": path, "used_from": begins.isoformat(), "dropped": dropped}
    if Kind.COLUMN in kinds:
        facts |= _reencrypt(settings, begins, wait=wait)
    show(facts, as_json=as_json)


@keys_commands.command("reencrypt")
def keys_reencrypt(wait: Wait = False, as_json: AsJson = False) -> None:
    """Put every encrypted value under the newest key; goes on where an earlier run was stopped."""
    settings = settings_with_database()
    _existing(settings.keys_path)
    show(_reencrypt(settings, datetime.now(UTC), wait=wait), as_json=as_json)


@keys_commands.command("status")
def keys_status(as_json: AsJson = False) -> None:
    """Tell every key, since when it is used, and how many values are under it."""
    from ops.key_rotation import states  # noqa: PLC0415

    settings = settings_with_database()
    found = states(_existing(settings.keys_path), datetime.now(UTC))
    counts = _counts(settings)
    unknown = sum(counts.values()) - sum(counts[state.name] for state in found)
    if as_json:
        facts = {"keys": [_told(state, counts) for state in found], "values_under_no_key_of_ours": unknown}
        show(facts, as_json=True)
        return
    for state in found:
        told = _told(state, counts)
        values = "" if told["values"] is None else f"  {told['values']} values"
        line = f"{state.kind:<13} {state.name}  {state.state:<7} from {told['active_from'] or 'ever'}{values}"
        Console().print(line, highlight=False, soft_wrap=True)
    if unknown:
        Console().print(f"[red]{unknown} values are under a key that is not in the file[/]")


@keys_commands.command("prune")
def keys_prune(as_json: AsJson = False) -> None:
    """Drop old keys that nothing needs: no living token, no encrypted value."""
    from ops.key_rotation import prune  # noqa: PLC0415

    settings = settings_with_database()
    path, used = _existing(settings.keys_path), set(_counts(settings))
    dropped = prune(path, now=datetime.now(UTC), token_life=_token_life(settings), used=used)
    show({"keys": path, "dropped": dropped}, as_json=as_json)


def _existing(path: Path) -> Path:
    if not path.exists():
        raise CommandProblem(
            f"there is no key file at {path}; mend: homeroom keys create, or restore your backup"
        )
    return path


def _token_life(settings: "Settings") -> timedelta:
    return timedelta(minutes=settings.access_token_minutes)


def _told(state: "KeyState", counts: Counter[str]) -> dict[str, Any]:
    from ops.key_rotation import Kind  # noqa: PLC0415

    return {
        "kind": state.kind.value,
        "name": state.name,
        "state": state.state,
        "created_at": state.created_at,
        "active_from": None if state.created_at is None else state.active_from.isoformat(),
        "values": counts[state.name] if state.kind is Kind.COLUMN else None,
    }


def _counts(settings: "Settings") -> Counter[str]:
    """Return how many values are under each column key, all districts together."""
    from ops.key_work import count_values  # noqa: PLC0415

    return count_values(settings)


def _reencrypt(settings: "Settings", begins: datetime, *, wait: bool) -> dict[str, object]:
    from ops.key_work import enqueue_reencryption, reencrypt_here  # noqa: PLC0415

    if not wait:
        return {"districts_enqueued": enqueue_reencryption(settings, begins)}
    tally = reencrypt_here(settings, begins)
    return {
        "rewritten": tally.rewritten,
        "changed_meanwhile": tally.changed_meanwhile,
        "unreadable": tally.unreadable,
    }

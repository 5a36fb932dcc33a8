"""Commands about the key file."""

import typer

from ops.commands.output import AsJson, show
from ops.commands.problems import CommandProblem
from ops.commands.settings import current_settings

keys_commands = typer.Typer(no_args_is_help=True, help="The keys that sign tokens and find addresses.")


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

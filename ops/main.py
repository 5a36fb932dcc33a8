"""The `homeroom` command line. Each command imports what it needs when it runs, so that --help is quick."""

import sys

import typer
from rich.console import Console
from rich.markup import escape

from ops.commands import (
    accounts,
    checks,
    data,
    decisions,
    events,
    grading,
    keys,
    oauth_clients,
    outbox,
    running,
)
from ops.commands.problems import explained
from ops.commands.settings import use_local_installation

app = typer.Typer(
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    help="Run, seed, inspect and rebuild Homeroom.",
)
running.register(app)
accounts.register(app)
decisions.register()
oauth_clients.register(app)
data.register(app)
events.register(app)
checks.register(app)
grading.register(app)
keys.register(app)
outbox.register(app)


def main() -> None:
    """Run a command; expected trouble is one plain sentence and exit code 2."""
    try:
        if sys.argv[1:2] != ["up"]:  # it starts an installation, maybe beside the one that left its file here
            use_local_installation()
        app()
    except Exception as error:
        sentence = explained(error)
        if sentence is None:
            raise
        Console(stderr=True).print("[red]homeroom:[/]", escape(sentence), highlight=False, soft_wrap=True)
        sys.exit(2)


if __name__ == "__main__":
    main()

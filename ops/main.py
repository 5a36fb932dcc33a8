"""The `homeroom` command line. Each command imports what it needs when it runs, so that --help is quick."""

import sys

import typer
from rich.console import Console

from ops.commands import accounts, checks, data, running
from ops.commands.problems import CommandProblem
from ops.commands.settings import use_local_installation

app = typer.Typer(no_args_is_help=True, add_completion=False, help="Run, seed, inspect and rebuild Homeroom.")
running.register(app)
accounts.register(app)
data.register(app)
checks.register(app)


def main() -> None:
    """Run a command; expected trouble is one plain sentence and exit code 2."""
    use_local_installation()
    try:
        app()
    except CommandProblem as problem:
        Console(stderr=True).print(f"[red]homeroom:[/] {problem}", highlight=False, soft_wrap=True)
        sys.exit(2)


if __name__ == "__main__":
    main()

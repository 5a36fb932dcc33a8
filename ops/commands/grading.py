"""Commands about grading."""

from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.progress import Progress
from rich.table import Table

from ops.commands.output import AsJson, show
from ops.commands.problems import CommandProblem

grading_commands = typer.Typer(
    no_args_is_help=True, help="Compare our rules of grading with another gradebook."
)


def register(app: typer.Typer) -> None:
    app.add_typer(grading_commands, name="grading")


@grading_commands.callback()
def about() -> None:
    """The rules by which grades come about (docs/grading.md)."""


@grading_commands.command("check")
def grading_check(
    file: Annotated[Path, typer.Argument(help="A JSON list of worked cases.", exists=True, dir_okay=False)],
    as_json: AsJson = False,
) -> None:
    """Run worked cases through our rules; exits 1 when one comes out otherwise than the file expects."""
    from ops.grading_cases import CasesError, check_file, read_cases  # noqa: PLC0415

    try:
        with Progress(console=Console(stderr=True), disable=as_json, transient=True) as progress:
            task = progress.add_task("Cases", total=len(read_cases(file)))
            count, mismatches = check_file(file, lambda: progress.advance(task))
    except CasesError as error:
        raise CommandProblem(str(error)) from error
    if as_json:
        show({"cases": count, "mismatches": [asdict(found) for found in mismatches]}, as_json=True)
    else:
        table = Table("case", "what", "expected", "ours")
        for found in mismatches:
            table.add_row(found.case, found.what, found.expected, found.found)
        console = Console(soft_wrap=True)
        if mismatches:
            console.print(table)
        console.print(f"{count} cases, {len(mismatches)} mismatches.")
    raise typer.Exit(1 if mismatches else 0)

"""Commands that look: what is missing, what the API offers, how fast it is."""

import json
import subprocess
import sys
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from ops.commands.output import AsJson, show
from ops.commands.problems import CommandProblem

BENCHMARKS = Path(__file__).resolve().parents[1] / "bench"


def register(app: typer.Typer) -> None:
    app.command()(doctor)
    app.command()(openapi)
    app.command(context_settings={"allow_extra_args": True, "ignore_unknown_options": True})(bench)


def doctor(as_json: AsJson = False) -> None:
    """Say what is missing here and how to mend it; exit code 1 when something must be mended."""
    from ops.doctor import examine  # noqa: PLC0415

    findings = examine()
    if as_json:
        show({one.subject: {"state": one.state, "said": one.said} for one in findings}, as_json=True)
    else:
        for finding in findings:
            mark = {"well": "[green]well[/]", "optional": "[yellow]note[/]", "missing": "[red]mend[/]"}[
                finding.state
            ]
            Console().print(f"{mark}  {finding.subject:<22} {finding.said}", highlight=False, soft_wrap=True)
    if any(finding.state == "missing" for finding in findings):
        raise typer.Exit(1)


def openapi(
    path: Annotated[Path | None, typer.Argument(help="Where to write it; left out: printed.")] = None,
) -> None:
    """Write the API's OpenAPI description."""
    from api.main import create_app  # noqa: PLC0415

    text = json.dumps(create_app().openapi(), indent=2)
    if path is None:
        typer.echo(text)
    else:
        _write(path, text + "\n")


def _write(path: Path, text: str) -> None:
    try:
        path.write_text(text, encoding="utf-8")
    except OSError as error:
        raise CommandProblem(f"{path} cannot be written: {error.strerror}") from error


def bench(
    context: typer.Context,
    name: Annotated[
        str | None,
        typer.Argument(help="One of ops/bench, then its options; left out: all that can run here."),
    ] = None,
) -> None:
    """Run benchmarks; each prints what it compares, the ratio and the goal. Options go to the benchmark."""
    known = sorted(
        path.stem for path in BENCHMARKS.glob("*.py") if "\ndef main(" in path.read_text(encoding="utf-8")
    )
    if name is not None:
        if name not in known:
            raise CommandProblem(f"there is no benchmark {name!r}; there are: {', '.join(known)}")
        raise typer.Exit(_run_benchmark(name, *context.args))
    codes = []
    for one in known:
        Console().rule(one)
        codes.append(_run_benchmark(one))
    if any(codes):
        raise typer.Exit(1)


def _run_benchmark(name: str, *options: str) -> int:
    return subprocess.run([sys.executable, "-m", f"ops.bench.{name}", *options], check=False).returncode

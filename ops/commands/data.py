"""Commands about data: the demo, the pipelines, the warehouse, exports."""

from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated
from uuid import UUID

import typer
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from ops.commands.output import AsJson, show
from ops.commands.problems import CommandProblem
from ops.commands.settings import current_settings, require_setting

if TYPE_CHECKING:
    from collections.abc import Callable

    from pipelines.runner import DistrictRun

pipelines_commands = typer.Typer(no_args_is_help=True, help="The analytics, without the daemon.")
warehouse_commands = typer.Typer(no_args_is_help=True, help="The Parquet marts.")
export_commands = typer.Typer(no_args_is_help=True, help="What districts receive.")

Districts = Annotated[list[str] | None, typer.Option("--district", help="Id; repeatable. Left out: all.")]


def register(app: typer.Typer) -> None:
    app.command()(demo)
    app.add_typer(pipelines_commands, name="pipelines")
    app.add_typer(warehouse_commands, name="warehouse")
    app.add_typer(export_commands, name="export")


def demo(
    students: Annotated[int, typer.Option(help="Students in both districts together.")] = 2000,
    weeks: Annotated[int, typer.Option(help="Weeks of the simulated semester.")] = 18,
    seed: Annotated[int, typer.Option(help="The same seed gives the same data.")] = 1,
    as_json: AsJson = False,
) -> None:
    """Load a simulated semester of two districts."""
    from core.keys import ensure_keys  # noqa: PLC0415
    from ops.demo import DemoConflictError, seed_demo  # noqa: PLC0415
    from ops.stack.demo import PASSWORD  # noqa: PLC0415

    admin_url = require_setting("admin_database_url")
    keys = ensure_keys(current_settings().keys_path)
    size = {"students": students, "weeks": weeks, "seed": seed}
    try:
        with progress_bars() as progress:
            world = seed_demo(
                admin_url, keys=keys, password=PASSWORD, now=datetime.now(UTC), progress=progress, **size
            )
    except (DemoConflictError, ValueError) as error:
        raise CommandProblem(str(error)) from error
    show({"demo": world.message, "accounts": len(world.users), "password": PASSWORD}, as_json=as_json)


@pipelines_commands.command("run")
def pipelines_run(district: Districts = None, as_json: AsJson = False) -> None:
    """Compute, check, publish and export every mart of these districts."""
    from pipelines.runner import run_districts  # noqa: PLC0415

    _run_all(run_districts, district, as_json=as_json)


@warehouse_commands.command("rebuild")
def warehouse_rebuild(district: Districts = None, as_json: AsJson = False) -> None:
    """Recreate lake and marts from PostgreSQL and the lake; twice gives the same bytes."""
    from pipelines.runner import rebuild  # noqa: PLC0415

    _run_all(rebuild, district, as_json=as_json)


@warehouse_commands.command("verify")
def warehouse_verify(district: Districts = None, as_json: AsJson = False) -> None:
    """Check every served file against its manifest: checksum, rows, schema, one district."""
    from core.tenancy import TenantId  # noqa: PLC0415
    from ops.warehouse_check import problems_of  # noqa: PLC0415

    chosen = chosen_districts(district)
    problems = {key: problems_of(TenantId.from_partition_key(key)) for key in chosen}
    show(
        {key: "; ".join(found) or "whole" for key, found in problems.items()} or {"districts": 0},
        as_json=as_json,
    )
    if any(problems.values()):
        raise typer.Exit(1)


@export_commands.command("verify")
def export_verify(
    path: Annotated[Path, typer.Argument(help="Folder of a bundle.")], as_json: AsJson = False
) -> None:
    """Check a district's export bundle against its own manifest and checksums."""
    from warehouse.bundle import verify_bundle  # noqa: PLC0415

    if not path.is_dir():
        raise CommandProblem(f"{path} is not a folder")
    try:
        report = verify_bundle(path)
    except FileNotFoundError as error:
        raise CommandProblem(f"{path} is no export bundle: {error.filename} is missing") from error
    except ValueError as error:
        raise CommandProblem(f"the manifest of {path} is damaged") from error
    show(
        {
            "bundle": path,
            "rows": report.rows,
            "problems": list(report.problems) if as_json else "; ".join(report.problems) or "none",
        },
        as_json=as_json,
    )
    if report.problems:
        raise typer.Exit(1)


def _run_all(run: "Callable[..., list[DistrictRun]]", district: list[str] | None, *, as_json: bool) -> None:
    chosen = chosen_districts(district)
    with progress_bars() as progress:
        task = progress.add_task("districts", total=len(chosen))
        runs = run(chosen, on_district=lambda _: progress.advance(task))
    facts = {one.district_id: _outcome(one) for one in runs}
    show(facts or {"districts": 0}, as_json=as_json)
    if not all(one.succeeded for one in runs):
        raise typer.Exit(1)


def _outcome(run: "DistrictRun") -> str:
    served = f"served after {run.duration.total_seconds():.1f} s"
    return "; ".join(run.problems or (served, *run.warnings))


def progress_bars() -> Progress:
    """Progress goes to stderr: what a script reads stays clean."""
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    return Progress(*columns, console=Console(stderr=True))


def chosen_districts(district: list[str] | None) -> list[str]:
    """Return the districts named, or all active ones. Raises CommandProblem for one that is not in the directory."""
    from pipelines.resources import PostgresResource  # noqa: PLC0415

    require_setting("pipeline_database_url")
    asked = [_identifier(key) for key in district or []]
    known = PostgresResource().active_districts()
    if unknown := [key for key in asked if key not in known]:
        raise CommandProblem(f"there is no district {unknown[0]}")
    return asked or known


def _identifier(key: str) -> str:
    try:
        return str(UUID(key))
    except ValueError as error:
        raise CommandProblem(f"{key!r} is not the id of a district") from error

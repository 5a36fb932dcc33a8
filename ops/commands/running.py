"""Commands that run Homeroom: everything on one machine, one worker, the migrations."""

from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from ops.commands.problems import CommandProblem
from ops.commands.settings import (
    STATE_DIRECTORY,
    current_settings,
    require_setting,
    settings_with_database,
)

StateDirectory = Annotated[Path, typer.Option("--state", help="Where the local stores and logs live.")]


def register(app: typer.Typer) -> None:
    app.command()(up)
    app.command()(down)
    app.command()(migrate)
    app.command()(worker)


def up(
    demo: Annotated[bool, typer.Option("--demo", help="Load a small demo of two districts.")] = False,
    fake_openai: Annotated[
        bool,
        typer.Option("--fake-openai", help="Ask a model on this machine that writes by rule; costs nothing."),
    ] = False,
    state: StateDirectory = STATE_DIRECTORY,
) -> None:
    """Start stores, migrations, api, worker, realtime and pipelines; Ctrl-C stops them."""
    from ops.stack.demo import seed_small_demo  # noqa: PLC0415
    from ops.stack.up import UpRequest  # noqa: PLC0415
    from ops.stack.up import up as bring_up  # noqa: PLC0415

    seed = seed_small_demo if demo else None
    raise typer.Exit(bring_up(UpRequest(state_directory=state, seed=seed, fake_openai=fake_openai)))


def down(state: StateDirectory = STATE_DIRECTORY) -> None:
    """Stop a running `homeroom up`."""
    from ops.stack.process import ProcessFailedError  # noqa: PLC0415
    from ops.stack.up import down as bring_down  # noqa: PLC0415

    try:
        stopped = bring_down(state)
    except ProcessFailedError as error:
        raise CommandProblem(str(error)) from error
    Console().print("stopped" if stopped else "nothing runs here")


def migrate() -> None:
    """Bring roles, tables and grants to the newest migration; give our roles the passwords in their URLs."""
    from sqlalchemy import NullPool, create_engine  # noqa: PLC0415

    from migrations.roles import set_password  # noqa: PLC0415
    from ops.stack.databases import migrate as bring_up_to_date  # noqa: PLC0415
    from ops.stack.up import CODE_DIRECTORY  # noqa: PLC0415

    admin_url = require_setting("admin_database_url")
    bring_up_to_date(admin_url, CODE_DIRECTORY)
    settings = current_settings()
    with create_engine(admin_url, poolclass=NullPool).connect() as connection:
        for url in filter(None, (settings.database_url, settings.pipeline_database_url)):
            set_password(connection, url)
    Console().print("the database is at the newest migration")


def worker(
    concurrency: Annotated[int, typer.Option(min=1, max=64, help="Jobs at the same time.")] = 8,
    health_port: Annotated[
        int | None, typer.Option(min=1, max=65535, help="Loopback port that answers whether it is well.")
    ] = None,
) -> None:
    """Run background jobs until told to stop."""
    from ops.worker import WorkerOptions, run_worker  # noqa: PLC0415

    run_worker(settings_with_database(), WorkerOptions(concurrency=concurrency, health_port=health_port))

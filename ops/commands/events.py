"""The command that lets old events go from PostgreSQL."""

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Annotated

import typer

from ops.commands.data import Districts, chosen_districts, progress_bars
from ops.commands.output import AsJson, show
from ops.commands.problems import CommandProblem
from ops.commands.settings import current_settings, require_setting

if TYPE_CHECKING:
    from ops.event_retention import Pruned

events_commands = typer.Typer(no_args_is_help=True, help="Clicks and answers as they were recorded.")


def register(app: typer.Typer) -> None:
    app.add_typer(events_commands, name="events")


@events_commands.command("prune")
def events_prune(
    days: Annotated[int, typer.Option(min=1, help="Events younger than this stay.")] = 400,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only say what would go.")] = False,
    district: Districts = None,
    as_json: AsJson = False,
) -> None:
    """Remove old events from PostgreSQL, those alone that the lake proves it has."""
    import psycopg  # noqa: PLC0415

    from core.config import plain_url  # noqa: PLC0415
    from core.tenancy import TenantId  # noqa: PLC0415
    from ops.event_retention import drop_empty_chunks, prune_events  # noqa: PLC0415
    from warehouse.folder import open_warehouse  # noqa: PLC0415
    from warehouse.manifest import WarehouseError  # noqa: PLC0415

    settings = current_settings()
    chosen = chosen_districts(district)
    warehouse = open_warehouse(settings.warehouse_url, settings.warehouse_cache_path)
    before = datetime.now(UTC) - timedelta(days=days)
    found: dict[str, Pruned] = {}
    with (
        psycopg.connect(plain_url(require_setting("admin_database_url")), autocommit=True) as connection,
        progress_bars() as progress,
    ):
        task = progress.add_task("districts", total=len(chosen))
        for key in chosen:
            folder = warehouse.district(TenantId.from_partition_key(key))
            try:
                found[key] = prune_events(connection, folder, before=before, dry_run=dry_run)
            except (WarehouseError, FileNotFoundError) as error:
                raise CommandProblem(f"district {key}: {error}; its events stay") from error
            progress.advance(task)
        chunks = 0 if dry_run else drop_empty_chunks(connection, before=before)
    show(
        {"before": f"{before:%Y-%m-%d}", "chunks dropped": chunks}
        | {key: _words(one, dry_run=dry_run) for key, one in found.items()},
        as_json=as_json,
    )


def _words(pruned: "Pruned", *, dry_run: bool) -> str:
    verb = "would go" if dry_run else "removed"
    return f"{pruned.removed} {verb}, {pruned.kept} kept that the lake does not have"

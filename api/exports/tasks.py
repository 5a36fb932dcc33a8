"""Making the files people asked for, and removing them when their time is over."""

from datetime import datetime
from uuid import UUID

import structlog

from api.exports import queries
from core.db import Database
from core.jobs import RETRIES, Workplace, job_app, job_context
from core.models import ExportState
from core.tenancy import TenantContext
from warehouse.folder import open_warehouse

logger = structlog.get_logger(__name__)

EXPORT_KIND = "write_export"


@job_app.task(name="exports.write_export", queue="exports", retry=RETRIES)
async def write_export(district_id: str, export_id: str) -> None:
    """Write a file by the rights its asker has now; safe to run again, and over when it is done."""
    from api.exports.writing import carry_out  # noqa: PLC0415 - libraries that only workers load

    await carry_out(Workplace.get(), job_context(district_id), UUID(export_id))


async def remove_expired_exports(database: Database, context: TenantContext, now: datetime) -> int:
    """Delete files that have had their time and keep their rows, as the record of what was disclosed."""
    settings = Workplace.get().settings
    folder = open_warehouse(settings.storage_url, settings.warehouse_cache_path).district(context.tenant)
    async with database.tenant_transaction(context) as session:
        exports = (await session.scalars(queries.expired(context, now))).all()
        for export in exports:
            if export.storage_key is not None:
                folder.delete(export.storage_key)
            export.state = ExportState.EXPIRED
            export.storage_key = None
    return len(exports)

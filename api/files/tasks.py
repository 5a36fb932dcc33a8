"""Reading what was sent, in the background; and removing what may not stay."""

from datetime import datetime
from uuid import UUID

import structlog

from api.scratch import remove_forsaken_folders, remove_old_files
from core.config import Settings
from core.db import Database
from core.jobs import RETRIES, Workplace, job_app, job_context
from core.tenancy import TenantContext

logger = structlog.get_logger(__name__)

READ_KIND = "read_file"


@job_app.task(name="files.read_file", queue="files", retry=RETRIES)
async def read_file(district_id: str, file_id: str) -> None:
    """Scan a file, read its text and remove its bytes; safe to run again at any point.

    Raises ScannerUnavailableError and StorageUnavailableError: then it waits, and is tried again.
    """
    from api.files.processing import Processing  # noqa: PLC0415 - readers that only workers load

    await Processing(Workplace.get(), job_context(district_id), UUID(file_id)).run()


async def remove_due_files(database: Database, context: TenantContext, now: datetime) -> int:
    """Remove the bytes of one district that may not stay; returns how many objects went."""
    from api.files.objects import storage_of  # noqa: PLC0415
    from api.files.sweeping import sweep  # noqa: PLC0415

    return await sweep(database, storage_of(Workplace.get().settings), context, now)


def remove_scratch(settings: Settings) -> None:
    """Remove what killed processes left on this machine's disk."""
    from api.files.objects import storage_of  # noqa: PLC0415

    count = remove_forsaken_folders() + remove_old_files(storage_of(settings).scratch_file().parent)
    if count:
        logger.info("scratch_removed", count=count)

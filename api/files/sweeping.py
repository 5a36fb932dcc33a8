"""Nothing stays: bytes whose time is over go, objects without a row go, and each removal leaves evidence.

Bytes go before the row says so: whatever dies in between is found again and finished by the next sweep.
"""

from datetime import datetime, timedelta

from sqlalchemy.ext.asyncio import AsyncSession

from api.files import objects, queries
from api.jobs.service import drop_job
from core.db import Database
from core.models import FileRemoval, FileStatus, RemovalReason, UploadedFile
from core.tenancy import TenantContext
from warehouse.storage import Storage

EXPIRED = "expired"
UPLOAD_TIME = timedelta(minutes=15)
"""An object may wait so long for the transaction that writes its row."""


async def sweep(database: Database, storage: Storage, context: TenantContext, now: datetime) -> int:
    """Remove what is due in one district; returns how many objects went."""
    async with database.tenant_transaction(context) as session:
        due = (await session.scalars(queries.due_files(context, now).with_for_update())).all()
        for file in due:
            await remove_bytes(session, storage, file, now)
    return len(due) + await _remove_orphans(database, storage, context, now)


async def remove_bytes(session: AsyncSession, storage: Storage, file: UploadedFile, now: datetime) -> None:
    """Remove a file's bytes and write down that it was done. Raises StorageUnavailableError."""
    if file.object_key is None:
        return
    await objects.remove(storage, file.object_key)
    session.add(
        FileRemoval(
            district_id=file.district_id,
            school_id=file.school_id,
            file_id=file.id,
            object_key=file.object_key,
            reason=_reason(file),
            removed_at=now,
        )
    )
    if file.status not in queries.ENDED:
        file.status, file.rejection_code = FileStatus.REJECTED, EXPIRED
        await drop_job(session, file.job_id)
    file.object_key, file.removed_at = None, now


def _reason(file: UploadedFile) -> RemovalReason:
    if file.deleted_at is not None:
        return RemovalReason.DELETED
    return RemovalReason.PROCESSED if file.status in queries.ENDED else RemovalReason.EXPIRED


async def _remove_orphans(database: Database, storage: Storage, context: TenantContext, now: datetime) -> int:
    """List objects first and rows second: what is stored in between has a row that is not asked about."""
    stored = await objects.stored_keys(storage, context.tenant)
    async with database.tenant_transaction(context) as session:
        kept = set(await session.scalars(queries.kept_keys(context)))
        orphans = [key for key in stored if key not in kept and objects.made_at(key) <= now - UPLOAD_TIME]
        for key in orphans:
            await objects.remove(storage, key)
            session.add(
                FileRemoval(
                    district_id=context.tenant.value,
                    object_key=key,
                    reason=RemovalReason.ORPHANED,
                    removed_at=now,
                )
            )
    return len(orphans)

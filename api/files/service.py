"""Taking files in, showing what became of them, and taking them back."""

import asyncio
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncSession

from api.files import objects, queries
from api.files.errors import FileRejectedError, UploadQuotaExceededError, refusal_of
from api.files.objects import storage_of
from api.files.receiving import Received
from api.files.schemas import FileDetail, FileOut
from api.files.sniffing import sniff
from api.files.sweeping import remove_bytes
from api.files.tasks import READ_KIND, read_file
from api.jobs.service import create_job, drop_job
from api.paging import PageRequest, fetch_page
from core.audit import record_audit
from core.config import Settings
from core.db import Database
from core.errors import NotFoundError
from core.ids import new_id
from core.jobs import enqueue
from core.models import FileStatus, UploadedFile
from core.tenancy import Actor
from warehouse.storage import Storage

KEPT_FOR = timedelta(hours=24)
_QUOTA_WINDOW = timedelta(hours=24)
_MEGABYTE = 1_000_000


async def take_in(
    database: Database, actor: Actor, received: Received, *, settings: Settings, now: datetime
) -> tuple[FileOut, bool]:
    """Keep a received file and have it read; returns it, and whether it is new: the same content is one file.

    No transaction is open while bytes travel. Raises what `refusal_of` returns, UploadQuotaExceededError and
    StorageUnavailableError; nothing is kept then.
    """
    try:
        kind = await asyncio.to_thread(sniff, received.path)
    except FileRejectedError as error:
        raise refusal_of(error) from error
    async with database.tenant_transaction(actor.context) as session:
        known = await _known(session, actor, received, now=now)
        if known is not None:
            return known, False
        await _require_quota(session, actor, received, settings, now=now)
    storage, key = storage_of(settings), objects.new_object_key(actor.tenant, now)
    await objects.store(storage, key, received)
    file = _row_of(actor, received, now=now)
    file.kind, file.object_key = kind.value, key
    try:
        async with database.tenant_transaction(actor.context) as session:
            return await _write(session, actor, file, now=now), True
    except IntegrityError:  # the same content arrived twice at once, and the other one was quicker
        await objects.remove(storage, key)
        async with database.tenant_transaction(actor.context) as session:
            known = await _known(session, actor, received, now=now)
        if known is None:
            raise
        return known, False


async def list_files(
    session: AsyncSession, actor: Actor, page: PageRequest
) -> tuple[list[FileOut], str | None]:
    """Return what the actor sent, the newest first."""
    rows, cursor = await fetch_page(
        session, queries.own_files(actor), UploadedFile.id, page, newest_first=True
    )
    return [FileOut.model_validate(row) for row in rows], cursor


async def read_own_file(session: AsyncSession, actor: Actor, file_id: UUID) -> FileDetail:
    """Return a file with what was read in it. Raises NotFoundError."""
    return FileDetail.of(await _find(session, actor, file_id))


async def take_back(
    session: AsyncSession, storage: Storage, actor: Actor, file_id: UUID, *, now: datetime
) -> FileOut:
    """Remove a file, its bytes and its text; what was made of it stays.

    Raises NotFoundError and StorageUnavailableError.
    """
    file = await _find(session, actor, file_id, for_change=True)
    file.deleted_at, file.extraction = now, None
    await drop_job(session, file.job_id)
    await remove_bytes(session, storage, file, now)
    await record_audit(session, actor, "deleted", ("file", file.id), now=now)
    return FileOut.model_validate(file)


async def _find(
    session: AsyncSession, actor: Actor, file_id: UUID, *, for_change: bool = False
) -> UploadedFile:
    statement = queries.own_file(actor, file_id)
    file: UploadedFile | None = await session.scalar(statement.with_for_update() if for_change else statement)
    if file is None:
        raise NotFoundError
    return file


async def _known(session: AsyncSession, actor: Actor, received: Received, *, now: datetime) -> FileOut | None:
    """Return the file this content became before. One that could not be read makes room: perhaps now it can."""
    file: UploadedFile | None = await session.scalar(queries.same_content(actor, received.sha256))
    if file is not None and file.status is FileStatus.REJECTED:
        file.deleted_at = now
        return None
    return None if file is None else FileOut.model_validate(file)


async def _require_quota(
    session: AsyncSession, actor: Actor, received: Received, settings: Settings, *, now: datetime
) -> None:
    sent = await session.scalar(queries.bytes_sent_since(actor, now - _QUOTA_WINDOW)) or 0
    if sent + received.byte_count > settings.upload_megabytes_per_day * _MEGABYTE:
        raise UploadQuotaExceededError


def _row_of(actor: Actor, received: Received, *, now: datetime) -> UploadedFile:
    return UploadedFile(
        district_id=actor.district_id,
        school_id=actor.school_id,
        id=new_id(),
        owner_id=actor.user_id,
        name=received.label,
        byte_count=received.byte_count,
        sha256=received.sha256,
        status=FileStatus.PENDING,
        uploaded_at=now,
        delete_by=now + KEPT_FOR,
    )


async def _write(session: AsyncSession, actor: Actor, file: UploadedFile, *, now: datetime) -> FileOut:
    file.job_id = await create_job(session, actor, READ_KIND, subject_id=file.id)
    session.add(file)
    await session.flush()
    told = {"kind": file.kind, "bytes": file.byte_count}
    await record_audit(session, actor, "uploaded", ("file", file.id), now=now, details=told)
    await enqueue(session, read_file, file_id=file.id)
    return FileOut.model_validate(file)

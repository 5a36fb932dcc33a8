"""One file on its way: quarantined, scanned, read in a child, its bytes removed.

Any run completes what another one began.
"""

from dataclasses import dataclass
from pathlib import Path
from uuid import UUID

import structlog

from api.extraction.refusals import ExtractionRefusedError
from api.extraction.result import Extraction, FileKind
from api.extraction.sandbox import extract, extract_rest, tools_of
from api.files import objects, queries
from api.files.clamd import Scanner
from api.files.errors import RejectionCode, ScannerUnavailableError
from api.files.objects import storage_of
from api.files.sweeping import EXPIRED, remove_bytes
from api.jobs.service import fail_job, finish_job, report_progress
from api.scratch import scratch_folder
from core.jobs import Workplace
from core.models import FileStatus, UploadedFile
from core.tenancy import TenantContext

logger = structlog.get_logger(__name__)

SCANNED_PERCENT, BEGUN_PERCENT, READ_PERCENT = 10, 20, 95
_NOT_READ = "The file could not be read ({code})."


@dataclass(frozen=True, slots=True)
class Processing:
    """One run over one file. No transaction is open while a scanner or a child works."""

    place: Workplace
    context: TenantContext
    file_id: UUID

    async def run(self) -> None:
        """Bring the file to its end, or do nothing when it is there.

        Raises ScannerUnavailableError and StorageUnavailableError: nothing is decided then.
        """
        file = await self._enter(FileStatus.SCANNING)
        if file is None or file.object_key is None:
            return
        with scratch_folder() as folder:
            path = folder / "file"
            if not await objects.fetch(storage_of(self.place.settings), file.object_key, path):
                await self._end(rejected=EXPIRED)
                return
            if await self._is_malware(path):
                await self._end(rejected=RejectionCode.MALWARE)
                return
            await self._progress(SCANNED_PERCENT)
            await self._enter(FileStatus.EXTRACTING)
            try:
                read = await self._read(path, FileKind(file.kind))
            except ExtractionRefusedError as refusal:
                await self._end(rejected=refusal.code)
                return
        await self._end(read=read)

    async def _is_malware(self, path: Path) -> bool:
        settings = self.place.settings
        if not settings.clamd_url:
            return False
        try:
            found = await Scanner(url=settings.clamd_url).scan(path)
        except ScannerUnavailableError as error:
            logger.warning("scanner_unavailable", file_id=str(self.file_id), reason=str(error))
            if settings.scan_required:
                raise
            return False
        if found is not None:
            logger.warning("malware_found", file_id=str(self.file_id), signature=found)
        return found is not None

    async def _read(self, path: Path, kind: FileKind) -> Extraction:
        """Read a file, and then its pictures as long as there are fewer of them left each time."""
        tools = tools_of(self.place.settings)
        await self._progress(BEGUN_PERCENT)
        read = await extract(path, kind, tools=tools)
        left = len(read.unread_pages) + 1
        while read.unread_pages and len(read.unread_pages) < left:
            left = len(read.unread_pages)
            done = (read.pages - left) / max(read.pages, 1)
            await self._progress(BEGUN_PERCENT + round((READ_PERCENT - BEGUN_PERCENT) * done))
            read = await extract_rest(path, read, tools=tools)
        return read

    async def _enter(self, status: FileStatus) -> UploadedFile | None:
        """Note where the file is; None when it has come to its end, or was taken back."""
        async with self.place.database.tenant_transaction(self.context) as session:
            file = await session.scalar(queries.stored_file(self.context, self.file_id).with_for_update())
            if file is None or file.status in queries.ENDED or file.deleted_at is not None:
                return None
            file.status = status
            return file

    async def _progress(self, percent: int) -> None:
        async with self.place.database.tenant_transaction(self.context) as session:
            file = await session.scalar(queries.stored_file(self.context, self.file_id))
            if file is not None:
                await report_progress(session, file.job_id, percent)

    async def _end(self, *, read: Extraction | None = None, rejected: str | None = None) -> None:
        """Write down what came of it, tell its owner, and remove the bytes: first the one, then the other."""
        now = self.place.clock()
        async with self.place.database.tenant_transaction(self.context) as session:
            file = await session.scalar(queries.stored_file(self.context, self.file_id).with_for_update())
            if file is None or file.status in queries.ENDED or file.deleted_at is not None:
                return
            result = {"file_id": str(self.file_id), "code": rejected}
            if read is None:
                file.status, file.rejection_code = FileStatus.REJECTED, rejected
                await fail_job(session, str(file.job_id), _NOT_READ.format(code=rejected), result)
            else:
                file.status, file.extraction = FileStatus.READY, read.model_dump(mode="json")
                await finish_job(session, str(file.job_id), result)
        async with self.place.database.tenant_transaction(self.context) as session:
            file = await session.scalar(queries.stored_file(self.context, self.file_id).with_for_update())
            if file is not None:
                await remove_bytes(session, storage_of(self.place.settings), file, now)

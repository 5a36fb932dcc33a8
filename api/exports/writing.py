"""One export from start to end, in the worker: whose rows, how many, the file, its checksum."""

import asyncio
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from uuid import UUID

import structlog
from sqlalchemy.ext.asyncio import AsyncSession

from api.comparisons.queries import small_cell_minimum
from api.exports import queries
from api.exports.errors import ExportKeysMissingError, ExportLimitError
from api.exports.files import Order, count_rows, write_order
from api.exports.schemas import BUNDLE
from api.jobs.service import fail_job, finish_job, report_progress
from core.audit import record_audit
from core.domain.suppression import SMALL_CELL_MINIMUM
from core.errors import AppError, ForbiddenError
from core.jobs import Workplace
from core.models import DataExport, ExportProfile, ExportState
from core.tenancy import Actor, TenantContext
from warehouse.folder import DistrictFolder, open_warehouse
from warehouse.manifest import MartNotServedError, served_manifest
from warehouse.pseudonyms import Pseudonyms
from warehouse.writer import digest_of_file

logger = structlog.get_logger(__name__)

COUNTED_SHARE, WRITTEN_SHARE = 10, 90
"""How far the job is when rows are counted, and when the file is written; percent."""


class ExportNotServedError(AppError):
    """The marts of the district have not been computed yet; ask again after the first run."""

    code = "export_not_served"


@dataclass(frozen=True, slots=True)
class _Desk:
    """What the steps of one export share."""

    work: Workplace
    context: TenantContext
    export: DataExport

    @property
    def marts(self) -> DistrictFolder:
        settings = self.work.settings
        warehouse = open_warehouse(settings.warehouse_url, settings.warehouse_cache_path)
        return warehouse.district(self.context.tenant)

    @property
    def files(self) -> DistrictFolder:
        settings = self.work.settings
        return open_warehouse(settings.storage_url, settings.warehouse_cache_path).district(
            self.context.tenant
        )


async def carry_out(work: Workplace, context: TenantContext, export_id: UUID) -> None:
    """Write the file once; what cannot be written ends the job with a sentence and a code."""
    async with work.database.tenant_transaction(context) as session:
        export: DataExport | None = await session.scalar(queries.export(context, export_id))
    if export is None or export.state is not ExportState.QUEUED:
        return  # an earlier run has ended it
    desk = _Desk(work, context, export)
    try:
        order = await _order(desk)
        rows = await asyncio.to_thread(count_rows, desk.marts, order)
        await _reserve(desk, rows)
        await _write(desk, order, rows)
    except MartNotServedError:
        await _fail(desk, ExportNotServedError())
    except (ExportLimitError, ForbiddenError, ExportKeysMissingError) as error:
        await _fail(desk, error)


async def _order(desk: _Desk) -> Order:
    """Say what belongs into the file, by what the asker may see now. Raises ForbiddenError."""
    export = desk.export
    async with desk.work.database.tenant_transaction(desk.context) as session:
        actor = await _asker(session, desk)
        classes = None
        names: dict[str, str] = {}
        if export.profile is ExportProfile.NAMED or export.class_id is not None:
            found = await session.scalars(queries.exported_classes(actor, export.class_id))
            classes = frozenset(str(class_id) for class_id in found)
        if export.profile is ExportProfile.NAMED:
            people = await session.execute(queries.exported_students(actor, export.class_id))
            names = {str(student_id): name for student_id, name in people}
        return Order(
            dataset=export.dataset,
            profile=export.profile,
            format=export.format,
            classes=classes,
            school_id=None if actor.school_id is None else str(actor.school_id),
            names=names,
            pseudonyms=await _pseudonyms(session, actor, export),
            minimum=await session.scalar(small_cell_minimum(actor)) or SMALL_CELL_MINIMUM,
        )


async def _asker(session: AsyncSession, desk: _Desk) -> Actor:
    user = await session.scalar(queries.requester(desk.context, desk.export.requested_by))
    if user is None:
        raise ForbiddenError
    return Actor(
        user.id,
        user.role,
        tenant=desk.context.tenant,
        school_id=user.school_id,
        session_id=desk.export.id,
    )


async def _pseudonyms(session: AsyncSession, actor: Actor, export: DataExport) -> Pseudonyms | None:
    if export.profile is not ExportProfile.RECORD or export.dataset == BUNDLE:
        return None
    secret = await session.scalar(queries.export_secret(actor))
    if secret is None:
        raise ExportKeysMissingError
    return Pseudonyms(secret)


async def _reserve(desk: _Desk, rows: int) -> None:
    """Count the rows against what one person may take out in a day. Raises ExportLimitError."""
    settings, export = desk.work.settings, desk.export
    async with desk.work.database.tenant_transaction(desk.context) as session:
        actor = await _asker(session, desk)
        await session.execute(queries.COUNT_ALONE, {"user_id": str(actor.user_id)})
        since = desk.work.clock() - timedelta(days=1)
        taken = await session.scalar(queries.rows_taken(actor, since=since, but=export.id)) or 0
        if taken + rows > settings.export_rows_per_day:
            raise ExportLimitError
        kept = await session.merge(export)
        kept.row_count = rows
        if export.job_id is not None:
            await report_progress(session, export.job_id, COUNTED_SHARE)


async def _write(desk: _Desk, order: Order, rows: int) -> None:
    export, folder = desk.export, desk.files
    scratch = folder.storage.scratch_file()
    try:
        await asyncio.to_thread(write_order, desk.marts, order, scratch)
        facts = await asyncio.to_thread(_facts, scratch)
        key = f"exports/{export.id}.{order.suffix}"
        await asyncio.to_thread(folder.put, key, scratch)
    finally:
        scratch.unlink(missing_ok=True)
    now = desk.work.clock()
    async with desk.work.database.tenant_transaction(desk.context) as session:
        kept = await session.merge(export)
        kept.state, kept.storage_key = ExportState.DONE, key
        kept.file_name = f"{export.dataset}-{now:%Y-%m-%d}.{order.suffix}"
        kept.byte_count, kept.sha256 = facts
        kept.row_count = rows
        kept.as_of = served_manifest(desk.marts).as_of
        kept.expires_at = now + timedelta(days=desk.work.settings.export_days)
        told = {"export_id": str(export.id), "rows": rows, "sha256": kept.sha256}
        await finish_job(session, str(export.job_id), told)


async def _fail(desk: _Desk, error: AppError) -> None:
    """End the export; a limit that was reached is written down and told to the operators at once."""
    export = desk.export
    async with desk.work.database.tenant_transaction(desk.context) as session:
        kept = await session.merge(export)
        kept.state, kept.error_code, kept.row_count = ExportState.FAILED, error.code, None
        await fail_job(session, str(export.job_id), error.message)
        user = await session.scalar(queries.requester(desk.context, export.requested_by))
        if user is not None:
            actor = await _asker(session, desk)
            told = {"dataset": export.dataset, "code": error.code}
            target = ("export", export.id)
            await record_audit(session, actor, "export_refused", target, now=desk.work.clock(), details=told)
    logger.warning(
        error.code, export_id=str(export.id), user_id=str(export.requested_by), dataset=export.dataset
    )


def _facts(path: Path) -> tuple[int, str]:
    return path.stat().st_size, digest_of_file(path)

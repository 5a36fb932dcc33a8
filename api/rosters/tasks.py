"""The import itself, behind the admin who sent the archive."""

import asyncio
from uuid import UUID

from sqlalchemy.exc import IntegrityError

from api.jobs.service import fail_job, finish_job
from api.rosters import queries
from api.rosters.errors import RosterMovedError, TooManyDeactivationsError
from api.rosters.imports import carry_out
from api.rosters.presence import ImportDesk
from api.rosters.reading import read_oneroster
from core.jobs import RETRIES, Workplace, job_app, job_context
from core.models import RosterUpload
from core.tenancy import Scope, TenantContext

MOST_PROBLEMS_TOLD = 100
"""The result travels in an event too; who sent the archive has had the whole list."""


@job_app.task(name="rosters.import_roster", queue="rosters", retry=RETRIES)
async def import_roster(district_id: str, job_id: str) -> None:
    """Carry an uploaded roster out inside its admin's fence; wholly or not at all, and once."""
    work, context = Workplace.get(), job_context(district_id)
    async with work.database.tenant_transaction(context) as session:
        upload = await session.scalar(queries.upload(context.tenant, UUID(job_id)))
    if upload is None:
        return  # an earlier run has done it
    try:
        await _import(work, TenantContext(context.tenant, Scope(upload.school_id)), upload)
    except (TooManyDeactivationsError, RosterMovedError, IntegrityError) as error:
        refusal = RosterMovedError() if isinstance(error, IntegrityError) else error
        async with work.database.tenant_transaction(context) as session:
            await session.execute(queries.TAKE_UPLOAD, queries.upload_key(upload))
            await fail_job(session, job_id, refusal.message)


async def _import(work: Workplace, context: TenantContext, upload: RosterUpload) -> None:
    roster = await asyncio.to_thread(read_oneroster, upload.content)
    async with work.database.tenant_transaction(context) as session:
        if not await session.scalar(queries.TAKE_UPLOAD, queries.upload_key(upload)):
            return  # another worker was quicker
        desk = ImportDesk(session, work.ring, upload.requested_by, work.clock())
        report = await carry_out(
            desk,
            roster,
            upload.id,
            most_percent=upload.max_deactivation_percent,
            code_days=work.settings.class_code_days,
        )
        told = report.model_copy(update={"problems": report.problems[:MOST_PROBLEMS_TOLD]})
        await finish_job(session, str(upload.id), told.model_dump(mode="json"))

"""Sending a roster in: rehearsed while the admin waits, then left to the worker."""

from dataclasses import dataclass

from api.jobs.service import create_job
from api.rosters.imports import plan_for
from api.rosters.presence import ImportDesk
from api.rosters.reporting import report_of, require_moderation
from api.rosters.roster import Roster
from api.rosters.schemas import RosterImportOut
from api.rosters.tasks import import_roster
from core.audit import record_audit
from core.jobs import enqueue
from core.models import RosterUpload
from core.tenancy import Actor

IMPORT_KIND = "import_roster"


@dataclass(frozen=True)
class Delivery:
    """An archive, what it says, and how much of what is here it may take out of use, percent."""

    packed: bytes
    roster: Roster
    most_percent: int


async def rehearse_import(desk: ImportDesk, roster: Roster) -> RosterImportOut:
    """Return what an import would do."""
    return RosterImportOut(report=report_of(await plan_for(desk, roster)))


async def request_import(desk: ImportDesk, actor: Actor, delivery: Delivery) -> RosterImportOut:
    """Keep the archive for the worker. Raises TooManyDeactivationsError."""
    plan = await plan_for(desk, delivery.roster)
    require_moderation(plan, delivery.most_percent)
    job_id = await create_job(desk.session, actor, IMPORT_KIND, subject_id=actor.district_id)
    desk.session.add(
        RosterUpload(
            district_id=actor.district_id,
            school_id=actor.school_id,
            id=job_id,
            requested_by=actor.user_id,
            max_deactivation_percent=delivery.most_percent,
            content=delivery.packed,
        )
    )
    await record_audit(desk.session, actor, "roster_sent", ("job", job_id), now=desk.now)
    await enqueue(desk.session, import_roster, job_id=job_id)
    return RosterImportOut(job_id=job_id, report=report_of(plan))

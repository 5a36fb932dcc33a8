"""One import, planned and carried out in the caller's transaction."""

import asyncio
from datetime import timedelta
from uuid import UUID

from api.rosters import queries
from api.rosters.plan import Plan
from api.rosters.planning import plan_import
from api.rosters.presence import ImportDesk, read_present
from api.rosters.reporting import report_of, require_moderation
from api.rosters.roster import Roster
from api.rosters.schemas import RosterReport
from api.rosters.writing_plans import write_plan
from core.audit import record_audit


async def plan_for(desk: ImportDesk, roster: Roster) -> Plan:
    """Return what this import would do as things stand; nothing is written."""
    present = await read_present(desk, roster)
    return await asyncio.to_thread(plan_import, roster, present, desk.requested_by, desk.school_id)


async def carry_out(
    desk: ImportDesk, roster: Roster, job_id: UUID, *, most_percent: int, code_days: int
) -> RosterReport:
    """Write what the roster says. Raises TooManyDeactivationsError or RosterMovedError."""
    await desk.session.execute(queries.LOCK_ROSTER, {"district_id": str(desk.tenant)})
    plan = await plan_for(desk, roster)
    require_moderation(plan, most_percent)
    await write_plan(desk, plan, desk.now + timedelta(days=code_days), job_id)
    report = report_of(plan)
    await record_audit(
        desk.session,
        None,
        "roster_imported",
        ("job", job_id),
        now=desk.now,
        school_id=desk.school_id,
        details={"files": [counts.model_dump() for counts in report.files], "problems": report.problem_count},
    )
    return report

"""Answers that wait for a machine though no job looks after them any more."""

from datetime import datetime, timedelta

from sqlalchemy import insert

from api.ai_grading import queries
from api.submissions.tasks import TRIAGE_KIND, triage_free_response
from core.db import Database, run
from core.ids import new_id
from core.jobs import enqueue_many
from core.models import BackgroundJob
from core.tenancy import TenantContext

FORSAKEN_AFTER = timedelta(minutes=15)
MOST_ANSWERS = 500
"""In one round; the rest waits for the next."""


async def look_after_forsaken_answers(database: Database, context: TenantContext, now: datetime) -> int:
    """Enqueue anew the answers whose job was lost or given up; returns how many. One transaction."""
    keys = {
        "district_id": context.tenant.value,
        "before": now - FORSAKEN_AFTER,
        "most": MOST_ANSWERS,
    }
    async with database.tenant_transaction(context) as session:
        found = list(await run(session, queries.FORSAKEN, keys))
        if not found:
            return 0
        jobs = [
            {
                "district_id": context.tenant.value,
                "id": new_id(),
                "school_id": row.school_id,
                "user_id": row.student_id,
                "kind": TRIAGE_KIND,
                "subject_id": row.id,
            }
            for row in found
        ]
        await session.execute(insert(BackgroundJob), jobs)
        ids = [{"answer_id": job["subject_id"], "job_id": job["id"]} for job in jobs]
        await enqueue_many(session, triage_free_response, ids)
    return len(found)

"""Background work on answers."""

from sqlalchemy import text

from api.jobs.service import finish_job
from core.jobs import RETRIES, JobDatabase, job_app, job_context

TRIAGE_KIND = "triage_free_response"

# Only a try that still waits and still counts; running it twice changes nothing more.
_AWAIT_TEACHER = text(
    """
    UPDATE app.student_answers SET status = 'awaiting_teacher', updated_at = now()
    WHERE district_id = :district_id AND id = :answer_id AND status = 'pending'
    """
)


@job_app.task(name="submissions.triage_free_response", queue="grading", retry=RETRIES)
async def triage_free_response(district_id: str, answer_id: str, job_id: str) -> None:
    """Put a free response into its teacher's queue: no machine grades it yet."""
    context = job_context(district_id)
    async with JobDatabase.get().tenant_transaction(context) as session:
        keys = {"district_id": context.tenant.value, "answer_id": answer_id}
        await session.execute(_AWAIT_TEACHER, keys)
        await finish_job(session, job_id, {"answer_id": answer_id, "status": "awaiting_teacher"})

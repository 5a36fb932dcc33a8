"""Background work on answers."""

from uuid import UUID

from core.jobs import RETRIES, Workplace, job_app, job_context

TRIAGE_KIND = "grade_free_response"


@job_app.task(name="submissions.triage_free_response", queue="grading", retry=RETRIES)
async def triage_free_response(district_id: str, answer_id: str, job_id: str) -> None:
    """Have a written answer looked at: a model's proposal, or a suggestion without one; the teacher decides."""
    from api.ai_grading.running import grade_answer  # noqa: PLC0415 - libraries that only workers load

    context = job_context(district_id)
    await grade_answer(Workplace.get(), context, triage_free_response, UUID(answer_id), UUID(job_id))

"""Writing the questions of a draft in the background: batch by batch, resumable, cancellable, and never half done."""

from uuid import UUID

import structlog

from core.ai import AiError, ProviderUnavailableError
from core.jobs import RETRIES, Workplace, job_app, job_context

logger = structlog.get_logger(__name__)

WRITE_KIND = "write_questions"
REPLACE_KIND = "replace_question"


@job_app.task(name="generation.write_questions", queue="generation", retry=RETRIES)
async def write_questions(district_id: str, generation_id: str, job_id: str) -> None:
    """Write a draft's questions; safe to run again at any point, and over when its job is."""
    from api.generation.running import CancelledError, Run  # noqa: PLC0415 - libraries that only workers load

    run = await Run.begin(Workplace.get(), job_context(district_id), UUID(generation_id))
    try:
        await run.write()
    except CancelledError:
        logger.info("generation_cancelled", generation_id=generation_id, job_id=job_id)
        return
    except ProviderUnavailableError as error:
        if await run.waits(write_questions, error):
            return
        await run.write_offline(error.reason)
    except AiError as error:
        logger.warning("generation_offline", generation_id=generation_id, reason=error.reason)
        await run.write_offline(error.reason)
    await run.end()

"""Telling everybody of a school or district."""

from uuid import UUID

from core.jobs import RETRIES, Workplace, job_app, job_context

ANNOUNCE_KIND = "tell_everybody"


@job_app.task(name="notifications.tell_everybody", queue="notifications", retry=RETRIES)
async def tell_everybody(district_id: str, announcement_id: str) -> None:
    """Tell an announcement to its audience; it goes on where an earlier try ended."""
    from api.notifications.announcements import tell_all  # noqa: PLC0415 - which enqueues this very task

    place = Workplace.get()
    await tell_all(place.database, job_context(district_id), UUID(announcement_id), now=place.clock())

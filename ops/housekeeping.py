"""Jobs nobody waits for: what the worker removes on a schedule."""

from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta

import structlog
from sqlalchemy import CursorResult, text
from sqlalchemy.exc import SQLAlchemyError

from api.ai_grading.sweeping import look_after_forsaken_answers
from api.consents.requests import delete_overdue_requests
from api.exports.tasks import remove_expired_exports
from api.files.tasks import remove_due_files, remove_scratch
from api.grades.tasks import post_released_grades, score_missing_work
from api.notifications.digests import send_digests
from api.notifications.retention import remove_old
from api.submissions.overdue import hand_in_overdue
from core.db import Database
from core.jobs import RETRIES, JobDatabase, Workplace, job_app, job_context
from core.tenancy import TenantContext
from ops.reencryption import reencrypt_district

logger = structlog.get_logger(__name__)

IDEMPOTENCY_HOURS = 24
BATCH = 5_000
"""Rows per transaction: far below the role's statement timeout, and locks stay short."""
FINISHED_JOB_HOURS = 7 * 24
ROSTER_HOURS = 24
"""An import is tried for over an hour."""
MAIL_DAYS = 30
UNSENT_MAIL_DAYS = 7
"""Longer than any link in a mail is good, but for guardians' and invitations, which are sent anew."""

ASKED_HOURS = 24
"""Longer than any job that asked is tried again; then the money it set aside is free."""

_ACTIVE_DISTRICTS = text("SELECT id FROM app.district_directory WHERE status = 'active' ORDER BY id")
_PURGE = text(
    """
    DELETE FROM app.idempotency_keys WHERE district_id = :district_id AND (user_id, route, key) IN (
        SELECT user_id, route, key FROM app.idempotency_keys
        WHERE district_id = :district_id AND created_at < :before LIMIT :batch)
    """
)


_SWEEP_SIGN_INS = text("SELECT tokens, codes, sessions, requests FROM auth.sweep(:now)")
_PURGE_ROSTERS = text(
    "DELETE FROM app.roster_uploads WHERE district_id = :district_id AND created_at < :before"
)
_PURGE_MAILS = text(
    """
    DELETE FROM app.outgoing_mails WHERE district_id = :district_id
    AND (created_at < :before OR (status = 'waiting' AND created_at < :waiting))
    """
)


@job_app.periodic(cron="17 * * * *")
@job_app.task(name="housekeeping.purge_idempotency_keys", queue="housekeeping", pass_context=False)
async def purge_idempotency_keys(timestamp: int) -> None:
    """Remove the answers kept for repeated requests, a day after they were given. `timestamp`: seconds, UTC."""
    before = datetime.fromtimestamp(timestamp, tz=UTC) - timedelta(hours=IDEMPOTENCY_HOURS)
    database = JobDatabase.get()
    async with database.auth_session() as session:
        districts = list(await session.scalars(_ACTIVE_DISTRICTS))
    for district_id in districts:
        removed = await _purge_district(database, str(district_id), before)
        if removed:
            logger.info("idempotency_keys_purged", district_id=str(district_id), rows=removed)


_PURGE_INTERACTIONS = text(
    "DELETE FROM app.ai_interactions WHERE district_id = :district_id AND expires_at < :now"
)
_GIVE_UP_INTERACTIONS = text(
    """
    WITH given_up AS (
        UPDATE app.ai_interactions AS held
        SET status = 'failed', error_code = 'abandoned', reserved_usd = 0, updated_at = :now
        FROM (SELECT id, reserved_usd FROM app.ai_interactions
              WHERE district_id = :district_id AND status = 'asked' AND asked_at < :before FOR UPDATE) AS asked
        WHERE held.district_id = :district_id AND held.id = asked.id
        RETURNING asked.reserved_usd AS amount, date_trunc('month', held.asked_at AT TIME ZONE 'UTC')::date AS month
    )
    UPDATE app.ai_spending AS spending
    SET reserved_usd = greatest(spending.reserved_usd - freed.amount, 0), updated_at = :now
    FROM (SELECT month, sum(amount) AS amount FROM given_up GROUP BY month) AS freed
    WHERE spending.district_id = :district_id AND spending.month = freed.month
    """
)


@job_app.periodic(cron="57 * * * *")
@job_app.task(name="housekeeping.settle_interactions", queue="housekeeping", pass_context=False)
async def settle_interactions(timestamp: int) -> None:
    """Remove what was asked of models when its time is over; free the money of questions nobody came back to."""
    moment, database = datetime.fromtimestamp(timestamp, tz=UTC), JobDatabase.get()
    times = {"now": moment, "before": moment - timedelta(hours=ASKED_HOURS)}
    async with database.auth_session() as session:
        districts = list(await session.scalars(_ACTIVE_DISTRICTS))
    for district_id in districts:
        context = job_context(str(district_id))
        async with database.tenant_transaction(context) as session:
            values = {"district_id": context.tenant.value, **times}
            await session.execute(_GIVE_UP_INTERACTIONS, values)
            await session.execute(_PURGE_INTERACTIONS, values)


@job_app.periodic(cron="27 * * * *")
@job_app.task(name="housekeeping.delete_unanswered_consents", queue="housekeeping", pass_context=False)
async def delete_unanswered_consents(timestamp: int) -> None:
    """Delete the requests no guardian answered in time, and the granted ones no child came back for."""
    moment, database = datetime.fromtimestamp(timestamp, tz=UTC), JobDatabase.get()
    async with database.auth_session() as session:
        districts = list(await session.scalars(_ACTIVE_DISTRICTS))
    for district_id in districts:
        async with database.tenant_transaction(job_context(str(district_id))) as session:
            removed = await delete_overdue_requests(session, now=moment)
        if removed:
            logger.info("consent_requests_deleted", district_id=str(district_id), rows=removed)


@job_app.periodic(cron="42 * * * *")
@job_app.task(name="housekeeping.purge_roster_uploads", queue="housekeeping", pass_context=False)
async def purge_roster_uploads(timestamp: int) -> None:
    """Remove rosters whose import was given up: whole schools' names must not lie about."""
    before = datetime.fromtimestamp(timestamp, tz=UTC) - timedelta(hours=ROSTER_HOURS)
    database = JobDatabase.get()
    async with database.auth_session() as session:
        districts = list(await session.scalars(_ACTIVE_DISTRICTS))
    for district_id in districts:
        context = job_context(str(district_id))
        async with database.tenant_transaction(context) as session:
            await session.execute(_PURGE_ROSTERS, {"district_id": context.tenant.value, "before": before})


@job_app.periodic(cron="47 3 * * *")
@job_app.task(name="housekeeping.purge_finished_jobs", queue="housekeeping", pass_context=False)
async def purge_finished_jobs(timestamp: int) -> None:
    """Remove the queue's memory of jobs that ended well a week ago; failed ones stay to be looked at."""
    del timestamp  # the queue measures with the database's clock
    await job_app.job_manager.delete_old_jobs(nb_hours=FINISHED_JOB_HOURS)


@job_app.task(name="housekeeping.reencrypt_columns", queue="housekeeping", pass_context=False, retry=RETRIES)
async def reencrypt_columns(district_id: str) -> None:
    """Put a district's encrypted columns under the key that encrypts now; enqueued by `homeroom keys`."""
    workplace = Workplace.get()
    tally = await reencrypt_district(workplace.database, job_context(district_id), workplace.ring.columns)
    logger.info(
        "columns_reencrypted",
        district_id=district_id,
        rewritten=tally.rewritten,
        changed_meanwhile=tally.changed_meanwhile,
        unreadable=tally.unreadable,
    )


async def _purge_district(database: Database, district_id: str, before: datetime) -> int:
    context = job_context(district_id)
    keys = {"district_id": context.tenant.value, "before": before, "batch": BATCH}
    removed = 0
    while True:
        async with database.tenant_transaction(context) as session:
            result = await session.execute(_PURGE, keys)
        count = result.rowcount if isinstance(result, CursorResult) else 0
        removed += count
        if count < BATCH:
            return removed


@job_app.periodic(cron="37 * * * *")
@job_app.task(name="housekeeping.sweep_sign_ins", queue="housekeeping", pass_context=False)
async def sweep_sign_ins(timestamp: int) -> None:
    """Remove what is over: mailed tokens and codes that expired, sessions that ended, requests nobody answered."""
    moment = datetime.fromtimestamp(timestamp, tz=UTC)
    async with JobDatabase.get().auth_session() as session:
        swept = (await session.execute(_SWEEP_SIGN_INS, {"now": moment})).one()
    logger.info("sign_ins_swept", **swept._mapping)  # noqa: SLF001 - how SQLAlchemy names a row's mapping


@job_app.periodic(cron="7 4 * * *")
@job_app.task(name="housekeeping.purge_mails", queue="housekeeping", pass_context=False)
async def purge_mails(timestamp: int) -> None:
    """Remove the rows of mails a month after; one that could not be sent for a week is given up with its address."""
    moment, database = datetime.fromtimestamp(timestamp, tz=UTC), JobDatabase.get()
    until = {
        "before": moment - timedelta(days=MAIL_DAYS),
        "waiting": moment - timedelta(days=UNSENT_MAIL_DAYS),
    }
    async with database.auth_session() as session:
        districts = list(await session.scalars(_ACTIVE_DISTRICTS))
    for district_id in districts:
        context = job_context(str(district_id))
        async with database.tenant_transaction(context) as session:
            await session.execute(_PURGE_MAILS, {"district_id": context.tenant.value, **until})


@job_app.periodic(cron="* * * * *")
@job_app.task(name="housekeeping.post_grades", queue="housekeeping", pass_context=False)
async def post_grades(timestamp: int) -> None:
    """Show students the grades whose feedback their own due dates have released."""
    await _in_each_district(post_released_grades, timestamp, "grades_posted")


@job_app.periodic(cron="*/5 * * * *")
@job_app.task(name="housekeeping.score_missing", queue="housekeeping", pass_context=False)
async def score_missing(timestamp: int) -> None:
    """Give work that never came the score its class's policy has for it."""
    await _in_each_district(score_missing_work, timestamp, "missing_work_scored")


@job_app.periodic(cron="*/5 * * * *")
@job_app.task(name="housekeeping.look_after_answers", queue="housekeeping", pass_context=False)
async def look_after_answers(timestamp: int) -> None:
    """Give written answers a job again that lost theirs."""
    await _in_each_district(look_after_forsaken_answers, timestamp, "answers_looked_after")


@job_app.periodic(cron="* * * * *")
@job_app.task(name="housekeeping.hand_in_overdue_attempts", queue="housekeeping", pass_context=False)
async def hand_in_overdue_attempts(timestamp: int) -> None:
    """Hand in attempts whose time is up, with what is there."""
    await _in_each_district(hand_in_overdue, timestamp, "overdue_attempts_handed_in")


@job_app.periodic(cron="17 * * * *")
@job_app.task(name="housekeeping.remove_expired_exports", queue="housekeeping", pass_context=False)
async def remove_exports(timestamp: int) -> None:
    """Delete files people took out when their time is over; who took what stays written down."""
    await _in_each_district(remove_expired_exports, timestamp, "exports_removed")


@job_app.periodic(cron="4 * * * *")
@job_app.task(name="housekeeping.mail_digests", queue="housekeeping", pass_context=False)
async def mail_digests(timestamp: int) -> None:
    """Mail people once a day what they want to read together: after seven by their district's clock."""
    await _in_each_district(send_digests, timestamp, "digests_mailed")


@job_app.periodic(cron="33 2 * * *")
@job_app.task(name="housekeeping.remove_old_notifications", queue="housekeeping", pass_context=False)
async def remove_old_notifications(timestamp: int) -> None:
    """Remove events and read notifications whose time is over."""
    await _in_each_district(remove_old, timestamp, "old_notifications_removed")


@job_app.periodic(cron="*/5 * * * *")
@job_app.task(name="housekeeping.remove_files", queue="housekeeping", pass_context=False)
async def remove_files(timestamp: int) -> None:
    """Delete what was uploaded and may not stay, and what killed processes left on this machine's disk."""
    await _in_each_district(remove_due_files, timestamp, "uploads_removed")
    remove_scratch(Workplace.get().settings)


_Round = Callable[[Database, TenantContext, datetime], Awaitable[int]]


async def _in_each_district(work: _Round, timestamp: int, done: str) -> None:
    """Do a round of work in each district; one that fails is logged and keeps nothing from the others."""
    moment, database = datetime.fromtimestamp(timestamp, tz=UTC), JobDatabase.get()
    async with database.auth_session() as session:
        districts = list(await session.scalars(_ACTIVE_DISTRICTS))
    for district_id in districts:
        try:
            count = await work(database, job_context(str(district_id)), moment)
        except SQLAlchemyError as error:
            logger.warning(
                "round_failed", round=done, district_id=str(district_id), error=type(error).__name__
            )
            continue
        if count:
            logger.info(done, district_id=str(district_id), rows=count)

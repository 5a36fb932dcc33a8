"""What the worker removes on a schedule."""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

from sqlalchemy import text
from sqlalchemy.orm import Session

from core.db import Database
from core.ids import new_id
from core.jobs import JobDatabase
from ops.housekeeping import purge_mails, purge_roster_uploads, settle_interactions, sweep_sign_ins
from tests.factories.ai import make_ai_interaction
from tests.factories.bookkeeping import make_job
from tests.factories.outgoing_mail import make_outgoing_mail
from tests.factories.roster import make_roster_upload
from tests.factories.world import DistrictBench


def days_ago(days: int) -> datetime:
    return datetime.now(UTC) - timedelta(days=days)


async def test_old_mails_go_and_unsent_ones_are_given_up_after_a_week(
    database: Database, bench: DistrictBench, rows: Session
) -> None:
    kept, unsent, sent_lately, sent = (make_outgoing_mail(rows, bench.admin) for _ in range(4))
    age = text("UPDATE app.outgoing_mails SET created_at = :at, status = :status WHERE id = :id")
    for mail, at, status in (
        (kept, days_ago(6), "waiting"),
        (unsent, days_ago(8), "waiting"),
        (sent_lately, days_ago(29), "sent"),
        (sent, days_ago(31), "sent"),
    ):
        rows.execute(age, {"id": mail.id, "at": at, "status": status})
    JobDatabase.use(database)
    await purge_mails(int(datetime.now(UTC).timestamp()))
    made = text("SELECT id FROM app.outgoing_mails WHERE id = ANY(:ids) ORDER BY id")
    left = rows.execute(made, {"ids": [mail.id for mail in (kept, unsent, sent_lately, sent)]})
    assert list(left.scalars()) == sorted([kept.id, sent_lately.id])


async def test_tokens_and_requests_that_are_over_are_swept(
    database: Database, bench: DistrictBench, rows: Session
) -> None:
    token = text(
        "INSERT INTO auth.mailed_tokens (token_hash, purpose, user_id, district_id, expires_at)"
        " VALUES (:hash, 'reset', :user, :district, :expires)"
    )
    hashes = {days: new_id().bytes for days in (2, 0)}
    for days, token_hash in hashes.items():
        row = {"hash": token_hash, "user": bench.admin.id, "district": bench.district.district_id}
        rows.execute(token, {**row, "expires": days_ago(days)})
    JobDatabase.use(database)
    await sweep_sign_ins(int(datetime.now(UTC).timestamp()))
    left = text("SELECT token_hash FROM auth.mailed_tokens WHERE user_id = :user")
    assert [bytes(found) for found in rows.execute(left, {"user": bench.admin.id}).scalars()] == [hashes[0]]


async def test_what_models_were_asked_goes_at_its_time_and_frees_what_nobody_came_back_for(
    database: Database, bench: DistrictBench, rows: Session
) -> None:
    kept, expired, abandoned = (make_ai_interaction(rows, bench.admin, new_id()) for _ in range(3))
    change = text(
        "UPDATE app.ai_interactions SET expires_at = :expires, asked_at = :asked, status = :status,"
        " reserved_usd = :reserved WHERE id = :id"
    )
    for one, expires, asked, status, reserved in (
        (kept, days_ago(-1), days_ago(2), "answered", 0),
        (expired, days_ago(1), days_ago(2), "answered", 0),
        (abandoned, days_ago(-1), datetime(2026, 1, 15, tzinfo=UTC), "asked", 0.25),
    ):
        values = {"expires": expires, "asked": asked, "status": status, "reserved": reserved, "id": one.id}
        rows.execute(change, values)
    january = {"district": bench.district.district_id, "month": date(2026, 1, 1)}
    spending = (
        "INSERT INTO app.ai_spending (district_id, month, reserved_usd) VALUES (:district, :month, 0.75)"
    )
    rows.execute(text(spending), january)
    JobDatabase.use(database)
    await settle_interactions(int(datetime.now(UTC).timestamp()))
    made = text("SELECT id, status FROM app.ai_interactions WHERE id = ANY(:ids) ORDER BY id")
    left = rows.execute(made, {"ids": [kept.id, expired.id, abandoned.id]}).all()
    assert dict(tuple(row) for row in left) == {kept.id: "answered", abandoned.id: "failed"}
    reserved = text(
        "SELECT reserved_usd FROM app.ai_spending WHERE district_id = :district AND month = :month"
    )
    assert rows.scalar(reserved, january) == Decimal("0.5")


async def test_a_roster_that_nobody_imported_is_gone_after_a_day(
    database: Database, bench: DistrictBench, rows: Session
) -> None:
    old, fresh = (make_roster_upload(rows, make_job(rows, bench.admin)) for _ in range(2))
    rows.execute(
        text("UPDATE app.roster_uploads SET created_at = :at WHERE id = :id"),
        {"at": days_ago(2), "id": old.id},
    )
    JobDatabase.use(database)
    await purge_roster_uploads(int(datetime.now(UTC).timestamp()))
    left = rows.execute(
        text("SELECT id FROM app.roster_uploads WHERE id = ANY(:ids)"), {"ids": [old.id, fresh.id]}
    )
    assert list(left.scalars()) == [fresh.id]

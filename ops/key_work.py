"""What the key commands do in the database: count values by key, enqueue their re-encryption, or do it here."""

import asyncio
import time
from collections import Counter
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from core.config import Settings
from core.db import Database
from core.emit import emitter_for
from core.jobs import enqueue
from core.keys import KeyRing, load_keys
from ops.housekeeping import reencrypt_columns
from ops.reencryption import Tally, count_by_key, every_district, reencrypt_district

SETTLE = timedelta(seconds=10)
"""A worker whose clock is behind would find the old key in use, and nothing to do."""


def count_values(settings: Settings) -> Counter[str]:
    """Return how many encrypted values are under each key (its id in hex), all districts together."""
    return asyncio.run(_count_values(settings))


def enqueue_reencryption(settings: Settings, begins: datetime) -> int:
    """Enqueue one job per district for the worker, not before the new key is used; returns how many."""
    return asyncio.run(_enqueue(settings, begins))


def reencrypt_here(settings: Settings, begins: datetime) -> Tally:
    """Wait until the new key is used, then re-encrypt every district under a bar."""
    pause = (begins - datetime.now(UTC)).total_seconds()
    if pause > 0:
        Console(stderr=True).print(
            f"the new key is used from {begins:%H:%M:%S} UTC on; waiting {pause:.0f} s"
        )
        time.sleep(pause)
    with _bar() as bar:
        return asyncio.run(_reencrypt(settings, load_keys(settings.keys_path), bar))


def _bar() -> Progress:
    """On stderr: stdout may be JSON."""
    columns = (TextColumn("re-encrypting"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    return Progress(*columns, console=Console(stderr=True))


@asynccontextmanager
async def _pools(settings: Settings) -> AsyncIterator[Database]:
    database = Database.from_settings(settings, emitter_for(""))
    try:
        yield database
    finally:
        await database.close()


async def _count_values(settings: Settings) -> Counter[str]:
    counts: Counter[str] = Counter()
    async with _pools(settings) as database:
        for context in await every_district(database):
            for (_, key_id), number in (await count_by_key(database, context)).items():
                counts[key_id] += number
    return counts


async def _enqueue(settings: Settings, begins: datetime) -> int:
    async with _pools(settings) as database:
        districts = await every_district(database)
        for context in districts:
            async with database.tenant_transaction(context) as session:
                await enqueue(session, reencrypt_columns, not_before=begins + SETTLE)
    return len(districts)


async def _reencrypt(settings: Settings, keys: KeyRing, bar: Progress) -> Tally:
    counts = await _count_values(settings)
    left = sum(counts.values()) - counts[keys.columns.current_id.hex()]
    advance = _advancing(bar, left)
    tally = Tally()
    async with _pools(settings) as database:
        for context in await every_district(database):
            tally += await reencrypt_district(database, context, keys.columns, advance)
    return tally


def _advancing(bar: Progress, total: int) -> Callable[[int], None]:
    task = bar.add_task("", total=total)
    return lambda count: bar.advance(task, count)

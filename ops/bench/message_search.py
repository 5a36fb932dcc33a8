"""How long somebody waits for a page of found messages: a million of them, in 50 districts.

    python -m ops.bench.message_search

Measured is what the API runs for a search: its transaction with tenant and school set, who is in which conversation
now, the index, the messages behind it under row security, pydantic. Not the token, the limiter and HTTP, which other
benchmarks measure. One search at a time, by a teacher (some 130 conversations) and a student (15) of each district.
"""

import asyncio
import gc
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from api.messages.service import search
from api.paging import PageRequest, encode_cursor
from core.config import Settings
from core.db import Database
from core.emit import emitter_for
from core.ids import new_id
from core.tenancy import Actor
from ops.bench.rounds import MINIMUM_ROUNDS, Goal, Load, Spread, at_most, print_goals
from ops.bench.talk import VOCABULARY, Talk, seeded_talk, word
from ops.bench.throw_away import Installation, throw_away_installation

DISTRICTS, MESSAGES = 50, 20_000
SEARCHES_PER_ROUND = 200
WARM_UP = 50
MAXIMUM_P95_MILLISECONDS = 30


@dataclass(frozen=True)
class Searched:
    """One round: how long each search took, and how many messages it found on average (at most a page of 20)."""

    load: Load
    found: float


Rounds = Mapping[str, Sequence[Searched]]
"""Of each kind of search by each kind of person."""


def main() -> int:
    """Print how long each kind of search takes, and the goals; the exit code is 1 when one is missed."""
    rounds = measure(SEARCHES_PER_ROUND, districts=DISTRICTS, messages=MESSAGES, warm_up=WARM_UP)
    for name, ones in rounds.items():
        shown = "   ".join(f"p{percent} {_percentile(ones, percent)} ms" for percent in (50, 95, 99))
        print(f"{name:<36}{shown}   found {Spread.of([one.found for one in ones])}")
    return print_goals(goals(rounds))


def goals(rounds: Rounds) -> list[Goal]:
    return [
        at_most(f"{name}: p95 at most 30 ms", _percentile(ones, 95), MAXIMUM_P95_MILLISECONDS)
        for name, ones in rounds.items()
    ]


def _percentile(ones: Sequence[Searched], percent: int) -> Spread:
    return Spread.of([one.load.percentile(percent) for one in ones])


def measure(
    searches: int, *, districts: int, messages: int, warm_up: int, rounds: int = MINIMUM_ROUNDS
) -> Rounds:
    """Search `searches` times a round for each kind, on stores of this run's own."""
    with throw_away_installation() as installation:
        talk = seeded_talk(installation.admin_dsn, districts=districts, messages=messages)
        return asyncio.run(_measured(installation, talk, (warm_up, searches, rounds)))


async def _measured(installation: Installation, talk: Talk, sizes: tuple[int, int, int]) -> Rounds:
    """`sizes`: searches to warm up with, searches of a round, rounds."""
    warm_up, searches, rounds = sizes
    settings = Settings(_env_file=None, database_url=installation.environment["HOMEROOM_DATABASE_URL"])
    database = Database.from_settings(settings, emitter_for(installation.environment["HOMEROOM_REDIS_URL"]))
    sides = {
        f"{who}, {name}": _Side(database, people, asked)
        for who, people in (("teacher", talk.teachers), ("student", talk.students))
        for name, asked in KINDS.items()
    }
    try:
        gc.freeze()  # as the API does when it has started
        for side in sides.values():
            await side.round(warm_up)
        taken = [{name: await side.round(searches) for name, side in sides.items()} for _ in range(rounds)]
    finally:
        await database.close()
    return {name: [round_[name] for round_ in taken] for name in sides}


@dataclass(frozen=True)
class Asked:
    """What the n-th search looks for; `goes_back` asks for the page after the newest."""

    words: Callable[[int], str]
    goes_back: bool = False


@dataclass(frozen=True)
class _Side:
    database: Database
    people: Sequence[Actor]
    asked: Asked

    async def round(self, searches: int) -> Searched:
        milliseconds, found = [], 0
        for number in range(searches):
            actor = self.people[number % len(self.people)]
            page = PageRequest(limit=20, cursor=encode_cursor(new_id()) if self.asked.goes_back else None)
            started = time.perf_counter()
            async with self.database.tenant_transaction(actor.context) as session:
                items, _ = await search(session, actor, self.asked.words(number), page)
            found += len(items)
            milliseconds.append(1000 * (time.perf_counter() - started))
        return Searched(Load(1000 * searches / sum(milliseconds), milliseconds), found / searches)


KINDS: dict[str, Asked] = {
    "common word": Asked(lambda number: word(1 + number % 10)),
    "common word, from an id back": Asked(lambda number: word(1 + number % 10), goes_back=True),
    "rare word": Asked(lambda number: word(VOCABULARY - 1 - number % 1000)),
    "two words": Asked(lambda number: f"{word(1 + number % 10)} {word(11 + number % 100)}"),
    "two letters": Asked(lambda number: word(1 + number)[:2]),
    "one letter": Asked(lambda number: word(1 + number)[:1]),
    "no such word": Asked(lambda number: f"x{number}x"),
}


if __name__ == "__main__":
    sys.exit(main())

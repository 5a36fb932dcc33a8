"""How many people can sign in at once, and what of argon2's own speed is left when they do.

    python -m ops.bench.login_throughput

Ours: limiter, guess counter, identity, argon2id, session, audit, tokens; one uvicorn worker. The reference verifies
the same hash in as many threads as there are cores, and does nothing else. The bell rush sends people at the pace
of 2,000 in five minutes from one address, for a tenth of that time.
"""

import asyncio
import os
import sys
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from itertools import cycle, islice

import psutil
import psycopg
from pwdlib.hashers.argon2 import Argon2Hasher

from core.models import User
from core.passwords import hash_password
from ops.bench.classroom import seeded_classroom
from ops.bench.load import arrive, drive, post
from ops.bench.rounds import (
    MINIMUM_ROUNDS,
    Comparison,
    Goal,
    Load,
    Spread,
    at_least,
    at_most,
    compare,
    print_goals,
    print_sides,
)
from ops.bench.throw_away import NO_LIMIT, Installation, throw_away_installation, web_server

PASSWORD = "plum-harbor-lantern-42"  # noqa: S105 - nobody's
PEOPLE = 64
CLIENTS = 16
SIGN_INS_PER_ROUND = 150
WARM_UP = 16
RUSH = 200
RUSH_PER_SECOND = 2000 / 300
MINIMUM_RATIO = 0.70
MAXIMUM_P95_MILLISECONDS = 2000
MAXIMUM_MEBIBYTES = 400
_HASHER = Argon2Hasher()
"""Verifies with the parameters that stand in the hash."""


def main() -> int:
    """Print both sides, the rush and the goals; the exit code is 1 when one is missed."""
    comparison, rush, mebibytes = measure(SIGN_INS_PER_ROUND, rush=RUSH)
    print_sides(comparison, unit="sign-ins", ours="POST /auth/login", reference="argon2id alone")
    print(f"bell rush: p50 {rush.percentile(50):.0f} ms, p95 {rush.percentile(95):.0f} ms, all let in")
    return print_goals(goals(comparison, rush, mebibytes))


def goals(comparison: Comparison, rush: Load, mebibytes: float) -> list[Goal]:
    rates = Spread.of([load.per_second for load in comparison.ours])
    slowest = Spread.of([rush.percentile(95)])
    return [
        at_least("at least 70 % of argon2 alone", comparison.throughput_ratio(), MINIMUM_RATIO),
        at_least("a bell rush of 2,000 in 300 s: at least 6.7/s", rates, RUSH_PER_SECOND),
        at_most("p95 in the rush at most 2 s", slowest, MAXIMUM_P95_MILLISECONDS),
        at_most("memory afterwards at most 400 MiB", Spread.of([mebibytes]), MAXIMUM_MEBIBYTES),
    ]


def measure(sign_ins: int, *, rush: int, rounds: int = MINIMUM_ROUNDS) -> tuple[Comparison, Load, float]:
    """Sign people in as fast as it goes, then at the pace of a rush; returns also the server's MiB."""
    with throw_away_installation() as installation:
        stored = asyncio.run(hash_password(PASSWORD))
        people = seeded_classroom(installation.urls.admin, students=PEOPLE, questions=1).students
        _let_in(installation, people, stored)
        with web_server(
            installation,
            "api.main:app",
            health="/readyz",
            HOMEROOM_SIGN_INS_PER_MINUTE=str(NO_LIMIT),
        ) as server:
            logins = _logins(people)
            comparison = asyncio.run(_compare(server.port, logins, stored, (sign_ins, rounds)))
            rushed = asyncio.run(arrive(server.port, list(islice(logins, rush)), per_second=RUSH_PER_SECOND))
            memory = psutil.Process(server.process_id).memory_info().rss / 2**20
    return comparison, rushed, memory


async def _compare(port: int, logins: Iterator[bytes], stored: str, size: tuple[int, int]) -> Comparison:
    sign_ins, rounds = size
    await drive(port, list(islice(logins, WARM_UP)), clients=CLIENTS)

    async def ours() -> Load:
        return await drive(port, list(islice(logins, sign_ins)), clients=CLIENTS)

    async def reference() -> Load:
        return await asyncio.to_thread(_argon2_alone, stored, sign_ins)

    return await compare(ours, reference, rounds)


def _argon2_alone(stored: str, count: int) -> Load:
    """Verify `count` times, as many at once as there are cores."""
    milliseconds: list[float] = []

    def verify(_number: int) -> None:
        started = time.perf_counter()
        if not _HASHER.verify(PASSWORD, stored):
            raise ValueError("the hash is of another password")
        milliseconds.append((time.perf_counter() - started) * 1000)

    started = time.perf_counter()
    with ThreadPoolExecutor(os.cpu_count() or 1) as threads:
        list(threads.map(verify, range(count)))
    return Load(count / (time.perf_counter() - started), milliseconds)


def _let_in(installation: Installation, people: Sequence[User], stored: str) -> None:
    """Give everybody the same password, around the walls."""
    known = [(installation.keys.email_index(person.email), stored, person.id) for person in people]
    with psycopg.connect(installation.admin_dsn) as connection:
        connection.cursor().executemany(
            "UPDATE auth.identities SET email_index = %s, password_hash = %s WHERE user_id = %s", known
        )


def _logins(people: Sequence[User]) -> Iterator[bytes]:
    """Yield sign-ins for ever, the people in turns."""
    return cycle(
        post("/api/v1/auth/login", {"email": person.email, "password": PASSWORD}, {}) for person in people
    )


if __name__ == "__main__":
    sys.exit(main())

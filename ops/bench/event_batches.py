"""What of PostgreSQL's own speed is left when clicks arrive through the API.

    python -m ops.bench.event_batches

Ours: token, limiter, 50 events checked one by one (shape, time, verb, payload, and four ids the student must be
allowed to see), one insert that counts repeats once. The reference hands the same body unread to PostgreSQL, which
unpacks it under row security. One uvicorn worker each, the same PostgreSQL and the same two cores.
"""

import asyncio
import random
import sys
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

from core.ids import new_id
from ops.bench.bare import DSN_VARIABLE, prepare
from ops.bench.classroom import Classroom, bearer, seeded_classroom
from ops.bench.load import Side, Sizes, interleaved, post
from ops.bench.rounds import (
    MINIMUM_ROUNDS,
    Comparison,
    Goal,
    Spread,
    at_least,
    at_most,
    print_goals,
    print_sides,
)
from ops.bench.throw_away import Installation, throw_away_installation, web_server

CLIENTS = 16
STUDENTS = 64
QUESTIONS = 20
EVENTS_PER_BATCH = 50
BATCHES_PER_ROUND = 400
WARM_UP = 80
MINIMUM_THROUGHPUT = 0.50
MINIMUM_EVENTS_PER_SECOND = 10_000
MAXIMUM_P95_MILLISECONDS = 200
VERBS = ("viewed", "focused", "blurred", "clicked", "selected", "changed", "typed", "hinted")


def main() -> int:
    """Print both sides and the goals; the exit code is 1 when one is missed."""
    comparison = measure(BATCHES_PER_ROUND, warm_up=WARM_UP)
    print_sides(comparison, unit="events", ours="POST /events", reference="bare FastAPI, jsonb_to_recordset")
    return print_goals(goals(comparison))


def goals(comparison: Comparison) -> list[Goal]:
    rates = Spread.of([load.per_second for load in comparison.ours])
    slowest = Spread.of([load.percentile(95) for load in comparison.ours])
    return [
        at_least("at least 50 % of its throughput", comparison.throughput_ratio(), MINIMUM_THROUGHPUT),
        at_least("at least 10,000 events/s", rates, MINIMUM_EVENTS_PER_SECOND),
        at_most("p95 of a batch at most 200 ms", slowest, MAXIMUM_P95_MILLISECONDS),
    ]


def measure(batches: int, *, warm_up: int, rounds: int = MINIMUM_ROUNDS) -> Comparison:
    """Send `batches` batches a round to each side, on stores of this run's own."""
    sizes = Sizes(
        requests=batches, warm_up=warm_up, rounds=rounds, clients=CLIENTS, per_request=EVENTS_PER_BATCH
    )
    with throw_away_installation() as installation:
        prepare(installation.admin_dsn)
        classroom = seeded_classroom(installation.urls.admin, students=STUDENTS, questions=QUESTIONS)
        with (
            web_server(installation, "api.main:app", health="/readyz") as api,
            web_server(installation, "ops.bench.bare:app", **{DSN_VARIABLE: installation.app_dsn}) as bare,
        ):
            ours = Side(api.port, _batches(installation, classroom, "/api/v1/events"))
            reference = Side(bare.port, _batches(installation, classroom, "/events/{district_id}/{user_id}"))
            return asyncio.run(interleaved(ours, reference, sizes))


def _batches(installation: Installation, classroom: Classroom, path: str) -> Iterator[bytes]:
    """Yield batches of fresh events for ever, the students in turns."""
    choice = random.Random(1)  # noqa: S311 - the same clicks in every run
    signed_in = [(actor, bearer(actor, installation.keys)) for actor in classroom.actors()]
    while True:
        for number, (actor, header) in enumerate(signed_in):
            events = [_event(classroom, number, choice) for _ in range(EVENTS_PER_BATCH)]
            yield post(
                path.format(district_id=actor.district_id, user_id=actor.user_id), {"events": events}, header
            )


def _event(classroom: Classroom, student: int, choice: random.Random) -> dict[str, Any]:
    question = choice.choice(classroom.questions)
    return {
        "event_id": str(new_id()),
        "verb": choice.choice(VERBS),
        "object_type": "question",
        "object_id": str(question.id),
        "occurred_at": datetime.now(UTC).isoformat(),
        "client_seq": choice.randrange(10_000),
        "duration_ms": choice.randrange(60_000),
        "class_id": str(classroom.school_class.id),
        "assignment_id": str(classroom.assignment.id),
        "submission_id": str(classroom.submissions[student].id),
        "question_id": str(question.id),
        "payload": {},
    }


if __name__ == "__main__":
    sys.exit(main())

"""What of bare FastAPI's speed is left when an answer does everything it does here.

    python -m ops.bench.answer_submit

Ours: token, limiter, row-secured transaction, lock, answer, points, grade with history, event and the student's
own event. Every answer is a new one that moves the grade: the dearest case. The reference inserts one row and
commits it. One uvicorn worker each, 32 clients, the same PostgreSQL and the same two cores.
"""

import asyncio
import sys
from collections.abc import Iterator

from ops.bench.bare import DSN_VARIABLE, prepare
from ops.bench.classroom import RIGHT, Classroom, bearer, seeded_classroom
from ops.bench.load import Side, Sizes, interleaved, post
from ops.bench.rounds import (
    MINIMUM_ROUNDS,
    Comparison,
    Goal,
    at_least,
    at_most,
    print_goals,
    print_sides,
)
from ops.bench.throw_away import Installation, throw_away_installation, web_server

CLIENTS = 32
ANSWERS_PER_ROUND = 1500
WARM_UP = 300
QUESTIONS = 20
MINIMUM_THROUGHPUT = 0.40
MAXIMUM_P99 = 3.0


def main() -> int:
    """Print both sides and the goals; the exit code is 1 when one is missed."""
    comparison = measure(ANSWERS_PER_ROUND, warm_up=WARM_UP)
    print_sides(
        comparison,
        unit="answers",
        ours="the whole answer path",
        reference="bare FastAPI, one insert, one commit",
    )
    return print_goals(goals(comparison))


def goals(comparison: Comparison) -> list[Goal]:
    return [
        at_least("at least 40 % of its throughput", comparison.throughput_ratio(), MINIMUM_THROUGHPUT),
        at_most("p99 at most 3 times its own", comparison.latency_ratio(99), MAXIMUM_P99),
    ]


def measure(answers: int, *, warm_up: int, rounds: int = MINIMUM_ROUNDS) -> Comparison:
    """Answer `answers` questions a round on each side, on stores of this run's own."""
    sizes = Sizes(requests=answers, warm_up=warm_up, rounds=rounds, clients=CLIENTS)
    students = -(-(answers * rounds + warm_up) // QUESTIONS)
    with throw_away_installation() as installation:
        prepare(installation.admin_dsn)
        classroom = seeded_classroom(installation.urls.admin, students=students, questions=QUESTIONS)
        with (
            web_server(installation, "api.main:app", health="/readyz") as api,
            web_server(installation, "ops.bench.bare:app", **{DSN_VARIABLE: installation.app_dsn}) as bare,
        ):
            ours = Side(api.port, _requests(installation, classroom, "/api/v1/submissions/{}/answers"))
            reference = Side(bare.port, _requests(installation, classroom, "/answers/{}"))
            return asyncio.run(interleaved(ours, reference, sizes))


def _requests(installation: Installation, classroom: Classroom, path: str) -> Iterator[bytes]:
    """Yield every student's answer to the first question, then to the second: neighbours never share an attempt."""
    headers = [bearer(actor, installation.keys) for actor in classroom.actors()]
    for number, question in enumerate(classroom.questions, start=1):
        for submission, header in zip(classroom.submissions, headers, strict=True):
            body = {
                "question_id": str(question.id),
                "answer": {"option_id": RIGHT},
                "client_seq": number,
                "time_spent_ms": 4200,
            }
            yield post(path.format(submission.id), body, header)


if __name__ == "__main__":
    sys.exit(main())

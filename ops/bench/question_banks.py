"""How long a teacher waits for a page of a bank of 10,000 questions, listed or searched.

    python -m ops.bench.question_banks

Ours: token, limiter, row-secured transaction, whether the bank is theirs, the page, its concepts, every field
checked by pydantic. Lists begin anywhere in the bank; searches are for common words, rare ones, two at once,
beginnings of words, words that no question has, and words with concept and difficulty. The reference selects a
page of the same rows by one index and answers it. One uvicorn worker each, two clients on two cores.
"""

import asyncio
import sys
from collections.abc import Callable, Iterator
from itertools import count
from urllib.parse import urlencode
from uuid import UUID

from api.paging import encode_cursor
from core.keys import KeyRing
from core.models import User
from ops.bench.bank import Bank, seeded_bank
from ops.bench.bare import DSN_VARIABLE, prepare
from ops.bench.classroom import actor_of, bearer, seeded_classroom
from ops.bench.load import Side, Sizes, get, interleaved
from ops.bench.rounds import (
    MINIMUM_ROUNDS,
    Comparison,
    Goal,
    Spread,
    at_most,
    print_goals,
    print_sides,
)
from ops.bench.throw_away import throw_away_installation, web_server

QUESTIONS = 10_000
CLIENTS = 2
REQUESTS_PER_ROUND = 400
WARM_UP = 100
MAXIMUM_P95_MILLISECONDS = 50
PAGES_TO_BEGIN_AT = 97
"""A prime: with it the lists begin all over the bank."""

Comparisons = dict[str, Comparison]


def main() -> int:
    """Print both sides of the list and of each search, and the goals; the exit code is 1 when one is missed."""
    comparisons = measure(REQUESTS_PER_ROUND, questions=QUESTIONS, warm_up=WARM_UP)
    for name, comparison in comparisons.items():
        print_sides(comparison, unit="pages", ours=name, reference="bare FastAPI, one keyset select")
    return print_goals(goals(comparisons))


def goals(comparisons: Comparisons) -> list[Goal]:
    return [
        at_most(f"{name}: p95 at most 50 ms", _p95(comparison), MAXIMUM_P95_MILLISECONDS)
        for name, comparison in comparisons.items()
    ]


def _p95(comparison: Comparison) -> Spread:
    return Spread.of([load.percentile(95) for load in comparison.ours])


def measure(requests: int, *, questions: int, warm_up: int, rounds: int = MINIMUM_ROUNDS) -> Comparisons:
    """Ask for `requests` pages a round of each kind, on stores of this run's own."""
    sizes = Sizes(requests=requests, warm_up=warm_up, rounds=rounds, clients=CLIENTS)
    with throw_away_installation() as installation:
        prepare(installation.admin_dsn)
        teacher = seeded_classroom(installation.urls.admin, students=1, questions=1).teacher
        bank = seeded_bank(installation.admin_dsn, teacher, questions)
        with (
            web_server(installation, "api.main:app", health="/readyz") as api,
            web_server(installation, "ops.bench.bare:app", **{DSN_VARIABLE: installation.app_dsn}) as bare,
        ):
            return {
                name: asyncio.run(
                    interleaved(
                        Side(api.port, _ours(bank, teacher, installation.keys, asked)),
                        Side(bare.port, _reference(bank)),
                        sizes,
                    )
                )
                for name, asked in KINDS.items()
            }


def _ours(bank: Bank, teacher: User, keys: KeyRing, asked: "Asked") -> Iterator[bytes]:
    header = bearer(actor_of(teacher), keys)
    for number in count():
        query = urlencode(asked(bank, number))
        yield get(f"/api/v1/question-banks/{bank.id}/questions?{query}", header)


def _reference(bank: Bank) -> Iterator[bytes]:
    for number in count():
        yield get(f"/question-banks/{bank.id}/{_somewhere(bank, number)}", {})


def _somewhere(bank: Bank, number: int) -> UUID:
    return bank.questions[number * PAGES_TO_BEGIN_AT % len(bank.questions)]


Asked = Callable[[Bank, int], dict[str, str]]


def _list(bank: Bank, number: int) -> dict[str, str]:
    return {"cursor": encode_cursor(_somewhere(bank, number))}


def _common_word(bank: Bank, number: int) -> dict[str, str]:
    return {"q": bank.words[number % 10]}


def _rare_word(bank: Bank, number: int) -> dict[str, str]:
    return {"q": bank.words[-1 - number % 1000]}


def _two_words(bank: Bank, number: int) -> dict[str, str]:
    return {"q": f"{bank.words[number % 10]} {bank.words[10 + number % 100]}"}


def _beginning(bank: Bank, number: int) -> dict[str, str]:
    return {"q": bank.words[number % len(bank.words)][:2]}


def _no_word(bank: Bank, number: int) -> dict[str, str]:
    return {"q": f"x{number}{bank.words[number % 10]}"}


def _all_at_once(bank: Bank, number: int) -> dict[str, str]:
    concept = bank.concepts[number % len(bank.concepts)]
    return {"q": bank.words[number % 30], "concept_id": str(concept), "difficulty": "hard"}


KINDS: dict[str, Asked] = {
    "list, from anywhere": _list,
    "search, common word": _common_word,
    "search, rare word": _rare_word,
    "search, two words": _two_words,
    "search, two letters": _beginning,
    "search, no such word": _no_word,
    "search, word, concept and difficulty": _all_at_once,
}


if __name__ == "__main__":
    sys.exit(main())

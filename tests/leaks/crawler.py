"""Sends every operation, as an attacker, with every foreign id in every slot, and compares with an id of nobody's."""

import re
from collections.abc import Iterable
from dataclasses import dataclass

import httpx2

from tests.factories.world import World
from tests.fixtures.web import Api
from tests.leaks.bench import Attacker, Values, foreign_values, fresh_values, own_values, secrets, target
from tests.leaks.operations import Operation

_UUID = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}", re.IGNORECASE)
_OWN_COUNT = re.compile(r'"number":\d+')
_VARYING_HEADERS = {"x-request-id", "date", "ratelimit"}


@dataclass(frozen=True)
class Leak:
    attacker: str
    operation: str
    slot: str
    why: str


@dataclass
class Crawl:
    """One attacker's visit to every operation."""

    api: Api
    world: World
    attacker: Attacker
    requests: int = 0

    async def run(self, operations: Iterable[Operation]) -> list[Leak]:
        user = self.attacker.user(self.world)
        client = self.api.anonymous if user is None else self.api.signed_in(user)
        attacked = list(operations)
        leaks = [leak for operation in attacked for leak in await self._attack(client, operation)]
        for operation in attacked:
            if operation.method == "GET":
                leaks += await self._look_around(client, operation)
        return leaks

    async def _attack(self, client: httpx2.AsyncClient, operation: Operation) -> list[Leak]:
        leaks = []
        for slot in operation.slots:
            if slot in self._nobodys_secrets(operation):
                continue
            expected = await self._answer(client, operation, {slot: fresh_values()[slot]})
            for foreign in foreign_values(self.attacker, self.world)[slot]:
                got = await self._answer(client, operation, {slot: foreign})
                leaks += self._judge(operation, slot, foreign, (expected, got))
        return leaks

    def _nobodys_secrets(self, operation: Operation) -> set[str]:
        """The slots whose values this attacker rightly sees, or that exist nowhere."""
        known = {*self.attacker.may_know, "fresh_id", "email", "class_code", "invitation_token", "version"}
        return known if self.attacker.is_outside_school else known | set(operation.sample.open_in_school)

    async def _look_around(self, client: httpx2.AsyncClient, operation: Operation) -> list[Leak]:
        """Ask with one's own ids, and lists without any filter: nothing foreign may come along."""
        leaks = []
        for with_query in (True, False):
            answer = await self._send(client, operation, self._own(operation), with_query=with_query)
            leaks += self._seen(operation, "own request", answer, sent="")
        return leaks

    def _own(self, operation: Operation) -> Values:
        values = own_values(*self.attacker.home(self.world))
        if not self.attacker.is_outside_school:
            values = {**fresh_values(), "class_id": str(target(self.world)[1].other_class.id)}
        return {**values, **{slot: values[name] for slot, name in operation.sample.instead.items()}}

    async def _answer(
        self, client: httpx2.AsyncClient, operation: Operation, changed: Values
    ) -> httpx2.Response:
        return await self._send(client, operation, {**self._own(operation), **changed})

    async def _send(
        self, client: httpx2.AsyncClient, operation: Operation, values: Values, *, with_query: bool = True
    ) -> httpx2.Response:
        self.requests += 1
        return await client.request(**operation.request(values, with_query))

    def _judge(
        self, operation: Operation, slot: str, foreign: str, answers: tuple[httpx2.Response, httpx2.Response]
    ) -> list[Leak]:
        expected, got = answers
        leaks = self._seen(operation, slot, got, sent=foreign)
        if _comparable(expected) != _comparable(got):
            why = f"{expected.status_code} for a random id, {got.status_code} for a foreign one: {got.text[:200]}"
            leaks.append(Leak(self.attacker.name, str(operation), slot, why))
        if got.status_code >= 500:
            leaks.append(Leak(self.attacker.name, str(operation), slot, f"status {got.status_code}"))
        return leaks

    def _seen(self, operation: Operation, slot: str, answer: httpx2.Response, *, sent: str) -> list[Leak]:
        text = f"{answer.headers}\n{answer.text}".lower()
        if sent:
            text = text.replace(sent.lower(), "")
        return [
            Leak(self.attacker.name, str(operation), slot, f"saw {secret}")
            for secret in secrets(self.attacker, self.world)
            if secret in text
        ]


def _comparable(answer: httpx2.Response) -> tuple[int, list[tuple[str, str]], str]:
    """All of an answer that may not differ; ids it made or repeats are all alike, and the count of one's own."""
    headers = [(name, value) for name, value in answer.headers.items() if name not in _VARYING_HEADERS]
    return answer.status_code, headers, _OWN_COUNT.sub('"number":0', _UUID.sub("<id>", answer.text))

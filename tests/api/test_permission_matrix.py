"""Every route as everybody: the answer is what the permission table says, cell by cell.

The table gives each cell: no token 401, a role without the permission 403, a row outside the relation 404, else
the route's success. Nothing here names a route's roles, so a route that forgets to ask the table is found.
"""

from dataclasses import dataclass
from typing import Any

import httpx2
import pytest
from fastapi import FastAPI
from sqlalchemy.orm import Session

from api.permissions.doors import doors_of
from core.keys import KeyRing
from core.models import User
from core.permissions import Permission, Relation, relation_of
from tests.api.envelopes import refusal_of
from tests.callers import ANONYMOUS, CALLERS, Caller
from tests.factories.user import make_identity
from tests.factories.world import World, make_district_bench
from tests.fixtures.web import Api
from tests.leaks.bench import own_values
from tests.leaks.operations import SAMPLES, Operation, operations

pytestmark = pytest.mark.any_engine

NAMES_NO_ROW = {"fresh_id", "email", "invitation_token", "class_code", "token"}
"""Slots that take what exists nowhere, or is no id of a row the caller must be related to."""

ANSWERS_ANYWAY = {
    "POST /api/v1/events",  # event by event; what they name is judged in tests/leaks and tests/api/events
    "GET /api/v1/classes/codes/{code}",  # whether a code is good: a foreign one is not
}
"""Routes whose answer, not whose status, tells what is not related to the caller."""


CODES = {401: "invalid_token", 403: "forbidden"}


OWN_WORK_ON_WHAT_THE_CLASS_HAS = {"POST /api/v1/submissions"}
"""The row they make is the student's own; the row they name belongs to the class."""


@dataclass(frozen=True)
class Rule:
    """What the table says of one route."""

    operation: Operation
    permission: Permission | None
    success: int

    @property
    def names_rows(self) -> bool:
        left_out = set(self.operation.query) - set(self.operation.required)
        slots = set(self.operation.slots) - left_out - NAMES_NO_ROW
        return bool(slots) and str(self.operation) not in ANSWERS_ANYWAY

    def status_for(self, caller: Caller) -> int:
        """The cell: what the caller must be answered; public routes have none."""
        assert self.permission is not None
        if caller.role is None:
            return 401
        relation = relation_of(caller.role, self.permission)
        if relation is None:
            return 403
        return self.success if self._is_related(caller, relation) else 404

    def changes_something_for(self, caller: Caller) -> bool:
        return self.operation.method != "GET" and self.status_for(caller) == self.success

    def _is_related(self, caller: Caller, relation: Relation) -> bool:
        if str(self.operation) in OWN_WORK_ON_WHAT_THE_CLASS_HAS:
            relation = Relation.ENROLLED
        if self.permission is Permission.MESSAGE_READ and self.names_rows:
            return caller.is_in_the_class  # whoever is in a conversation has it as their own
        is_own = relation is Relation.SELF and caller.name == self.operation.sample.caller
        return not self.names_rows or is_own or relation in caller.related


@pytest.fixture(scope="module")
def rules(app: FastAPI) -> dict[str, Rule]:
    document = app.openapi()
    permissions = {str(door): door.permission for door in doors_of(app)}
    return {
        str(operation): Rule(operation, permissions.get(str(operation)), _success(document, operation))
        for operation in operations(document)
    }


def _success(document: dict[str, Any], operation: Operation) -> int:
    responses = document["paths"][operation.path][operation.method.lower()]["responses"]
    return next(int(status) for status in responses if status[0] in "23")


def user_of(caller: Caller, operation: Operation, world: World) -> User | None:
    """The person of a column; a student who holds a code has, for the samples of codes, no place in the class."""
    if Relation.HOLDS_CODE in caller.related and operation.sample.caller == "other_student":
        return world.districts[0].schools[0].other_student
    return caller.person(world)


def give_password(rows: Session, keys: KeyRing, user: User | None) -> None:
    """Some routes ask for it again."""
    if user is not None:
        make_identity(rows, user, keys)


async def ask(api: Api, rule: Rule, caller: Caller, world: World) -> httpx2.Response:
    user = user_of(caller, rule.operation, world)
    home = world.districts[0]
    values = own_values(home, home.schools[0])
    values |= {slot: values[other] for slot, other in rule.operation.sample.instead.items()}
    client = api.anonymous if user is None else api.signed_in(user)
    return await client.request(**rule.operation.request(values, with_query=False))


def test_every_route_of_the_document_has_a_row(app: FastAPI, rules: dict[str, Rule]) -> None:
    documented = {
        f"{method.upper()} {path}" for path, methods in app.openapi()["paths"].items() for method in methods
    }
    assert set(rules) == documented == set(SAMPLES)


@pytest.mark.parametrize("caller", CALLERS, ids=lambda caller: caller.name)
@pytest.mark.parametrize("name", SAMPLES)
async def test_the_answer_is_what_the_table_says(
    *,
    api: Api,
    rules: dict[str, Rule],
    rows: Session,
    keys: KeyRing,
    shared_world: World,
    name: str,
    caller: Caller,
) -> None:
    rule = rules[name]
    world = shared_world
    if rule.permission is not None and rule.changes_something_for(caller):
        abroad = shared_world.districts[1] if caller.related else make_district_bench(rows)
        world = World((make_district_bench(rows), abroad))
        give_password(rows, keys, user_of(caller, rule.operation, world))
    answer = await ask(api, rule, caller, world)
    if rule.permission is None:
        stranger = await ask(api, rule, ANONYMOUS, world)
        assert answer.status_code == stranger.status_code, "a public route asks nobody who they are"
        assert "invalid_token" not in answer.text
        return
    expected = rule.status_for(caller)
    assert answer.status_code == expected, f"{rule.permission}: {answer.text}"
    if expected in CODES:
        refusal_of(answer, expected, CODES[expected])


def test_the_matrix_has_cells_of_every_kind(rules: dict[str, Rule]) -> None:
    """So that a mistake in reading the table cannot turn the whole matrix into one answer."""
    cells = [
        rule.status_for(caller)
        for rule in rules.values()
        if rule.permission is not None
        for caller in CALLERS
    ]
    shares = {status: cells.count(status) / len(cells) for status in (401, 403, 404)}
    assert shares[401] == 1 / len(CALLERS)
    assert all(share > 0.05 for share in shares.values())
    assert sum(1 for cell in cells if cell < 300) / len(cells) > 0.2

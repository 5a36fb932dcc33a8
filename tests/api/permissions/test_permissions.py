"""Anyone signed in can ask what they may do; the answer is the table itself."""

import pytest

from core.permissions import Permission, relation_of
from core.tenancy import Role
from tests.api.envelopes import data_of, refusal_of
from tests.factories.world import World
from tests.fixtures.web import Api

PERMISSIONS_PATH = "/api/v1/auth/permissions"


@pytest.mark.parametrize("role", Role)
async def test_the_own_part_is_what_the_role_holds(api: Api, shared_world: World, role: Role) -> None:
    user = getattr(shared_world.districts[0].schools[0], role.value)
    told = data_of(await api.signed_in(user).get(PERMISSIONS_PATH))
    assert told["role"] == role
    held = {permission: relation_of(role, permission) for permission in Permission}
    assert {line["permission"]: line["relation"] for line in told["own"]} == {
        permission: relation for permission, relation in held.items() if relation is not None
    }
    assert all(line["what"] and line["whose"] for line in told["own"])


async def test_the_table_is_whole_and_the_same_for_everybody(api: Api, shared_world: World) -> None:
    school = shared_world.districts[0].schools[0]
    student, admin = [
        data_of(await api.signed_in(user).get(PERMISSIONS_PATH))["table"]
        for user in (school.student, school.admin)
    ]
    assert student == admin
    for line in student:
        for role in Role:
            assert line[role] == relation_of(role, Permission(line["permission"]))
    assert [line["permission"] for line in student] == list(Permission)


async def test_nobody_asks_without_a_token(api: Api) -> None:
    refusal_of(await api.anonymous.get(PERMISSIONS_PATH), 401, "invalid_token")

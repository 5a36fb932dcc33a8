from dataclasses import FrozenInstanceError

import pytest

from core.ids import new_id
from core.tenancy import DISTRICT_SCOPE, Actor, Role, Scope, TenantId

DISTRICT = new_id()


@pytest.mark.parametrize(
    "tenant",
    [
        TenantId.from_token({"district": str(DISTRICT)}),
        TenantId.from_job(str(DISTRICT)),
        TenantId.from_partition_key(str(DISTRICT)),
        TenantId.from_auth_function(DISTRICT),
        TenantId.from_command_line(DISTRICT),
    ],
)
def test_every_proof_names_the_same_tenant(tenant: TenantId) -> None:
    assert (tenant.value, str(tenant)) == (DISTRICT, str(DISTRICT))


@pytest.mark.parametrize("text", ["", "x", "1' OR '1'='1"])
def test_what_is_no_id_names_no_tenant(text: str) -> None:
    for build in (TenantId.from_job, TenantId.from_partition_key):
        with pytest.raises(ValueError, match="badly formed"):
            build(text)


def test_a_tenant_cannot_be_changed() -> None:
    with pytest.raises(FrozenInstanceError):
        TenantId.from_auth_function(DISTRICT).value = new_id()  # type: ignore[misc]


def test_a_scope_is_written_as_the_policies_read_it() -> None:
    school = new_id()
    assert (str(Scope(school)), str(DISTRICT_SCOPE)) == (f"school:{school}", "district")


@pytest.mark.parametrize("role", Role)
def test_an_actor_has_one_role_and_a_context_of_its_own_school(role: Role) -> None:
    school = new_id()
    actor = Actor(
        new_id(), role, TenantId.from_auth_function(DISTRICT), school_id=school, session_id=new_id()
    )
    assert [actor.is_student, actor.is_teacher, actor.is_admin].count(True) == 1
    assert (actor.context.tenant, actor.context.scope) == (actor.tenant, Scope(school))
    assert (actor.context.user_id, actor.district_id) == (actor.user_id, DISTRICT)

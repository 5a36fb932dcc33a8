"""A warehouse that is damaged says so: an error that passes is better than a wrong number."""

from core.tenancy import TenantId
from tests.factories.world import World
from tests.fixtures.web import Api


async def test_a_damaged_manifest_is_an_error_to_come_back_from(api: Api, world: World) -> None:
    school = world.districts[0].schools[0]
    folder = api.app.state.warehouse.district(TenantId.from_partition_key(str(school.teacher.district_id)))
    folder.local_root.mkdir(parents=True)
    (folder.local_root / "manifest.json").write_text("{}")
    answer = await api.signed_in(school.teacher).get(
        f"/api/v1/analytics/classes/{school.school_class.id}/overview"
    )
    assert answer.status_code == 503
    assert answer.headers["Retry-After"] == "60"
    (error,) = answer.json()["errors"]
    assert error["code"] == "marts_unreadable"
    assert str(folder.local_root) not in answer.text

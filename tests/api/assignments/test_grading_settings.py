"""How an assignment's grades come about is set with it, changed, shown, and copied with it."""

from typing import Any

import pytest

from tests.api.envelopes import data_of
from tests.factories.world import SchoolBench
from tests.fixtures.web import Api

ASSIGNMENTS = "/api/v1/assignments"
DEFAULTS = {
    "attempt_policy": "best",
    "grade_posting": "automatic",
    "grading_type": "points",
    "omit_from_final": False,
    "never_drop": False,
}
OTHERS = {
    "attempt_policy": "average",
    "grade_posting": "manual",
    "grading_type": "pass_fail",
    "omit_from_final": True,
    "never_drop": True,
}


def settings_in(shown: dict[str, Any]) -> dict[str, Any]:
    return {name: shown[name] for name in DEFAULTS}


@pytest.mark.parametrize("chosen", [{}, OTHERS], ids=["left out", "chosen"])
async def test_an_assignment_begins_as_it_is_told_or_with_defaults(
    api: Api, school: SchoolBench, chosen: dict[str, Any]
) -> None:
    body = {"class_id": str(school.school_class.id), "title": "Fractions", **chosen}
    created = data_of(await api.signed_in(school.teacher).post(ASSIGNMENTS, json=body), 201)
    assert settings_in(created) == (chosen or DEFAULTS)


async def test_copies_keep_them(api: Api, school: SchoolBench) -> None:
    teacher = api.signed_in(school.teacher)
    body = {"class_id": str(school.school_class.id), "title": "Fractions", **OTHERS}
    created = data_of(await teacher.post(ASSIGNMENTS, json=body), 201)
    copies = data_of(await teacher.post(f"{ASSIGNMENTS}/{created['id']}/duplicate", json={}), 201)
    assert [settings_in(copy) for copy in copies["assignments"]] == [OTHERS]


async def test_each_can_be_changed_alone(api: Api, school: SchoolBench) -> None:
    teacher, url = api.signed_in(school.teacher), f"{ASSIGNMENTS}/{school.draft.id}"
    seen = dict(DEFAULTS)
    for name, value in OTHERS.items():
        tag = (await teacher.get(url)).headers["ETag"]
        changed = await teacher.patch(url, json={name: value}, headers={"If-Match": tag})
        seen[name] = value
        assert settings_in(data_of(changed)) == seen

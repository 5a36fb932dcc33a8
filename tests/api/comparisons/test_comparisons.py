"""Groups side by side: whole percents, small classes in no number, nobody beyond the own district."""

from typing import Any

import pytest
from fastapi import FastAPI
from sqlalchemy.orm import Session

from core.models import DistrictSettings, User
from tests.api.comparisons.comparing import USUAL, Size, serve_sizes
from tests.api.conftest import StatementCounter
from tests.api.envelopes import data_of
from tests.factories.world import DistrictBench
from tests.fixtures.web import Api

ANALYTICS = "/api/v1/analytics"


@pytest.fixture
def served(app: FastAPI, bench: DistrictBench) -> DistrictBench:
    serve_sizes(app, bench)
    return bench


async def read(api: Api, user: User, path: str, **query: object) -> Any:
    return data_of(await api.signed_in(user).get(f"{ANALYTICS}/{path}", params=query))


def numbers(shown: dict[str, Any]) -> tuple[object, ...]:
    return shown["student_count"], shown["average_percent"]


async def test_a_teacher_sees_own_classes_beside_the_guarded_district(
    api: Api, served: DistrictBench
) -> None:
    school = served.schools[0]
    shown = await read(api, school.teacher, "compare")
    (own,) = shown["items"]
    assert (own["class_id"], *numbers(own)) == (str(school.school_class.id), 20, "81.00")
    assert numbers(shown["district"]) == (47, "72.00")  # (1628 + 840 + 900) / 47, the class of four left out
    assert (shown["district"]["class_count"], shown["district"]["withheld_class_count"]) == (3, 1)
    assert (shown["schools"], shown["minimum"], shown["as_of"]) == ([], 10, "2026-11-20T08:00:00Z")


async def test_every_measure_is_a_whole_percent(api: Api, served: DistrictBench) -> None:
    shown = (await read(api, served.schools[0].teacher, "compare"))["district"]
    assert (shown["completion_percent"], shown["secure_percent"]) == ("49.00", "25.00")  # 23 of 47; 1 of 4
    assert shown["rising_percent"] == "49.00"


async def test_a_small_class_is_shown_to_its_teacher_and_in_no_number_elsewhere(
    api: Api, served: DistrictBench
) -> None:
    school = served.schools[1]
    (own,) = (await read(api, school.teacher, "compare"))["items"]
    assert numbers(own) == (4, "10.00")
    shown = await read(api, school.admin, "compare")
    classes = {item["class_id"]: item for item in shown["items"]}
    assert numbers(classes[str(school.school_class.id)]) == (None, None)
    assert numbers(classes[str(school.other_class.id)]) == (15, "60.00")
    assert [numbers(one) for one in shown["schools"]] == [(15, "60.00")]


async def test_an_admin_of_the_district_sees_schools_and_classes(api: Api, served: DistrictBench) -> None:
    shown = await read(api, served.admin, "compare")
    assert [numbers(one) for one in shown["schools"]] == [(32, "77.00"), (15, "60.00")]
    assert len(shown["items"]) == 4
    assert {one["school_name"] for one in shown["schools"]} == {one.school.name for one in served.schools}


async def test_classes_come_in_pages_and_the_district_stays_the_same(api: Api, served: DistrictBench) -> None:
    first = await read(api, served.admin, "compare", limit=3)
    second = await read(api, served.admin, "compare", limit=3, cursor=first["next_cursor"])
    ids = [item["class_id"] for item in first["items"] + second["items"]]
    assert (len(ids), len(set(ids)), second["next_cursor"]) == (4, 4, None)
    assert first["district"] == second["district"]


async def test_filters_hold_for_classes_and_district_alike(
    api: Api, rows: Session, app: FastAPI, bench: DistrictBench
) -> None:
    chosen = bench.schools[0].school_class
    chosen.subject = "Biology"
    rows.commit()
    serve_sizes(app, bench)
    shown = await read(api, bench.admin, "compare", subject="bioLOGY", grade_level=chosen.grade_level)
    assert [item["class_id"] for item in shown["items"]] == [str(chosen.id)]
    assert numbers(shown["district"]) == (20, "81.00")
    assert [numbers(one) for one in shown["schools"]] == [(20, "81.00"), (None, None)]
    nothing = await read(api, bench.admin, "compare", school_year="1999-2000")
    assert (nothing["items"], numbers(nothing["district"])) == ([], (None, None))


async def test_a_measure_of_too_few_students_is_withheld_in_a_large_class(
    api: Api, app: FastAPI, bench: DistrictBench
) -> None:
    serve_sizes(app, bench, (Size(25, 80.0, graded=3), *USUAL[1:]))
    shown = await read(api, bench.schools[0].admin, "compare")
    (own,) = (one for one in shown["items"] if one["student_count"] == 25)
    assert (own["average_percent"], own["completion_percent"]) == (None, "48.00")
    assert shown["schools"][0]["average_percent"] == "70.00"


async def test_the_district_decides_how_many_are_enough(
    api: Api, rows: Session, served: DistrictBench
) -> None:
    settings = rows.get(DistrictSettings, served.district.district_id)
    assert settings is not None
    settings.small_cell_minimum = 15
    rows.commit()
    shown = await read(api, served.admin, "compare")
    assert (shown["minimum"], numbers(shown["district"])) == (15, (35, "72.00"))


async def test_before_the_first_run_there_is_nothing_to_compare(api: Api, bench: DistrictBench) -> None:
    shown = await read(api, bench.schools[0].teacher, "compare")
    assert [numbers(one) for one in shown["items"]] == [(None, None)]
    assert (numbers(shown["district"]), shown["as_of"]) == ((None, None), None)


async def test_a_chart_comes_with_the_answer(api: Api, served: DistrictBench) -> None:
    for path in ("compare", "overview", f"schools/{served.schools[0].school.id}/overview"):
        shown = await read(api, served.admin, path, chart="vega-lite")
        assert len(shown["chart"]["data"]["values"]) == len(shown["items"]), path


async def test_the_overview_leads_from_the_district_to_a_school_to_its_classes(
    api: Api, served: DistrictBench
) -> None:
    district = await read(api, served.admin, "overview")
    assert numbers(district["district"]) == (47, "72.00")
    first = district["items"][0]
    assert numbers(first) == (32, "77.00")
    school = await read(api, served.admin, f"schools/{first['school_id']}/overview")
    assert numbers(school["school"]) == numbers(first)
    assert [numbers(item) for item in school["items"]] == [(20, "81.00"), (12, "70.00")]


async def test_an_admin_of_a_school_sees_that_school_and_no_district(api: Api, served: DistrictBench) -> None:
    first, second = served.schools
    shown = await read(api, second.admin, "overview")
    assert ([item["school_id"] for item in shown["items"]], shown["district"]) == (
        [str(second.school.id)],
        None,
    )
    elsewhere = await api.signed_in(second.admin).get(f"{ANALYTICS}/schools/{first.school.id}/overview")
    assert elsewhere.status_code == 404


async def test_schools_come_in_pages(api: Api, served: DistrictBench) -> None:
    first = await read(api, served.admin, "overview", limit=1)
    second = await read(api, served.admin, "overview", limit=1, cursor=first["next_cursor"])
    shown = [item["school_id"] for item in first["items"] + second["items"]]
    assert shown == sorted(str(school.school.id) for school in served.schools)


@pytest.mark.parametrize("path", ["compare", "overview"])
async def test_the_number_of_statements_does_not_grow_with_the_classes(
    api: Api, served: DistrictBench, statements: StatementCounter, path: str
) -> None:
    seen = []
    for limit in (1, 4):
        with statements.counting() as asked:
            await read(api, served.admin, path, limit=limit)
        seen.append(len(asked))
    assert seen[0] == seen[1] <= 8

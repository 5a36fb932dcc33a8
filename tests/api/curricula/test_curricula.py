"""A curriculum in its teacher's hands: shown, edited with versions, finalized, and nobody else's."""

from typing import Any

import pytest

from core.ids import new_id
from core.models import CurriculumStatus, FileStatus
from tests.api.conftest import StatementCounter
from tests.api.curricula.conftest import ANY, CURRICULA, UNITS, Workshop
from tests.api.envelopes import data_of, items_of, refusal_of
from tests.factories.curriculum import PARAGRAPH, make_curriculum, make_file
from tests.factories.world import World


async def test_a_curriculum_cites_the_pages_of_its_files(workshop: Workshop) -> None:
    file = workshop.file()
    curriculum = await workshop.made(file)
    assert (curriculum["status"], curriculum["version"]) == ("draft", 1)
    assert curriculum["files"] == [{"file_id": str(file.id), "name": file.name}]
    assert [section["position"] for section in curriculum["sections"]] == [1, 2, 3]
    for page, section in enumerate(curriculum["sections"], start=1):
        (span,) = section["spans"]
        assert (span["file_id"], span["first_page"], span["last_page"]) == (str(file.id), page, page)
        assert section["title"]
        assert section["objectives"]
        shown = data_of(await workshop.client.get(f"{CURRICULA}/{curriculum['id']}/sections/{section['id']}"))
        assert any(text[:40] in shown["source_text"] for texts in UNITS.values() for text in texts)


async def test_every_change_is_a_version_that_stays(workshop: Workshop) -> None:
    curriculum = await workshop.made()
    url = f"{CURRICULA}/{curriculum['id']}"
    first, second, third = [section["id"] for section in curriculum["sections"]]
    steps = [
        ("PATCH", "", {"title": "Plants"}, "retitled"),
        ("PATCH", f"/sections/{first}", {"title": "Light", "source_text": PARAGRAPH}, "section_changed"),
        ("POST", "/sections", {"unit": "At home", "title": "A bean"}, "section_added"),
        ("DELETE", f"/sections/{second}", None, "section_removed"),
    ]
    version = 1
    for method, path, body, _ in steps:
        headers = {"If-Match": f'"{version}"'}
        answer = await workshop.client.request(method, url + path, json=body, headers=headers)
        assert answer.is_success, answer.text
        version += 1
        assert answer.headers["ETag"] == f'"{version}"'
    shown = await workshop.shown(curriculum["id"])
    added = shown["sections"][-1]["id"]
    assert [(section["id"], section["position"]) for section in shown["sections"]] == [
        (first, 1),
        (third, 2),
        (added, 3),
    ]
    order = {"section_ids": [added, third, first]}
    turned = data_of(await workshop.client.put(f"{url}/sections/order", json=order, headers=ANY))
    assert [section["id"] for section in turned["sections"]] == order["section_ids"]
    listed = items_of(await workshop.client.get(f"{url}/versions"))
    done = [*(what for *_, what in steps), "reordered"]
    assert [(one["version"], one["what"]) for one in listed] == [
        (number, what) for number, what in reversed(list(enumerate(["outlined", *done], start=1)))
    ]
    before = data_of(await workshop.client.get(f"{url}/versions/1"))["content"]
    assert [section["id"] for section in before["sections"]] == [first, second, third]
    lost = data_of(await workshop.client.get(f"{url}/versions/3"))["content"]["before"]
    assert lost["section_id"] == first
    assert UNITS["Photosynthesis"][0][:40] in lost["source_text"]
    refusal_of(await workshop.client.get(f"{url}/versions/99"), 404)


async def test_two_teachers_tabs_cannot_overwrite_each_other(workshop: Workshop) -> None:
    url = f"{CURRICULA}/{(await workshop.made())['id']}"
    refusal_of(await workshop.client.patch(url, json={"title": "A"}), 428, "precondition_required")
    seen = {"If-Match": '"1"'}
    data_of(await workshop.client.patch(url, json={"title": "A"}, headers=seen))
    refusal_of(await workshop.client.patch(url, json={"title": "B"}, headers=seen), 412, "stale_version")


async def test_a_final_curriculum_stays_as_it_is(workshop: Workshop) -> None:
    curriculum = await workshop.made()
    url, section = f"{CURRICULA}/{curriculum['id']}", curriculum["sections"][0]["id"]
    final = data_of(await workshop.client.post(f"{url}/finalize", headers=ANY))
    assert final["status"] == "finalized"
    assert final["finalized_at"]
    changes: list[tuple[str, str, dict[str, Any] | None]] = [
        ("PATCH", "", {"title": "A"}),
        ("POST", "/sections", {"unit": "A", "title": "B"}),
        ("PATCH", f"/sections/{section}", {"title": "A"}),
        ("DELETE", f"/sections/{section}", None),
        ("PUT", "/sections/order", {"section_ids": [section]}),
        ("POST", f"/sections/{section}/regenerate", None),
        ("POST", "/finalize", None),
    ]
    for method, path, body in changes:
        answer = await workshop.client.request(method, url + path, json=body, headers=ANY)
        refusal_of(answer, 409, "curriculum_finalized")
    assert data_of(await workshop.client.delete(url, headers=ANY))["id"] == curriculum["id"]
    refusal_of(await workshop.client.get(url), 404)


async def test_what_cannot_be_is_refused(workshop: Workshop) -> None:
    curriculum = await workshop.made()
    url = f"{CURRICULA}/{curriculum['id']}"
    sections = [section["id"] for section in curriculum["sections"]]
    for ids in ([], sections[:2], [*sections[:2], sections[0]], [*sections, str(new_id())]):
        answer = await workshop.client.put(f"{url}/sections/order", json={"section_ids": ids}, headers=ANY)
        refusal_of(answer, 422, "incomplete_order")
    for section in sections:
        data_of(await workshop.client.delete(f"{url}/sections/{section}", headers=ANY))
    refusal_of(await workshop.client.post(f"{url}/finalize", headers=ANY), 409, "curriculum_empty")
    body = {"counts": {"multiple_choice": 1}}
    refusal_of(await workshop.client.post(f"{url}/questions", json=body), 409, "curriculum_empty")


async def test_a_curriculum_has_at_most_a_hundred_sections(
    workshop: Workshop, monkeypatch: pytest.MonkeyPatch
) -> None:
    curriculum = await workshop.made()
    monkeypatch.setattr("api.curricula.sections.MOST_SECTIONS", 4)
    url, body = f"{CURRICULA}/{curriculum['id']}/sections", {"unit": "A", "title": "B"}
    data_of(await workshop.client.post(url, json=body, headers=ANY), 201)
    refusal_of(await workshop.client.post(url, json=body, headers=ANY), 409, "too_many_sections")


async def test_only_files_that_were_read_and_are_ones_own_make_a_curriculum(
    workshop: Workshop, world: World
) -> None:
    unread = make_file(workshop.rows, workshop.teacher)
    unread.status, unread.rejection_code = FileStatus.REJECTED, "damaged"
    workshop.rows.commit()
    body = {"title": "A", "file_ids": [str(unread.id)]}
    refusal_of(await workshop.client.post(CURRICULA, json=body), 409, "file_unread")
    colleague = make_file(workshop.rows, workshop.school.other_teacher)
    for file in (colleague, world.districts[1].schools[0].uploaded_file):
        body = {"title": "A", "file_ids": [str(workshop.file().id), str(file.id)]}
        assert refusal_of(await workshop.client.post(CURRICULA, json=body), 404)["field"] == "file_ids"


async def test_a_curriculum_is_its_teachers_alone(workshop: Workshop, world: World) -> None:
    url = f"{CURRICULA}/{(await workshop.made())['id']}"
    for user in (workshop.school.other_teacher, world.districts[1].schools[0].teacher):
        client = workshop.api.signed_in(user)
        refusal_of(await client.get(url), 404)
        refusal_of(await client.patch(url, json={"title": "Mine"}, headers=ANY), 404)
        assert url.rsplit("/", 1)[1] not in [one["id"] for one in items_of(await client.get(CURRICULA))]
    for user in (workshop.school.student, workshop.school.admin):
        refusal_of(await workshop.api.signed_in(user).get(url), 403, "forbidden")


async def test_reading_takes_as_many_statements_for_many_sections_as_for_few(
    workshop: Workshop, statements: StatementCounter
) -> None:
    counts = []
    for copies in (1, 5):
        units = {
            f"{unit} {copy}": [f"{text} Number {copy}." for text in texts]
            for copy in range(copies)
            for unit, texts in UNITS.items()
        }
        curriculum = await workshop.made(workshop.file(units))
        with statements.counting() as counted:
            await workshop.shown(curriculum["id"])
        counts.append(len(counted))
    assert counts[0] == counts[1] <= 6


async def test_the_list_has_the_newest_first(workshop: Workshop) -> None:
    file = make_file(workshop.rows, workshop.teacher)
    made = [
        str(make_curriculum(workshop.rows, workshop.teacher, file, status).id)
        for status in (CurriculumStatus.DRAFT, CurriculumStatus.FINALIZED)
    ]
    listed = [one["id"] for one in items_of(await workshop.client.get(CURRICULA))]
    assert [one for one in listed if one in made] == made[::-1]


async def test_the_same_key_makes_one_curriculum(workshop: Workshop) -> None:
    body = {"title": "A", "file_ids": [str(workshop.file().id)]}
    once = {"Idempotency-Key": new_id().hex}
    answers = [await workshop.client.post(CURRICULA, json=body, headers=once) for _ in range(2)]
    assert data_of(answers[0], 202) == data_of(answers[1], 202)

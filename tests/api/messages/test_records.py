"""What a school keeps of its students' messages, for those who oversee it."""

from typing import Any

from sqlalchemy.orm import Session

from tests.api.messages.conftest import Talker
from tests.factories.world import DistrictBench, SchoolBench
from tests.fixtures.web import Api


async def records(api: Api, user: Any, student_id: Any, **more: Any) -> Any:
    return await api.signed_in(user).get(
        "/api/v1/messages/records", params={"student_id": str(student_id), **more}
    )


async def test_edited_and_deleted_texts_are_kept_and_the_look_is_recorded(
    *, api: Api, school: SchoolBench, teacher: Talker, student: Talker
) -> None:
    conversation = str(school.direct.id)
    sent = await teacher.write(conversation, "First text")
    place = f"/conversations/{conversation}/messages/{sent['id']}"
    await teacher.ask("PATCH", place, {"body": "Second text"})
    await teacher.ask("DELETE", place)
    own = await student.write(str(school.class_conversation.id), "My own words")
    answer = await records(api, school.admin, school.student.id)
    items = answer.json()["data"]["items"]
    by_id = {item["id"]: item for item in items}
    assert [revision["body"] for revision in by_id[sent["id"]]["revisions"]] == ["First text", "Second text"]
    assert by_id[sent["id"]]["body"] == "Second text"
    assert by_id[sent["id"]]["deleted_at"] is not None
    assert by_id[own["id"]]["body"] == "My own words"
    looked = await api.signed_in(school.admin).get(f"/api/v1/users/{school.student.id}/disclosures")
    assert "messages" in {line["record"] for line in looked.json()["data"]["items"]}


async def test_only_those_who_oversee_the_school_may_look(
    api: Api, bench: DistrictBench, school: SchoolBench, rows: Session
) -> None:
    assert (await records(api, bench.admin, school.student.id)).status_code == 200
    assert (await records(api, bench.schools[1].admin, school.student.id)).status_code == 404
    for person in (school.teacher, school.student):
        assert (await records(api, person, school.student.id)).status_code == 403


async def test_what_others_wrote_to_a_class_is_not_a_students_record(
    api: Api, school: SchoolBench, teacher: Talker
) -> None:
    await teacher.write(str(school.class_conversation.id), "To everybody")
    items = (await records(api, school.admin, school.student.id)).json()["data"]["items"]
    assert "To everybody" not in [item["body"] for item in items]

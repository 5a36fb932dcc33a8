"""Search finds words in one's own conversations, by the index, and nothing else."""

from typing import Any
from uuid import UUID

import psycopg
import pytest
from sqlalchemy.orm import Session

from core.ids import new_id
from core.models import EnrollmentStatus
from tests.api.messages.conftest import Talker
from tests.factories.school_class import make_class, make_enrollment
from tests.factories.world import SchoolBench
from tests.fixtures.schema import MigratedDatabase


async def found(talker: Talker, looked_for: str) -> list[str]:
    page = await talker.client.get("/api/v1/messages/search", params={"q": looked_for, "limit": 100})
    assert page.status_code == 200, page.text
    return [item["body"] for item in page.json()["data"]["items"]]


async def test_words_and_their_beginnings_are_found_without_case_and_accents(
    teacher: Talker, student: Talker, school: SchoolBench
) -> None:
    wanted = "Zoë's Café: read chapter four, please"
    await teacher.write(str(school.direct.id), wanted)
    await teacher.write(str(school.direct.id), "Nothing of the kind")
    for looked_for in ("zoe", "CAFE", "chap fou", "four chapter", "please  READ"):
        assert await found(student, looked_for) == [wanted], looked_for
    for looked_for in ("chapters", "apter", "four five", "&|!:*'", "--"):
        assert await found(student, looked_for) == [], looked_for


async def test_only_ones_own_conversations_are_searched(
    *, rows: Session, school: SchoolBench, teacher: Talker, student: Talker, talkers: Any
) -> None:
    word = f"w{new_id().hex}"
    await teacher.write(str(school.direct.id), f"{word} to one")
    await teacher.write(str(school.class_conversation.id), f"{word} to all")
    assert await found(student, word) == [f"{word} to all", f"{word} to one"]
    assert await found(talkers(school.classmate), word) == [f"{word} to all"]
    for stranger in (school.other_student, school.newcomer, school.other_teacher):
        assert await found(talkers(stranger), word) == []
    left = make_class(rows, school.teacher)
    place = make_enrollment(rows, left, school.student)
    conversation = await teacher.open(class_id=left.id)
    await teacher.write(conversation, f"{word} while there")
    assert len(await found(student, word)) == 3
    place.status = EnrollmentStatus.REMOVED
    rows.flush()
    assert len(await found(student, word)) == 2


@pytest.mark.parametrize("beginning", ["c", "c0", "0"])
async def test_ids_of_conversations_are_no_words(
    teacher: Talker, student: Talker, school: SchoolBench, beginning: str
) -> None:
    await teacher.write(str(school.direct.id), "Homework by Friday")
    assert "Homework by Friday" not in await found(student, beginning)


async def test_edited_and_deleted_messages_are_found_by_what_they_say_now(
    teacher: Talker, student: Talker, school: SchoolBench
) -> None:
    conversation, (old, new) = str(school.direct.id), (f"w{new_id().hex}", f"w{new_id().hex}")
    sent = await teacher.write(conversation, old)
    place = f"/conversations/{conversation}/messages/{sent['id']}"
    await teacher.ask("PATCH", place, {"body": new})
    assert (await found(student, old), await found(student, new)) == ([], [new])
    await teacher.ask("DELETE", place)
    assert await found(student, new) == []


async def test_pages_go_back_in_time_and_show_each_message_once(
    teacher: Talker, student: Talker, school: SchoolBench
) -> None:
    word = f"w{new_id().hex}"
    for number in range(7):
        await teacher.write(str(school.direct.id), f"{word} {number}")
    seen, cursor = [], None
    while True:
        wanted = {"q": word, "limit": 3, **({"cursor": cursor} if cursor else {})}
        answer = await student.client.get("/api/v1/messages/search", params=wanted)
        seen += [item["body"] for item in answer.json()["data"]["items"]]
        cursor = answer.json()["data"]["next_cursor"]
        if cursor is None:
            break
    assert seen == [f"{word} {number}" for number in reversed(range(7))]


_LOAD = """
INSERT INTO auth.message_search (district_id, school_id, conversation_id, message_id, terms)
SELECT %(district)s, %(school)s, conversation, gen_random_uuid(),
    auth.message_terms(conversation, 'word' || number %% 500 || ' homework chapter' || number %% 40)
FROM (SELECT number, ('00000000-0000-4000-8000-' || lpad(to_hex(number %% 400), 12, '0'))::uuid AS conversation
      FROM generate_series(1, 40000) AS numbers (number)) AS loaded
"""


@pytest.fixture
def crowded(migrated: MigratedDatabase, school: SchoolBench) -> Any:
    """40,000 messages in 400 conversations of the school, for as long as one test."""
    values = {"district": school.school.district_id, "school": school.school.id}
    with psycopg.connect(migrated.dsn) as connection:
        connection.execute("SET LOCAL search_path = auth, app, public")
        connection.execute(_LOAD, values)
        connection.execute("ANALYZE auth.message_search")
        connection.execute("SELECT set_config('app.district_id', %(district)s::text, true)", values)
        connection.execute("SELECT set_config('app.scope', 'district', true)")
        yield connection
        connection.rollback()


def test_the_search_reads_its_index_and_only_what_matches(crowded: psycopg.Connection) -> None:
    """The statement inside the function, explained as the function runs it."""
    crowded.execute("LOAD 'auto_explain'")
    for setting in ("log_min_duration = 0", "log_nested_statements = on", "log_analyze = on"):
        crowded.execute(f"SET LOCAL auto_explain.{setting}")
    crowded.execute("SET LOCAL client_min_messages = log")
    plans: list[str] = []
    crowded.add_notice_handler(lambda notice: plans.append(notice.message_primary or ""))
    mine = [UUID(f"00000000-0000-4000-8000-{number:012x}") for number in range(5)]
    rows = crowded.execute(
        "SELECT message_id FROM auth.search_messages(%s, %s, NULL, 20)", [mine, "homework chap"]
    ).fetchall()
    assert len(rows) == 20
    plan = next(text for text in plans if "message_search" in text and "Bitmap Index Scan" in text)
    assert "ix_message_search_terms" in plan
    assert "Seq Scan on message_search" not in plan

"""What a watching teacher hears of a class at work."""

import asyncio
from typing import Any

from sqlalchemy import text
from sqlalchemy.orm import Session

from core.ids import new_id
from realtime.counters import LOOK_SECONDS
from tests.factories.submission import make_answer, make_submission
from tests.factories.world import SchoolBench, World
from tests.realtime.socket_client import Connected

WITHIN_SECONDS = 3.0
"""The promise is one second on an idle machine."""


def counters_of(told: dict[str, Any], school: SchoolBench) -> dict[str, Any]:
    (found,) = [one for one in told["assignments"] if one["assignment_id"] == str(school.assignment.id)]
    return dict(found)


async def live(client: Any) -> dict[str, Any]:
    """Return the next counters, whatever else is heard before."""
    async with asyncio.timeout(WITHIN_SECONDS):
        while True:
            name, data = await client.next_event()
            if name == "class:live":
                return dict(data)


async def test_an_answer_moves_the_counters_of_whoever_watches(
    world: World, connected: Connected, rows: Session
) -> None:
    school = world.districts[0].schools[0]
    async with connected(school.teacher) as client, connected(school.other_teacher) as other:
        watched = {"class_id": str(school.school_class.id)}
        before = counters_of((await client.ask("class:watch", watched))["data"], school)
        assert (before["working"], before["answered"], before["correct"], before["waiting"]) == (1, 2, 1, 1)
        await live(client)
        attempt = make_submission(rows, school.assignment, school.classmate)
        make_answer(rows, attempt, school.choice_question)
        after = counters_of(await live(client), school)
        assert (after["working"], after["answered"], after["correct"], after["waiting"]) == (2, 3, 2, 1)
        assert await other.hears_nothing_more()


async def test_who_rests_is_stuck_and_who_has_handed_in_is_not(
    world: World, connected: Connected, rows: Session
) -> None:
    school = world.districts[0].schools[0]
    rest = text(
        "UPDATE app.student_submissions SET last_active_at = now() - interval '10 minutes' WHERE id = :id"
    )
    rows.execute(rest, {"id": school.submission.id})
    async with connected(school.teacher) as client:
        answer = await client.ask("class:watch", {"class_id": str(school.school_class.id)})
        stuck = counters_of(answer["data"], school)["stuck"]
        assert stuck == [{"student_id": str(school.student.id), "reasons": ["idle"]}]
        await live(client)
        done = text(
            "UPDATE app.student_submissions SET status = 'graded', submitted_at = now() WHERE id = :id"
        )
        rows.execute(done, {"id": school.submission.id})
        after = counters_of(await live(client), school)
        assert (after["working"], after["handed_in"], after["stuck"]) == (0, 1, [])


async def test_what_does_not_change_is_not_told_again(world: World, connected: Connected) -> None:
    school = world.districts[0].schools[0]
    async with connected(school.teacher) as client:
        await client.ask("class:watch", {"class_id": str(school.school_class.id)})
        await live(client)
        await asyncio.sleep(2 * LOOK_SECONDS)
        assert await client.hears_nothing_more()


async def test_a_class_given_to_somebody_else_is_watched_no_more(
    world: World, connected: Connected, rows: Session
) -> None:
    school = world.districts[0].schools[0]
    async with connected(school.teacher) as client:
        await client.ask("class:watch", {"class_id": str(school.school_class.id)})
        await live(client)
        give = text("UPDATE app.classes SET teacher_id = :teacher WHERE id = :id")
        rows.execute(give, {"id": school.school_class.id, "teacher": school.other_teacher.id})
        await asyncio.sleep(2 * LOOK_SECONDS)
        make_submission(rows, school.assignment, school.classmate)
        assert await client.hears_nothing_more()


async def test_who_has_given_a_class_away_hears_nothing_though_its_new_teacher_watches(
    world: World, connected: Connected, rows: Session
) -> None:
    school = world.districts[0].schools[0]
    watched = {"class_id": str(school.school_class.id)}
    async with connected(school.teacher) as former:
        await former.ask("class:watch", watched)
        await live(former)
        give = text("UPDATE app.classes SET teacher_id = :teacher WHERE id = :id")
        rows.execute(give, {"id": school.school_class.id, "teacher": school.other_teacher.id})
        async with connected(school.other_teacher) as present:
            assert (await present.ask("class:watch", watched))["ok"] is True
            await asyncio.sleep(2 * LOOK_SECONDS)
            make_submission(rows, school.assignment, school.classmate)
            assert counters_of(await live(present), school)["working"] == 2
            assert await former.hears_nothing_more()


async def test_one_socket_follows_ten_classes_at_most(
    world: World, connected: Connected, rows: Session
) -> None:
    from tests.factories.school_class import make_class  # noqa: PLC0415

    school = world.districts[0].schools[0]
    async with connected(school.teacher) as client:
        for _ in range(10):
            answer = await client.ask("class:watch", {"class_id": str(make_class(rows, school.teacher).id)})
            assert answer["ok"] is True
        refused = await client.ask("class:watch", {"class_id": str(school.school_class.id)})
        assert refused["error"]["code"] == "too_many_classes"
        unknown = await client.ask("class:watch", {"class_id": str(new_id())})
        assert unknown["error"]["code"] == "not_found"

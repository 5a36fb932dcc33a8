"""A teacher's word on an overall grade wins, is kept with its reason, and survives every recalculation."""

from typing import Any

import pytest

from core.models import GradePosting, UserEvent
from tests.api.envelopes import data_of, items_of, refusal_of
from tests.api.gradebooks import Gradebook

REASON = "The project fair counts."


async def override(gradebook: Gradebook, **word: Any) -> Any:
    client = gradebook.api.signed_in(gradebook.school.teacher)
    return await client.put(f"{gradebook.of_subject}/override", json={"reason": REASON, **word})


async def history(gradebook: Gradebook, reader: Any = None) -> list[Any]:
    client = gradebook.api.signed_in(reader or gradebook.school.teacher)
    return items_of(await client.get(f"{gradebook.of_subject}/history"))


async def test_a_percent_brings_its_letter(gradebook: Gradebook) -> None:
    gradebook.enter(gradebook.quiz(10), 5)
    given = data_of(await override(gradebook, percent="89.995"))
    assert (given["override_percent"], given["override_letter"]) == ("90.00", "A-")
    assert (given["current_percent"], given["override_reason"]) == ("50.00", REASON)
    explained = await gradebook.explain("current", reader=gradebook.subject)
    assert (explained["percent"], explained["override_percent"]) == ("50.00", "90.00")


async def test_it_survives_a_new_policy_and_its_history_says_who_and_why(gradebook: Gradebook) -> None:
    gradebook.enter(gradebook.quiz(10), 5, late_seconds_override=90_000)
    data_of(await override(gradebook, letter="B"))
    await gradebook.grade_by(late={"percent": "10"})
    changes = await history(gradebook)
    assert [change["version"] for change in changes] == list(range(1, len(changes) + 1))
    given, policy = changes[-2:]
    assert (given["reason"], given["actor_id"]) == (REASON, str(gradebook.school.teacher.id))
    assert (given["old_state"]["override_letter"], given["new_state"]["override_letter"]) == (None, "B")
    assert (policy["reason"], policy["policy_version"]) == ("grading policy version 2", 2)
    assert policy["new_state"]["override_percent"] == "86"
    assert (policy["old_state"]["current_percent"], policy["new_state"]["current_percent"]) == (
        "50.00",
        "30.00",
    )


async def test_withdrawn_it_leaves_the_computed_grade(gradebook: Gradebook) -> None:
    gradebook.enter(gradebook.quiz(10), 5)
    data_of(await override(gradebook, percent="90"))
    client = gradebook.api.signed_in(gradebook.school.teacher)
    left = data_of(await client.delete(f"{gradebook.of_subject}/override"))
    assert (left["override_percent"], left["override_letter"], left["override_reason"]) == (None, None, None)
    before = len(await history(gradebook))
    assert data_of(await client.delete(f"{gradebook.of_subject}/override")) == left
    assert len(await history(gradebook)) == before


async def test_its_student_hears_of_it_once(gradebook: Gradebook) -> None:
    data_of(await override(gradebook, percent="90"))
    events = gradebook.rows.query(UserEvent).filter_by(user_id=gradebook.subject.id, name="grade:updated")
    assert [event.payload["class_id"] for event in events] == [str(gradebook.school.school_class.id)]


async def test_a_students_history_is_of_what_was_posted(gradebook: Gradebook) -> None:
    gradebook.enter(gradebook.quiz(10), 5)
    await gradebook.recalculate()
    hidden = gradebook.enter(gradebook.quiz(0, grade_posting=GradePosting.MANUAL), "2.5", is_posted=False)
    await gradebook.recalculate()
    assert hidden.possible == 0  # extra credit: only what is not posted moves
    own, every = await history(gradebook, gradebook.subject), await history(gradebook)
    assert [change["version"] for change in every] == [1, 2]
    assert [change["version"] for change in own] == [1]
    assert set(own[0]["new_state"]) == {
        f"{run}_{what}" for run in ("current", "final", "override") for what in ("percent", "letter")
    }


async def test_a_students_history_does_not_count_what_was_not_posted(gradebook: Gradebook) -> None:
    """Neither the numbers of the changes nor the pages they come in tell of the change between them."""
    gradebook.enter(gradebook.quiz(10), 5)
    await gradebook.recalculate()
    gradebook.enter(gradebook.quiz(0, grade_posting=GradePosting.MANUAL), "2.5", is_posted=False)
    await gradebook.recalculate()
    data_of(await override(gradebook, percent="90"))
    client = gradebook.api.signed_in(gradebook.subject)
    pages, cursor = [], ""
    for _ in range(2):
        page = data_of(await client.get(f"{gradebook.of_subject}/history?limit=1{cursor}"))
        pages.append([change["version"] for change in page["items"]])
        cursor = f"&cursor={page['next_cursor']}"
    assert (pages, page["next_cursor"]) == ([[1], [2]], None)
    assert [change["version"] for change in await history(gradebook)] == [1, 2, 3]


@pytest.mark.parametrize(
    ("word", "code"),
    [
        pytest.param({}, "percent_or_letter", id="neither"),
        pytest.param({"percent": "90", "letter": "A"}, "percent_or_letter", id="both"),
        pytest.param({"letter": "E"}, "unknown_letter", id="strange letter"),
        pytest.param({"percent": "-1"}, "invalid_greater_than_equal", id="negative"),
    ],
)
async def test_a_word_that_is_none_is_refused(gradebook: Gradebook, word: dict[str, str], code: str) -> None:
    refusal_of(await override(gradebook, **word), 422, code)


async def test_nobody_overrides_a_grade_of_a_class_of_another(gradebook: Gradebook) -> None:
    client = gradebook.api.signed_in(gradebook.school.other_teacher)
    body = {"percent": "90", "reason": REASON}
    refusal_of(await client.put(f"{gradebook.of_subject}/override", json=body), 404, "not_found")

"""Entries, recalculations and new policies at once: each sees the facts of the others, and nothing is left stale."""

import asyncio
from typing import Any

from tests.api.envelopes import data_of
from tests.api.gradebooks import ANY_VERSION, Gradebook


async def test_changes_at_the_same_time_leave_nothing_to_recalculate(gradebook: Gradebook) -> None:
    quizzes = [gradebook.quiz(10, category=name) for name in ("Homework", "Exams") for _ in range(6)]
    await asyncio.gather(
        *(gradebook.type_in(quiz, number % 11) for number, quiz in enumerate(quizzes)),
        *(_offer(gradebook, weighted=number % 2 == 1) for number in range(4)),
        *(gradebook.recalculate() for _ in range(3)),
    )
    assert (await gradebook.recalculate())["grades_changed"] == 0
    before = await gradebook.explain("current")
    overall = await gradebook.settle_subject()
    assert before["percent"] == overall["current_percent"]
    assert sum(item["fate"] == "kept" for item in _items(before)) == len(quizzes)


async def test_of_two_policies_stored_at_once_one_is_stale(gradebook: Gradebook) -> None:
    answers = await asyncio.gather(*(_put(gradebook, weighted=True) for _ in range(2)))
    assert sorted(answer.status_code for answer in answers) == [200, 412]
    client = gradebook.api.signed_in(gradebook.school.teacher)
    assert data_of(await client.get(f"{gradebook.of_class}/grading-policy"))["version"] == 2


async def _put(gradebook: Gradebook, *, weighted: bool) -> Any:
    client = gradebook.api.signed_in(gradebook.school.teacher)
    body = {"weighted": weighted}
    headers = {"If-Match": '"1"'}
    return await client.put(f"{gradebook.of_class}/grading-policy", json=body, headers=headers)


async def _offer(gradebook: Gradebook, *, weighted: bool) -> None:
    """Store a policy; another that was quicker may have made it stale."""
    client = gradebook.api.signed_in(gradebook.school.teacher)
    categories = [{"name": "Homework", "weight": "40", "drop_lowest": 0}, {"name": "Exams", "weight": "60"}]
    body = {"weighted": weighted} if weighted else {"weighted": weighted, "categories": categories}
    answer = await client.put(f"{gradebook.of_class}/grading-policy", json=body, headers=ANY_VERSION)
    assert answer.status_code in {200, 412}, answer.text


def _items(explained: dict[str, Any]) -> list[dict[str, Any]]:
    return [item for category in explained["categories"] for item in category["items"]]

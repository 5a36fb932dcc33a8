"""How a class is graded: read by its people, changed by its teacher as versions, checked before it is kept."""

from decimal import Decimal
from typing import Any

import pytest

from core.models import Grade, GradeSource
from tests.api.envelopes import data_of, items_of, refusal_of
from tests.api.gradebooks import ANY_VERSION, Gradebook
from tests.factories.assignment import make_assignment
from tests.factories.saving import saved


async def test_a_new_class_has_the_default_policy(gradebook: Gradebook) -> None:
    other = gradebook.school.other_class.id
    client = gradebook.api.signed_in(gradebook.school.other_student)
    answer = await client.get(f"/api/v1/classes/{other}/grading-policy")
    policy = data_of(answer)
    assert answer.headers["ETag"] == '"0"'
    assert (policy["version"], policy["weighted"], policy["drop_rule"]) == (0, False, "joint")
    assert policy["letters"][0] == {"letter": "A", "percent": "94.00"}
    assert (policy["late"], policy["missing_deduction"], policy["categories"]) == (None, None, [])


async def test_a_policy_is_answered_as_it_was_sent(gradebook: Gradebook) -> None:
    sent = {
        "weighted": True,
        "drop_rule": "sequential",
        "places": 1,
        "letters": [{"letter": "P", "percent": "60.00"}, {"letter": "F", "percent": "0.00"}],
        "late": {"percent": "10.00", "mode": "flat", "interval": "hour", "minimum_percent": "40.00"},
        "missing_deduction": "60.00",
    }
    changed = await gradebook.grade_by(**sent)
    assert changed == changed | sent
    read = data_of(
        await gradebook.api.signed_in(gradebook.subject).get(f"{gradebook.of_class}/grading-policy")
    )
    assert read == changed
    assert read["created_by"] == str(gradebook.school.teacher.id)


async def test_every_version_is_kept_newest_first(gradebook: Gradebook) -> None:
    first = await gradebook.grade_by(weighted=True)
    second = await gradebook.grade_by(weighted=False)
    client = gradebook.api.signed_in(gradebook.school.teacher)
    versions = items_of(await client.get(f"{gradebook.of_class}/grading-policy/versions"))
    assert [version["version"] for version in versions] == [3, 2, 1]
    assert versions[:2] == [second, first]


async def test_a_change_of_what_somebody_else_has_changed_is_refused(gradebook: Gradebook) -> None:
    await gradebook.grade_by(weighted=True)
    client = gradebook.api.signed_in(gradebook.school.teacher)
    address = f"{gradebook.of_class}/grading-policy"
    stale = await client.put(address, json={"weighted": False}, headers={"If-Match": '"1"'})
    refusal_of(stale, 412, "stale_version")
    refusal_of(await client.put(address, json={"weighted": False}), 428, "precondition_required")
    assert data_of(await client.get(address))["version"] == 2


@pytest.mark.parametrize(
    ("body", "code"),
    [
        pytest.param({"letters": [{"letter": "A", "percent": "90"}]}, "invalid_letters", id="no lowest"),
        pytest.param(
            {"letters": [{"letter": "B", "percent": "0"}, {"letter": "A", "percent": "90"}]},
            "invalid_letters",
            id="ascending",
        ),
        pytest.param(
            {"letters": [{"letter": "A", "percent": "90"}, {"letter": "A", "percent": "0"}]},
            "invalid_letters",
            id="one letter twice",
        ),
        pytest.param(
            {"categories": [{"name": "Quiz"}, {"name": "QUIZ"}]}, "duplicate_category", id="one name twice"
        ),
        pytest.param(
            {"categories": [{"name": "Quiz", "id": "nobody's"}]}, "unknown_category", id="strange id"
        ),
        pytest.param({"places": 5}, "invalid_less_than_equal", id="too many places"),
        pytest.param({"missing_deduction": "101"}, "invalid_less_than_equal", id="more than all"),
        pytest.param({"late": {"percent": "-1"}}, "invalid_greater_than_equal", id="late work gains"),
        pytest.param(
            {"categories": [{"name": "Quiz", "weight": "-1"}]}, "invalid_greater_than_equal", id="negative"
        ),
        pytest.param({"weigthed": True}, "invalid_extra_forbidden", id="misspelled"),
    ],
)
async def test_what_is_no_policy_is_refused(gradebook: Gradebook, body: dict[str, Any], code: str) -> None:
    client = gradebook.api.signed_in(gradebook.school.teacher)
    answer = await client.put(f"{gradebook.of_class}/grading-policy", json=body, headers=ANY_VERSION)
    refusal_of(answer, 422, code)
    assert data_of(await client.get(f"{gradebook.of_class}/grading-policy"))["version"] == 1


async def test_categories_are_a_view_of_the_policy(gradebook: Gradebook) -> None:
    await gradebook.grade_by(weighted=True, places=1)
    client = gradebook.api.signed_in(gradebook.school.teacher)
    address = f"{gradebook.of_class}/categories"
    body = {"categories": [{"name": "Homework", "weight": "40", "drop_lowest": 1}]}
    changed = data_of(await client.put(address, json=body, headers={"If-Match": '"2"'}))
    policy = data_of(await client.get(f"{gradebook.of_class}/grading-policy"))
    assert (policy["version"], policy["weighted"], policy["places"]) == (3, True, 1)
    assert policy["categories"] == changed["categories"] == data_of(await client.get(address))["categories"]
    await gradebook.grade_by(weighted=False)
    assert data_of(await client.get(address))["categories"] == changed["categories"]


async def test_a_renamed_category_is_renamed_on_its_assignments(gradebook: Gradebook) -> None:
    first = await gradebook.grade_by(categories=[{"name": "Homework"}, {"name": "Quizzes"}])
    homework, quizzes = first["categories"]
    quiz, work = gradebook.quiz(category="quizzes"), gradebook.quiz(category="Homework")
    before = quiz.version
    elsewhere = make_assignment(gradebook.rows, gradebook.school.other_class)
    client = gradebook.api.signed_in(gradebook.school.teacher)
    swapped = [
        {"id": homework["id"], "name": "Quizzes"},
        {"id": quizzes["id"], "name": "Homework"},
    ]
    body = {"categories": swapped}
    data_of(await client.put(f"{gradebook.of_class}/categories", json=body, headers=ANY_VERSION))
    for assignment in (quiz, work, elsewhere):
        gradebook.rows.refresh(assignment)
    assert (quiz.category, work.category, elsewhere.category) == ("Homework", "Quizzes", "Homework")
    assert quiz.version == before + 1


async def test_a_policy_settles_the_class_and_leaves_a_teachers_word(gradebook: Gradebook) -> None:
    entered = gradebook.enter(gradebook.quiz(10), 8, late_seconds_override=90_000)
    overridden = gradebook.enter(
        gradebook.quiz(10), 8, override_score=Decimal(9), overridden_at=entered.changed_at
    )
    await gradebook.grade_by(late={"percent": "10"})
    for grade in (entered, overridden):
        gradebook.rows.refresh(grade)
    assert (entered.entered_score, entered.deduction, entered.score) == (8, 2, 6)
    assert (entered.source, entered.change_reason) == (GradeSource.TEACHER, "grading policy version 2")
    assert (overridden.score, overridden.source) == (9, GradeSource.OVERRIDE)
    overall = await gradebook.settle_subject()
    assert (overall["current_percent"], overall["policy_version"]) == ("75.00", 2)


async def test_recalculating_finds_what_was_written_around_the_rules_and_only_once(
    gradebook: Gradebook,
) -> None:
    grade: Grade = gradebook.enter(gradebook.quiz(10), 8)
    await gradebook.recalculate()
    grade.score = Decimal(3)
    saved(gradebook.rows, grade)
    found = await gradebook.recalculate()
    assert (found["grades_changed"], found["grades"][0]["grade_id"]) == (1, str(grade.id))
    assert (found["grades"][0]["old_score"], found["grades"][0]["score"]) == ("3.00", "8.00")
    assert (await gradebook.recalculate())["grades_changed"] == 0

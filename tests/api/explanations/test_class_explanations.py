"""An overall grade explains itself: what counts and what does not, weights, one rounding; all of it adds up."""

import random
from fractions import Fraction
from typing import Any

import pytest

from core.domain.grading import round_half_up
from core.models import ClassGrade, GradePosting
from tests.api.conftest import StatementCounter
from tests.api.envelopes import data_of, refusal_of
from tests.api.gradebooks import Gradebook
from tests.api.random_gradebooks import draw_policy, fill

RUNS = ("current", "final", "all_current", "all_final")


def fates(explained: dict[str, Any]) -> dict[str, str]:
    return {
        item["assignment_id"]: item["fate"]
        for category in explained["categories"]
        for item in category["items"]
    }


@pytest.mark.parametrize("seed", range(10, 18))
async def test_the_lines_add_up_to_the_stored_percent(gradebook: Gradebook, seed: int) -> None:
    draw = random.Random(seed)
    fill(gradebook, draw)
    await gradebook.grade_by(**draw_policy(draw))
    stored = (
        gradebook.rows.query(ClassGrade).populate_existing().filter_by(student_id=gradebook.subject.id).one()
    )
    for run in RUNS:
        explained = await gradebook.explain(run)
        assert_adds_up(explained, getattr(stored, f"{run}_percent"))
        assert explained["letter"] == getattr(stored, f"{run}_letter")
        assert explained["policy_version"] == stored.policy_version == 2


def assert_adds_up(explained: dict[str, Any], percent: Any) -> None:
    shares = [Fraction(category["contribution"]) for category in explained["categories"]]
    for category, share in zip(explained["categories"], shares, strict=True):
        assert sum((Fraction(item["contribution"]) for item in category["items"]), Fraction(0)) == share
    if explained["unrounded"] is None:
        assert percent is None
        return
    total = sum(shares, Fraction(0))
    assert total == Fraction(explained["unrounded"])
    assert round_half_up(total, explained["places"]) == percent


async def test_each_item_says_what_became_of_it(gradebook: Gradebook) -> None:
    await gradebook.grade_by(categories=[{"name": "Quizzes", "drop_lowest": 1}])
    kept, dropped, excused, omitted, unposted, waiting, nothing = (
        gradebook.quiz(
            category="Quizzes",
            omit_from_final=name == "omitted",
            grade_posting=GradePosting.MANUAL if name == "unposted" else GradePosting.AUTOMATIC,
        )
        for name in ("kept", "dropped", "excused", "omitted", "unposted", "waiting", "nothing")
    )
    gradebook.enter(kept, 9)
    gradebook.enter(dropped, 2)
    gradebook.enter(excused, 1, is_excused=True)
    gradebook.enter(omitted, 3)
    gradebook.enter(unposted, 7, is_posted=False)
    gradebook.leave_waiting(waiting, 2)
    await gradebook.recalculate()
    expected = {
        kept: "kept",
        dropped: "dropped_lowest",
        excused: "excused",
        omitted: "omitted",
        unposted: "unposted",
        waiting: "awaiting_review",
        nothing: "no_score",
    }
    explained = await gradebook.explain("current")
    assert fates(explained) == {str(quiz.id): fate for quiz, fate in expected.items()}
    assert explained["percent"] == "90.00"
    final = await gradebook.explain("final")
    (zero,) = [item for item in _items(final) if item["assignment_id"] == str(unposted.id)]
    assert (zero["counted_as_zero"], zero["score"]) == (True, "0.00")
    assert fates(await gradebook.explain("all_current"))[str(unposted.id)] == "kept"


def _items(explained: dict[str, Any]) -> list[dict[str, Any]]:
    return [item for category in explained["categories"] for item in category["items"]]


async def test_weights_of_less_than_100_are_scaled_up_and_shown(gradebook: Gradebook) -> None:
    await gradebook.grade_by(
        weighted=True,
        categories=[{"name": "Quizzes", "weight": "20"}, {"name": "Exams", "weight": "40"}, {"name": "None"}],
    )
    gradebook.enter(gradebook.quiz(10, category="Quizzes"), 5)
    gradebook.enter(gradebook.quiz(100, category="Exams"), 80)
    await gradebook.recalculate()
    explained = await gradebook.explain("current")
    weights = {category["name"]: category["effective_weight"] for category in explained["categories"]}
    assert weights == {"Quizzes": "100/3", "Exams": "200/3", "None": None}
    assert (explained["unrounded"], explained["percent"]) == ("70", "70.00")


async def test_a_student_sees_the_own_posted_runs_only(gradebook: Gradebook) -> None:
    quiz = gradebook.quiz(10, grade_posting=GradePosting.MANUAL)
    gradebook.enter(quiz, "7.25", is_posted=False)
    await gradebook.recalculate()
    client = gradebook.api.signed_in(gradebook.subject)
    for run in ("current", "final"):
        answer = await client.get(f"{gradebook.of_subject}/explain", params={"run": run})
        data_of(answer)
        assert "7.25" not in answer.text
    answer = await client.get(f"{gradebook.of_subject}/explain", params={"run": "all_current"})
    refusal_of(answer, 403, "forbidden")
    classmate = gradebook.api.signed_in(gradebook.school.student)
    refusal_of(await classmate.get(f"{gradebook.of_subject}/explain"), 404, "not_found")


async def test_an_explanation_asks_as_often_for_many_assignments_as_for_few(
    gradebook: Gradebook, statements: StatementCounter
) -> None:
    async def cost() -> int:
        with statements.counting() as seen:
            await gradebook.explain("final")
        return len(seen)

    gradebook.enter(gradebook.quiz(10), 8)
    few = await cost()
    for _ in range(8):
        gradebook.enter(gradebook.quiz(10), 8)
    assert await cost() == few

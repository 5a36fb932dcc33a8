"""The worked cases of other gradebooks, through the public API: policy, settling, explanation."""

import json
from decimal import Decimal
from fractions import Fraction
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest

from core.models import ClassEnrollment, EnrollmentStatus, GradePosting, GradingType
from tests.api.envelopes import data_of
from tests.api.gradebooks import Gradebook
from tests.factories.saving import saved

CASES: list[dict[str, Any]] = json.loads(
    (Path(__file__).parents[2] / "data" / "grading_cases.json").read_text(), parse_float=Decimal
)


def cases_of(kind: str) -> Any:
    return pytest.mark.parametrize("case", [pytest.param(c, id=c["id"]) for c in CASES if c["kind"] == kind])


def exact(value: Any) -> str | None:
    return None if value is None else str(value)


def percent_of(value: str | None) -> Decimal | None:
    return None if value is None else Decimal(value)


async def set_up(gradebook: Gradebook, case: dict[str, Any]) -> dict[UUID, int]:
    """Build the class of a case; returns the case's numbers of its assignments."""
    await gradebook.grade_by(
        weighted=case["weighted"],
        drop_rule="sequential",
        categories=[
            {
                "name": f"Group {number}",
                "weight": exact(group["weight"]),
                "drop_lowest": group["rules"].get("low", 0),
                "drop_highest": group["rules"].get("high", 0),
            }
            for number, group in enumerate(case["groups"])
        ],
    )
    numbers = {}
    for number, group in enumerate(case["groups"]):
        for item in group["items"]:
            quiz_id = await _add(gradebook, f"GROUP {number}", item, group["rules"])
            numbers[quiz_id] = item["id"]
    return numbers


async def _add(gradebook: Gradebook, category: str, item: dict[str, Any], rules: dict[str, Any]) -> UUID:
    posting = GradePosting.MANUAL if item.get("unposted") else GradePosting.AUTOMATIC
    never_drop = item["id"] in rules.get("never", [])
    quiz = gradebook.quiz(item["possible"], category=category, grade_posting=posting, never_drop=never_drop)
    if item.get("pending"):
        gradebook.leave_waiting(quiz, item["score"])
    elif item["score"] is not None:
        await gradebook.type_in(quiz, item["score"])
    if item.get("concluded_nosub"):
        _leave(gradebook)
    return quiz.id


def _leave(gradebook: Gradebook) -> None:
    """The student leaves the class; the grades stay."""
    place = gradebook.rows.query(ClassEnrollment).filter_by(
        class_id=gradebook.school.school_class.id, student_id=gradebook.subject.id
    )
    enrollment = place.one()
    enrollment.status = EnrollmentStatus.REMOVED
    saved(gradebook.rows, enrollment)


@cases_of("course")
async def test_a_course_comes_out_as_expected(gradebook: Gradebook, case: dict[str, Any]) -> None:
    numbers = await set_up(gradebook, case)
    overall = await gradebook.settle_subject()
    for run, expected in case["expected"].items():
        assert overall[f"{run}_percent"] == expected, run
        explained = await gradebook.explain(run)
        assert percent_of(explained["percent"]) == percent_of(expected)
        assert [_sums(category, numbers) for category in explained["categories"]] == [
            (Decimal(str(score)), Decimal(str(possible)), sorted(dropped))
            for score, possible, dropped in case["sums"][run]
        ]
        contributions = [Fraction(category["contribution"]) for category in explained["categories"]]
        assert sum(contributions, Fraction(0)) == Fraction(explained["unrounded"] or 0)


def _sums(category: dict[str, Any], numbers: dict[UUID, int]) -> tuple[Decimal, Decimal, list[int]]:
    dropped = [
        numbers[UUID(item["assignment_id"])]
        for item in category["items"]
        if item["fate"].startswith("dropped")
    ]
    return Decimal(category["score"] or 0), Decimal(category["possible"]), sorted(dropped)


@cases_of("late")
async def test_late_work_loses_what_is_expected(gradebook: Gradebook, case: dict[str, Any]) -> None:
    late = {
        "percent": exact(case["deduction"]),
        "interval": case["interval"],
        "minimum_percent": exact(case["minimum_percent"]),
    }
    await gradebook.grade_by(late=late)
    grade_id = await gradebook.type_in(gradebook.quiz(case["possible"]), case["score"])
    await gradebook.say(grade_id, late_seconds=int(case["seconds_late"]))
    explained = await gradebook.explain_grade(grade_id)
    assert Decimal(explained["score"]) == Decimal(case["expected_score"])
    assert Decimal(explained["entered_late"]["deduction"]) == Decimal(case["expected_deduction"])
    assert sum(Decimal(line["points"]) for line in explained["lines"]) == Decimal(explained["score"])


@cases_of("scheme")
async def test_a_letter_follows_the_stored_percent(gradebook: Gradebook, case: dict[str, Any]) -> None:
    await gradebook.type_in(gradebook.quiz(100), case["raw_percent"])
    overall = await gradebook.settle_subject()
    assert Decimal(overall["current_percent"]) == Decimal(case["stored"])
    assert overall["current_letter"] == case["expected_letter"]


@cases_of("letter_to_score")
async def test_a_typed_letter_is_a_percent(gradebook: Gradebook, case: dict[str, Any]) -> None:
    teacher = gradebook.api.signed_in(gradebook.school.teacher)
    word = {"letter": case["letter"], "reason": "As agreed."}
    overridden = data_of(await teacher.put(f"{gradebook.of_subject}/override", json=word))
    assert Decimal(overridden["override_percent"]) == Decimal(case["expected_percent"])
    assert overridden["override_letter"] == case["letter"]


@cases_of("missing")
async def test_missing_work_scores_what_is_expected(gradebook: Gradebook, case: dict[str, Any]) -> None:
    await gradebook.grade_by(missing_deduction=exact(case["missing_deduction"]))
    quiz = gradebook.quiz(case["possible"], grading_type=GradingType(case["grading_type"]))
    grade = gradebook.enter(quiz, None)
    await gradebook.say(str(grade.id), missing=True)
    explained = await gradebook.explain_grade(grade)
    assert Decimal(explained["score"]) == Decimal(case["expected_score"])
    assert [line["what"] for line in explained["lines"]] == ["missing"]

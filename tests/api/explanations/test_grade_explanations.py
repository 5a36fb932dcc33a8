"""A grade explains itself: attempts, what being late took, overrides; its lines add up to the stored score."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

from core.domain.grading import AttemptPolicy
from core.models import (
    Assignment,
    AssignmentStatus,
    FeedbackRelease,
    Grade,
    GradePosting,
    StudentSubmission,
    SubmissionStatus,
)
from tests.api.gradebooks import Gradebook
from tests.factories.saving import saved
from tests.factories.submission import make_submission

NOW = datetime.now(UTC).replace(microsecond=0)
DAY = timedelta(days=1)


def hand_in(
    gradebook: Gradebook, quiz: Assignment, score: int, *, late: timedelta = timedelta(0), number: int = 1
) -> StudentSubmission:
    """An attempt of 20 possible points, handed in so long after the assignment was due."""
    attempt = make_submission(gradebook.rows, quiz, gradebook.subject, Decimal(20), attempt_number=number)
    due = quiz.due_at or NOW
    attempt.score, attempt.submitted_at = Decimal(score), due + late
    attempt.started_at, attempt.status = due - DAY, SubmissionStatus.GRADED
    return saved(gradebook.rows, attempt)


def grade_of(gradebook: Gradebook, quiz: Assignment) -> Grade:
    grades = (
        gradebook.rows.query(Grade)
        .populate_existing()
        .filter_by(assignment_id=quiz.id, student_id=gradebook.subject.id)
    )
    return grades.one()


def total(explained: dict[str, Any]) -> Decimal:
    return sum((Decimal(line["points"]) for line in explained["lines"]), Decimal(0))


async def test_each_attempt_tells_its_scaling_and_its_lateness(gradebook: Gradebook) -> None:
    await gradebook.grade_by(late={"percent": "10", "minimum_percent": "30"})
    quiz = gradebook.quiz(100, due_at=NOW - 5 * DAY, attempt_policy=AttemptPolicy.BEST)
    first = hand_in(gradebook, quiz, 12)
    second = hand_in(gradebook, quiz, 16, late=DAY + timedelta(hours=6), number=2)
    await gradebook.recalculate()
    explained = await gradebook.explain_grade(grade_of(gradebook, quiz))
    told = {attempt["submission_id"]: attempt for attempt in explained["attempts"]}
    late = told[str(second.id)]
    assert (late["earned"], late["scaled"], late["score"]) == ("16.00", "80.00", "60.00")
    assert late["late"] == {
        "seconds_late": 108_000,
        "mode": "per_interval",
        "interval": "day",
        "intervals": 2,
        "percent": "10.00",
        "minimum_percent": "30.00",
        "by_delay": "20.00",
        "above_floor": "50.00",
        "deduction": "20.00",
    }
    assert (told[str(first.id)]["counts"], late["counts"]) == (True, False)
    assert (explained["score"], total(explained)) == ("60.00", 60)
    assert [line["what"] for line in explained["lines"]] == ["earned"]


async def test_an_average_of_attempts_adds_up_too(gradebook: Gradebook) -> None:
    await gradebook.grade_by(late={"percent": "7", "interval": "hour"})
    quiz = gradebook.quiz(30, due_at=NOW - 5 * DAY, attempt_policy=AttemptPolicy.AVERAGE)
    for number, score in enumerate((7, 11, 20), start=1):
        hand_in(gradebook, quiz, score, late=timedelta(hours=number), number=number)
    await gradebook.recalculate()
    grade = grade_of(gradebook, quiz)
    explained = await gradebook.explain_grade(grade)
    assert total(explained) == grade.score == Decimal("14.8")
    assert [line["what"] for line in explained["lines"]] == ["earned", "late"]
    assert all(attempt["counts"] for attempt in explained["attempts"])


async def test_an_override_is_the_difference_it_made(gradebook: Gradebook) -> None:
    quiz = gradebook.quiz(10)
    grade = gradebook.enter(
        quiz, 6, override_score=Decimal("8.5"), override_reason="Redone on paper.", overridden_at=NOW
    )
    await gradebook.recalculate()
    explained = await gradebook.explain_grade(grade)
    assert [(line["what"], line["points"]) for line in explained["lines"]] == [
        ("entered", "6.00"),
        ("override", "2.50"),
    ]
    assert (explained["score"], explained["override_reason"]) == ("8.50", "Redone on paper.")
    assert (explained["unrounded"], explained["percent"]) == ("85", "85.00")


async def test_an_excused_grade_loses_nothing_for_being_late(gradebook: Gradebook) -> None:
    await gradebook.grade_by(late={"percent": "10"})
    grade = gradebook.enter(gradebook.quiz(10), 6, is_excused=True, late_seconds_override=90_000)
    await gradebook.recalculate()
    explained = await gradebook.explain_grade(grade)
    assert explained["entered_late"]["deduction"] == "0.00"
    assert (explained["score"], total(explained), explained["is_excused"]) == ("6.00", 6, True)


async def test_work_that_was_put_away_still_explains_its_grade(gradebook: Gradebook) -> None:
    quiz = gradebook.quiz(20)
    hand_in(gradebook, quiz, 12)
    await gradebook.recalculate()
    grade = grade_of(gradebook, quiz)
    quiz.status = AssignmentStatus.ARCHIVED
    saved(gradebook.rows, quiz)
    explained = await gradebook.explain_grade(grade)
    assert (len(explained["attempts"]), total(explained)) == (1, 12)


async def test_its_student_is_told_nothing_before_the_release(gradebook: Gradebook) -> None:
    later = gradebook.quiz(20, feedback_release=FeedbackRelease.AFTER_DUE, due_at=NOW + DAY)
    by_hand = gradebook.quiz(20, grade_posting=GradePosting.MANUAL)
    open_one = gradebook.quiz(20)
    for quiz in (later, by_hand, open_one):
        attempt = hand_in(gradebook, quiz, 13)
        attempt.submitted_at = NOW
        saved(gradebook.rows, attempt)
    await gradebook.recalculate()
    for quiz in (later, by_hand):
        explained = await gradebook.explain_grade(grade_of(gradebook, quiz), reader=gradebook.subject)
        assert (explained["status"], explained["attempts"], explained["lines"]) == (
            "awaiting_release",
            [],
            [],
        )
        hidden = ("source", "score", "percent", "unrounded", "entered_late", "version", "policy_version")
        assert {explained[name] for name in hidden} == {None}
    explained = await gradebook.explain_grade(grade_of(gradebook, open_one), reader=gradebook.subject)
    assert (explained["score"], len(explained["attempts"])) == ("13.00", 1)

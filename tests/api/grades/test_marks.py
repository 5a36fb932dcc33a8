"""What a grade is, from made-up facts: a person's word stands, and settling what was settled changes nothing."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from types import SimpleNamespace
from typing import Any
from uuid import UUID

from hypothesis import given
from hypothesis import strategies as st

from api.grades.facts import Facts, HeldGrade
from api.grades.marks import Mark, mark_of
from core.domain.gradebook import GradingPolicy
from core.domain.late_work import LateInterval, LateMode, LatePolicy, late_deduction
from core.models import GradeSource, GradeStatus

STUDENT, ASSIGNMENT = UUID(int=1), UUID(int=2)
NOW = datetime(2026, 11, 23, 12, tzinfo=UTC)
points = st.decimals(0, 40, places=2)
hours = st.integers(-100, 100)

late_policies = st.none() | st.builds(
    LatePolicy,
    percent=st.decimals(0, 100, places=1),
    mode=st.sampled_from(LateMode),
    interval=st.sampled_from(LateInterval),
    minimum_percent=st.none() | st.decimals(0, 100, places=0),
)
policies = st.builds(
    GradingPolicy, late=late_policies, missing_deduction=st.none() | st.decimals(0, 100, places=0)
)
assignments = st.fixed_dictionaries(
    {
        "due_at": st.none() | hours.map(lambda hour: NOW + timedelta(hours=hour)),
        "worth": st.sampled_from([Decimal(0), Decimal(10), Decimal("33.3")]),
        "feedback_release": st.sampled_from(["instant", "after_submit", "after_due"]),
        "attempt_policy": st.sampled_from(["best", "latest", "average"]),
        "grade_posting": st.sampled_from(["automatic", "manual"]),
        "grading_type": st.sampled_from(["points", "pass_fail"]),
    }
)
attempts = st.lists(
    st.fixed_dictionaries(
        {
            "submitted_at": st.none() | hours.map(lambda hour: NOW - timedelta(hours=abs(hour))),
            "score": points,
            "possible": st.sampled_from([Decimal(0), Decimal(40)]),
            "waits": st.booleans(),
            "by_ai": st.booleans(),
            "by_teacher": st.booleans(),
        }
    ),
    max_size=3,
)
grades = st.builds(
    HeldGrade,
    entered_score=points,
    is_entered=st.just(True),
    late_seconds_override=st.none() | st.integers(0, 1_000_000),
    is_excused=st.booleans(),
    is_missing=st.none() | st.booleans(),
    is_posted=st.booleans(),
    override_score=st.none() | points,
)


def settled(
    policy: GradingPolicy,
    assignment: Mapping[str, Any],
    tries: list[dict[str, Any]],
    grade: HeldGrade | None,
) -> tuple[Facts, Any]:
    """Facts of one student and one assignment, and that assignment."""
    row: Any = SimpleNamespace(
        id=ASSIGNMENT,
        available_at=None,
        available_until=None,
        time_limit_minutes=None,
        max_attempts=3,
        **assignment,
    )
    made: list[Any] = [
        SimpleNamespace(id=UUID(int=10 + number), attempt_number=number, started_at=NOW, **values)
        for number, values in enumerate(tries, start=1)
    ]
    facts = Facts(
        class_id=UUID(int=3),
        school_id=UUID(int=4),
        students={STUDENT: True},
        policy=policy,
        assignments={ASSIGNMENT: row},
        attempts={(STUDENT, ASSIGNMENT): made} if made else {},
        accommodations={},
        extensions={},
        grades={} if grade is None else {(STUDENT, ASSIGNMENT): grade},
    )
    return facts, row


@given(policies, assignments, attempts, grades, hours)
def test_no_attempt_policy_or_hour_changes_what_a_person_decided(
    policy: GradingPolicy,
    assignment: dict[str, Any],
    tries: list[dict[str, Any]],
    grade: HeldGrade,
    hour: int,
) -> None:
    facts, row = settled(policy, assignment, tries, grade)
    mark = mark_of(facts, STUDENT, row, NOW + timedelta(hours=hour))
    assert mark is not None
    assert (mark.entered_score, mark.status) == (grade.entered_score, GradeStatus.GRADED)
    lost = late_deduction(
        grade.entered_score, row.worth, mark.late_seconds, policy.late, is_excused=grade.is_excused
    )
    assert mark.deduction == lost
    if grade.override_score is None:
        assert (mark.source, mark.score) == (GradeSource.TEACHER, grade.entered_score - lost)
    else:
        assert (mark.source, mark.score) == (GradeSource.OVERRIDE, grade.override_score)


@given(policies, assignments, attempts, st.none() | grades, hours)
def test_settling_what_was_settled_changes_nothing(
    policy: GradingPolicy,
    assignment: dict[str, Any],
    tries: list[dict[str, Any]],
    grade: HeldGrade | None,
    hour: int,
) -> None:
    now = NOW + timedelta(hours=hour)
    facts, row = settled(policy, assignment, tries, grade)
    first = mark_of(facts, STUDENT, row, now)
    if first is None:
        return
    stored = replace(grade or HeldGrade(), **{name: getattr(first, name) for name in Mark.__slots__})
    again, row = settled(policy, assignment, tries, stored)
    assert mark_of(again, STUDENT, row, now) == first


@given(policies, assignments, attempts, hours)
def test_a_machine_never_posts_what_only_its_teacher_posts_or_what_is_not_released(
    policy: GradingPolicy, assignment: dict[str, Any], tries: list[dict[str, Any]], hour: int
) -> None:
    now = NOW + timedelta(hours=hour)
    facts, row = settled(policy, assignment, tries, None)
    mark = mark_of(facts, STUDENT, row, now)
    if mark is None or not mark.is_posted:
        return
    assert row.grade_posting == "automatic"
    if row.feedback_release == "after_due" and row.due_at is not None:
        assert now >= row.due_at

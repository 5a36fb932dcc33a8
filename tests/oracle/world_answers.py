"""What the students of a random district handed in: attempts, tries at questions, and what models proposed."""

import math
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from tests.oracle.world_coursework import Work
from tests.oracle.worlds import TERM_BEGINS, TERM_DAYS, Row, World

_PART = Decimal("0.0001")
_LEARNERS = ((-1.8, 0), (-0.6, 0), (0.3, 0), (1.1, 0), (4.0, 0), (5.0, 0), (-2.5, 6.0), (3.0, -6.0))
"""Level at the beginning of term, and what is gained or lost until its end, in logits."""
_AROUND_DUE = (
    timedelta(0),
    timedelta(seconds=60),
    timedelta(seconds=60, microseconds=1),
    timedelta(seconds=61),
    timedelta(days=2),
    timedelta(hours=-5),
)


def add_answers(world: World, works: list[Work]) -> None:
    """Let the students of every assignment that was ever given out try it, none, one or two times."""
    learners = {
        row["id"]: world.one_of(*_LEARNERS) for row in world.rows["users"] if row["role"] == "student"
    }
    strange = world.random.sample(sorted(learners), 16)
    hasty, absent = set(strange[:8]), set(strange[8:])
    easiness = {row["id"]: world.random.gauss(0.8, 1.1) for row in world.rows["questions"]}
    for work in works:
        if work.row["status"] == "draft":
            continue
        for student in work.school_class.students:
            if student["id"] in absent:
                continue
            for number in range(1, world.one_of(0, 1, 1, 1, 1, 2) + 1):
                attempt = _attempt(world, work, student, number)
                skill = None if student["id"] in hasty else _skill(learners[student["id"]], attempt)
                for question in work.questions:
                    if world.happens(0.88):
                        _tries(world, attempt, question, skill=skill, easiness=easiness[question["id"]])


def _skill(learner: tuple[float, float], attempt: Row) -> float:
    begin, gain = learner
    return begin + gain * (attempt["started_at"] - TERM_BEGINS).days / TERM_DAYS


def _attempt(world: World, work: Work, student: Row, number: int) -> Row:
    started_at = world.school_time()
    is_open = world.happens(0.08)
    submitted_at = None if is_open else started_at + timedelta(minutes=world.random.randrange(1, 90))
    due_at = work.row["due_at"]
    if due_at and not is_open and due_at.year < 2099 and world.happens(0.35):
        submitted_at = due_at + world.one_of(*_AROUND_DUE)
        started_at = submitted_at - timedelta(minutes=50)
    if submitted_at and world.happens(0.002):
        started_at = submitted_at + timedelta(minutes=5)  # the marts must leave such a row out
    return world.add(
        "student_submissions",
        school_id=work.row["school_id"],
        id=world.new_id(started_at),
        assignment_id=work.row["id"],
        class_id=work.row["class_id"],
        student_id=student["id"],
        attempt_number=number,
        status="in_progress" if is_open else world.one_of("submitted", "graded"),
        started_at=started_at,
        submitted_at=submitted_at,
        handed_in_by=None if is_open else world.one_of("student", "time_limit"),
        score=Decimal(world.random.randrange(0, 80)) / 8,
        possible=sum((one["points"] for one in work.questions), Decimal(0)),
        active_ms=world.one_of(0, world.random.randrange(30_000, 3_000_000)),
        deleted_at=started_at if world.happens(0.04) else None,
    )


def _tries(world: World, attempt: Row, question: Row, *, skill: float | None, easiness: float) -> None:
    count = world.one_of(1, 1, 1, 2, 3)
    moment = attempt["started_at"] + timedelta(seconds=world.random.randrange(1, 600))
    for number in range(1, count + 1):
        if world.happens(0.7):  # else at the same microsecond as the try before
            moment += timedelta(microseconds=world.random.randrange(1, 90_000_000))
        is_counted = number == count and world.happens(0.97)
        _answer(
            world,
            attempt,
            question,
            moment=moment,
            client_seq=number,
            counts=is_counted,
            chance=None if skill is None else 1 / (1 + math.exp(-skill - easiness)),
        )


def _answer(
    world: World,
    attempt: Row,
    question: Row,
    *,
    moment: datetime,
    client_seq: int,
    counts: bool,
    chance: float | None,
) -> None:
    is_choice = question["kind"] == "multiple_choice"
    is_right = world.happens(0.2 if chance is None else chance)
    answer = world.add(
        "student_answers",
        school_id=attempt["school_id"],
        id=world.new_id(moment),
        submission_id=attempt["id"],
        assignment_id=attempt["assignment_id"],
        question_id=question["id"],
        student_id=attempt["student_id"],
        client_seq=client_seq,
        answer=_choice(world, is_right=is_right) if is_choice else {"text": "Because."},
        **_judgement(world, question, is_right=is_right),
        possible=question["points"],
        time_spent_ms=world.random.randrange(200, 2_000 if chance is None else 60_000),
        counts=counts,
        answered_at=moment,
    )
    if not is_choice and world.happens(0.5):
        _propose(world, attempt, answer)


def _choice(world: World, *, is_right: bool) -> dict[str, str]:
    if world.happens(0.001):
        return {"option_id": "e"}  # there is no such option: the marts must leave it out
    return {"option_id": "b" if is_right else world.one_of("a", "c", "d")}


def _judgement(world: World, question: Row, *, is_right: bool) -> dict[str, Any]:
    """Choices are judged at once; of the free responses some wait, some earn a part."""
    if question["kind"] == "free_response" and world.happens(0.2):
        return {"status": world.one_of("pending", "awaiting_teacher"), "is_correct": None, "score": None}
    score = question["points"] if is_right else Decimal(0)
    if question["kind"] == "free_response" and not is_right and world.happens(0.7):
        score = (question["points"] * world.random.randrange(0, 9) / 8).quantize(_PART)
    return {"status": "graded", "is_correct": score == question["points"], "score": score}


def _propose(world: World, attempt: Row, answer: Row) -> None:
    state = world.one_of("waiting", "released", "accepted", "accepted", "changed", "overtaken")
    score = answer["possible"] * world.random.randrange(0, 5) / 4
    other = answer["possible"] * world.random.randrange(0, 5) / 4
    shared = ("school_id", "assignment_id", "question_id", "student_id", "possible")
    world.add(
        "ai_gradings",
        **{name: answer[name] for name in shared},
        id=world.new_id(answer["answered_at"]),
        class_id=attempt["class_id"],
        answer_id=answer["id"],
        rubric_version=1,
        mode=world.one_of("ai", "ai", "ai", "offline"),
        criteria=[],
        score=score,
        confidence=Decimal("0.5"),
        suspicions=[],
        state=state,
        graded_at=answer["answered_at"],
        human_score={"accepted": score, "changed": other}.get(state),
    )

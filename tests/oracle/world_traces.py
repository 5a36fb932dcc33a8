"""The gradebook of a random district, its events, what models were asked, and the flags shown so far."""

from datetime import timedelta
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from tests.oracle.world_coursework import Work
from tests.oracle.worlds import Row, World

INTERACTIONS = 300
_VERBS = ("viewed", "started", "answered", "submitted", "paused")


def add_grades(world: World, works: list[Work]) -> None:
    """Add a line for most students and assignments, and an overall grade for most places."""
    attempts = {(row["assignment_id"], row["student_id"]): row for row in world.rows["student_submissions"]}
    for work in works:
        for student in work.school_class.students:
            if world.happens(0.8):
                _grade(world, work, student, attempts.get((work.row["id"], student["id"])))
    for place in world.rows["class_enrollments"]:
        if world.happens(0.9):
            _class_grade(world, place)
        if world.happens(0.12):
            _risk_flag(world, place)


def _grade(world: World, work: Work, student: Row, attempt: Row | None) -> None:
    possible = Decimal(world.one_of(0, *([10] * 12), "7.5"))
    status = world.one_of("no_score", "in_progress", "awaiting_teacher", *["graded"] * 6)
    if status == "no_score" and world.happens(0.05):
        possible = Decimal(-1)  # the marts must leave such a row out
    entered = None if status == "no_score" else possible * world.random.randrange(0, 110) / 100
    deduction = (entered or Decimal(0)) * world.one_of(0, 0, 0, 1) / 8
    override = Decimal(world.random.randrange(0, 11)) if world.happens(0.05) else None
    score = override if override is not None else None if entered is None else entered - deduction
    moment = world.school_time()
    world.add(
        "grades",
        school_id=work.row["school_id"],
        id=world.new_id(),
        assignment_id=work.row["id"],
        class_id=work.row["class_id"],
        student_id=student["id"],
        submission_id=attempt and attempt["id"],
        status=status,
        source=world.one_of("missing", "automatic", "automatic", "ai", "teacher", "override"),
        score=score,
        possible=possible,
        percent=None if score is None or not possible else _cents(100 * score / possible),
        entered_score=entered,
        is_entered=world.happens(0.1),
        deduction=deduction,
        override_score=override,
        overridden_at=None if override is None else moment,
        late_seconds=world.one_of(*[0] * 20, 61, 90_000),
        is_excused=world.happens(0.06),
        is_missing=world.one_of(*[None] * 8, True, False),
        is_posted=world.happens(0.9),
        changed_at=moment,
    )


def _cents(number: Decimal) -> Decimal:
    return number.quantize(Decimal("0.01"), ROUND_HALF_UP)


def _class_grade(world: World, place: Row) -> None:
    """Percents repeat within a class, so that standings have ties."""
    runs: dict[str, Any] = {}
    for run in ("current", "final", "all_current", "all_final"):
        percent = world.one_of(None, *(Decimal(world.random.randrange(500, 2010)) / 20 for _ in range(9)))
        runs |= {f"{run}_percent": percent, f"{run}_letter": None if percent is None else "B"}
    if runs["current_percent"] is not None and world.happens(0.06):
        runs["current_percent"] = Decimal(-1)  # the marts must leave such a row out
    override = Decimal(world.random.randrange(30, 100)) if world.happens(0.1) else None
    world.add(
        "class_grades",
        school_id=place["school_id"],
        id=world.new_id(),
        class_id=place["class_id"],
        student_id=place["student_id"],
        **runs,
        categories=[],
        override_percent=override,
        override_letter=None if override is None else "C",
        overridden_at=None if override is None else world.school_time(),
        policy_version=world.one_of(0, 0, 1),
        changed_at=world.school_time(),
    )


def _risk_flag(world: World, place: Row) -> None:
    moment = world.school_time()
    world.add(
        "risk_flags",
        school_id=place["school_id"],
        id=world.new_id(),
        class_id=place["class_id"],
        student_id=place["student_id"],
        level=world.one_of("watch", "concern", "urgent"),
        probability=0.7,
        reasons=["Some work came late."],
        raised_at=moment,
        level_since=moment,
        cleared_at=moment if world.happens(0.2) else None,
        as_of=moment,
    )


def add_interactions(world: World) -> None:
    """Add calls of a model; a few carry a number that cannot be."""
    subjects = [row["id"] for row in world.rows["ai_gradings"]]
    schools = [None, *(row["id"] for row in world.rows["schools"])]
    for number in range(INTERACTIONS):
        moment = world.school_time()
        is_failed = world.happens(0.1)
        world.add(
            "ai_interactions",
            id=world.new_id(moment),
            school_id=world.one_of(*schools),
            request_hash=f"{number:064x}",
            purpose=world.one_of("grade_answer", "write_questions"),
            subject_id=world.one_of(*subjects),
            status="failed" if is_failed else "answered",
            model="a-model",
            prompt_version="grade_answer/1",
            error_code="timeout" if is_failed else None,
            input_tokens=world.random.randrange(5_000),
            output_tokens=world.random.randrange(900),
            cost_usd=Decimal(world.random.randrange(-1 if number % 50 == 0 else 0, 9_000_000)) / 10**8,
            latency_ms=None if is_failed else world.random.randrange(9_000),
            calls=-1 if number % 97 == 0 else world.one_of(1, 1, 3),
            asked_at=moment,
            expires_at=moment + timedelta(days=90),
        )


def add_events(world: World, works: list[Work], count: int) -> list[Row]:
    """Add events in no order of time: late, from clocks that are wrong, many in one millisecond."""
    attempts: dict[Any, list[Row]] = {}
    for attempt in world.rows["student_submissions"]:
        attempts.setdefault(attempt["assignment_id"], []).append(attempt)
    busy = [work for work in works if work.school_class.students]
    return [_event(world, world.one_of(*busy), attempts) for _ in range(count)]


def _event(world: World, work: Work, attempts: dict[Any, list[Row]]) -> Row:
    moment = world.school_time()
    moment -= timedelta(microseconds=moment.microsecond % (500_000 if world.happens(0.1) else 1_000))
    school_class = work.school_class.row
    student = world.one_of(*work.school_class.students)
    mine = attempts.get(work.row["id"], [])
    is_teacher, has_class = world.happens(0.04), world.happens(0.95)
    return world.add(
        "interaction_events",
        actor_id=school_class["teacher_id"] if is_teacher else student["id"],
        event_id=world.new_id(moment),
        event_time=moment,
        school_id=school_class["school_id"],
        verb=world.one_of(*_VERBS),
        object_type="assignment",
        object_id=world.one_of(None, work.row["id"]),
        occurred_at=moment + timedelta(seconds=world.one_of(0, 0, 0, -7_200, 86_400, 400)),
        received_at=moment + timedelta(seconds=world.one_of(1, 1, 1, 250_000)),
        session_id=world.one_of(None, student["id"]),
        client_seq=world.one_of(None, world.random.randrange(1, 500)),
        duration_ms=-5 if world.happens(0.0002) else world.one_of(None, world.random.randrange(90_000)),
        class_id=school_class["id"] if has_class else None,
        assignment_id=work.row["id"] if has_class else None,
        submission_id=world.one_of(*mine)["id"] if mine and world.happens(0.5) else None,
        question_id=world.one_of(None, work.questions[0]["id"]),
        payload=world.one_of({}, {"from_page": "über", "b": 1, "aa": [True, None]}),
    )

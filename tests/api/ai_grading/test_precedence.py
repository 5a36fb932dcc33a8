"""Override, teacher, model, key: whatever happens in whatever order, no machine changes what a person decided."""

import asyncio
import json
from collections.abc import Coroutine
from decimal import Decimal
from functools import partial
from itertools import pairwise
from typing import Any, TypeVar

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from core.models import ConsentScope, User
from tests.api.ai_grading.conftest import Bureau
from tests.api.envelopes import data_of, items_of
from tests.api.submissions.conftest import Desk, open_desk
from tests.factories.consent import make_consent
from tests.factories.school_class import make_enrollment
from tests.factories.user import make_student

T = TypeVar("T")
GRADES = "/api/v1/grades"
ESSAY = "Plants make sugar from light and water."
halves = st.integers(0, 4).map(lambda count: Decimal(count) / 2)


class Precedence(RuleBasedStateMachine):
    """One student, one choice (2 points) and one essay (2 points), a model that decides at once when it is asked."""

    def __init__(self, bureau: Bureau, loop: asyncio.AbstractEventLoop) -> None:
        super().__init__()
        self.bureau, self.loop = bureau, loop
        self.desk: Desk
        self.student: User
        self.choice: Decimal | None = None
        self.essay: dict[str, Any] | None = None
        self.essay_score: Decimal | None = None
        self.by_teacher = False
        self.by_model = False
        self.handed_in = False
        self.entered: Decimal | None = None
        self.override: Decimal | None = None
        self.grade_id: str | None = None
        self.seq = 0

    def do(self, work: Coroutine[Any, Any, T]) -> T:
        return asyncio.run_coroutine_threadsafe(work, self.loop).result(timeout=60)

    @property
    def teacher(self) -> Any:
        return self.bureau.api.signed_in(self.bureau.school.teacher)

    @initialize()
    def begin(self) -> None:
        rows, school = self.bureau.rows, self.bureau.school
        self.student = make_student(rows, school.school)
        make_enrollment(rows, school.school_class, self.student)
        for scope in (ConsentScope.COLLECTION, ConsentScope.AI_PROCESSING):
            make_consent(rows, self.student, scope)
        self.desk = self.do(open_desk(self.bureau.api.signed_in(self.student), school))

    @precondition(lambda self: not self.handed_in and self.choice is None)
    @rule(is_right=st.booleans())
    def choose(self, is_right: bool) -> None:
        self.seq += 1
        self.do(self.desk.answer(self.desk.choice("b" if is_right else "a", self.seq)))
        self.choice = Decimal(2 if is_right else 0)

    @precondition(lambda self: not self.handed_in and self.essay is None)
    @rule()
    def write(self) -> None:
        self.seq += 1
        self.essay = self.do(self.desk.answer(self.desk.essay(ESSAY, self.seq)))

    @precondition(lambda self: not self.handed_in)
    @rule()
    def hand_in(self) -> None:
        self.grade_id = self.do(self.desk.submit())["grade_id"]
        self.handed_in = True

    @precondition(lambda self: self.essay is not None)
    @rule(points=halves)
    def model_decides(self, points: Decimal) -> None:
        """The first time it counts; later, and after a teacher, it changes nothing."""
        parts = [min(points, Decimal(1)), max(points - 1, Decimal(0))]
        criteria = [
            {"number": number, "points": float(part), "quote": "sugar" if part else "", "reason": "Seen."}
            for number, part in enumerate(parts, start=1)
        ]
        reply = {"criteria": criteria, "confidence": 1.0, "feedback": "Yes.", "speaks_to_grader": False}
        self.bureau.provider.script.reset()
        self.bureau.provider.script.then("reply", text=json.dumps(reply))
        assert self.essay is not None
        self.do(self.bureau.work(self.essay))
        if not self.by_teacher and not self.by_model:
            self.essay_score, self.by_model = points, True

    @precondition(lambda self: self.essay is not None)
    @rule(points=halves)
    def teacher_reviews(self, points: Decimal) -> None:
        assert self.essay is not None
        url = f"{GRADES}/reviews/{self.essay['id']}"
        data_of(self.do(self.teacher.post(url, json={"score": str(points)})))
        self.essay_score, self.by_teacher = points, True

    @rule(points=st.none() | halves)
    def teacher_enters(self, points: Decimal | None) -> None:
        entry = {"student_id": str(self.student.id)} | ({} if points is None else {"score": str(points)})
        body = {"assignment_id": str(self.bureau.school.assignment.id), "entries": [entry]}
        (result,) = data_of(self.do(self.teacher.post(f"{GRADES}/entries", json=body)), 201)["items"]
        self.entered = points
        self.grade_id = result["grade_id"] or self.grade_id

    @precondition(lambda self: self.grade_id is not None)
    @rule(points=halves)
    def teacher_overrides(self, points: Decimal) -> None:
        body = {"score": str(points), "reason": "Seen in class"}
        data_of(self.do(self.teacher.put(f"{GRADES}/{self.grade_id}/override", json=body)))
        self.override = points

    @precondition(lambda self: self.override is not None)
    @rule()
    def teacher_withdraws(self) -> None:
        data_of(self.do(self.teacher.delete(f"{GRADES}/{self.grade_id}/override")))
        self.override = None

    @rule()
    def machine_recalculates(self) -> None:
        body = {"class_id": str(self.bureau.school.school_class.id)}
        data_of(self.do(self.teacher.post(f"{GRADES}/recalculate", json=body)))

    def expected(self) -> tuple[Decimal | None, str] | None:
        """The score and its source by the order of precedence; None while the attempt is open."""
        if self.override is not None:
            return self.override, "override"
        if self.entered is not None:
            return self.entered, "teacher"
        if not self.handed_in:
            return None
        source = "teacher" if self.by_teacher else "ai" if self.by_model else "automatic"
        return (self.choice or Decimal(0)) + (self.essay_score or Decimal(0)), source

    @invariant()
    def the_grade_is_what_precedence_says_and_its_history_leads_there(self) -> None:
        expected = self.expected()
        if self.grade_id is None or expected is None:
            return
        grade = data_of(self.do(self.teacher.get(f"{GRADES}/{self.grade_id}")))
        url = f"{GRADES}/{self.grade_id}/history?limit=100"
        history = items_of(self.do(self.teacher.get(url)))
        assert (Decimal(grade["score"]), history[-1]["source"]) == expected
        assert history[-1]["new_score"] == grade["score"]
        for before, after in pairwise(history):
            assert after["old_score"] == before["new_score"]
            assert after["version"] == before["version"] + 1


async def test_no_automatic_path_changes_what_a_person_decided(released: Bureau) -> None:
    machine = partial(Precedence, released, asyncio.get_running_loop())
    sized = settings(
        max_examples=12,
        stateful_step_count=14,
        deadline=None,
        suppress_health_check=list(HealthCheck),
    )
    await asyncio.to_thread(run_state_machine_as_test, machine, settings=sized)

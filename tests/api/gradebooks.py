"""A class whose gradebook a test writes around the walls, and reads and settles through the API."""

from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import text
from sqlalchemy.orm import Session

from core.ids import new_id
from core.models import (
    Assignment,
    Grade,
    GradeSource,
    GradeStatus,
    SubmissionStatus,
    User,
)
from tests.api.envelopes import data_of
from tests.factories.assignment import make_assignment, make_free_question
from tests.factories.saving import saved
from tests.factories.submission import make_answer, make_submission
from tests.factories.world import SchoolBench
from tests.fixtures.web import Api

ANY_VERSION = {"If-Match": "*"}


@dataclass
class Gradebook:
    """The bench's class, emptied of the work that is in it; `subject` is one of its two students."""

    rows: Session
    api: Api
    school: SchoolBench

    def __post_init__(self) -> None:
        keys = {"id": self.school.school_class.id}
        self.rows.execute(text("UPDATE app.assignments SET status = 'draft' WHERE class_id = :id"), keys)

    @property
    def subject(self) -> User:
        return self.school.classmate

    @property
    def of_class(self) -> str:
        return f"/api/v1/classes/{self.school.school_class.id}"

    @property
    def of_subject(self) -> str:
        return f"/api/v1/grades/classes/{self.school.school_class.id}/students/{self.subject.id}"

    def quiz(self, points: Any = 10, **columns: Any) -> Assignment:
        """A published assignment worth so many points."""
        quiz = make_assignment(self.rows, self.school.school_class)
        for name, value in {"category": None, "points": Decimal(points), **columns}.items():
            setattr(quiz, name, value)
        return saved(self.rows, quiz)

    def enter(self, quiz: Assignment, score: Any, *, student: User | None = None, **columns: Any) -> Grade:
        """What a teacher entered; the rest of the grade follows when it is settled."""
        grade = Grade(
            district_id=quiz.district_id,
            school_id=quiz.school_id,
            id=new_id(),
            assignment_id=quiz.id,
            class_id=quiz.class_id,
            student_id=(student or self.subject).id,
            score=None if score is None else Decimal(score),
            entered_score=None if score is None else Decimal(score),
            is_entered=score is not None,
            possible=quiz.points,
            status=GradeStatus.NO_SCORE if score is None else GradeStatus.GRADED,
            source=GradeSource.TEACHER,
            changed_at=datetime.now(UTC),
            **columns,
        )
        return saved(self.rows, grade)

    async def type_in(self, quiz: Assignment, score: Any) -> str:
        """Enter the subject's score as its teacher does; returns the grade's id."""
        teacher = self.api.signed_in(self.school.teacher)
        entry = {"student_id": str(self.subject.id), "score": str(score)}
        body = {"assignment_id": str(quiz.id), "entries": [entry]}
        (result,) = data_of(await teacher.post("/api/v1/grades/entries", json=body), 201)["items"]
        assert result["status"] == "accepted", result
        return str(result["grade_id"])

    async def say(self, grade_id: str, **word: Any) -> Any:
        """Excuse a grade, or say that it is missing or how late."""
        teacher = self.api.signed_in(self.school.teacher)
        return data_of(await teacher.patch(f"/api/v1/grades/{grade_id}", json=word, headers=ANY_VERSION))

    def leave_waiting(self, quiz: Assignment, score: Any) -> None:
        """An attempt handed in, of which one answer waits for its teacher."""
        now = datetime.now(UTC)
        attempt = make_submission(self.rows, quiz, self.subject, possible=quiz.points or Decimal(0))
        make_answer(self.rows, attempt, make_free_question(self.rows, quiz))
        attempt.score, attempt.submitted_at = Decimal(score), now
        attempt.status = SubmissionStatus.SUBMITTED
        saved(self.rows, attempt)

    async def grade_by(self, **policy: Any) -> Any:
        teacher = self.api.signed_in(self.school.teacher)
        return data_of(await teacher.put(f"{self.of_class}/grading-policy", json=policy, headers=ANY_VERSION))

    async def simulate(self, **policy: Any) -> Any:
        teacher = self.api.signed_in(self.school.teacher)
        body = {"class_id": str(self.school.school_class.id), "policy": policy}
        return data_of(await teacher.post("/api/v1/grades/simulate", json=body))

    async def recalculate(self) -> Any:
        teacher = self.api.signed_in(self.school.teacher)
        body = {"class_id": str(self.school.school_class.id)}
        return data_of(await teacher.post("/api/v1/grades/recalculate", json=body))

    async def settle_subject(self) -> Any:
        """Settle one student, in the class or not any more; returns the overall grade."""
        await self.recalculate()
        teacher = self.api.signed_in(self.school.teacher)
        return data_of(await teacher.delete(f"{self.of_subject}/override"))

    async def explain(self, run: str = "current", *, reader: User | None = None) -> Any:
        client = self.api.signed_in(reader or self.school.teacher)
        return data_of(await client.get(f"{self.of_subject}/explain", params={"run": run}))

    async def explain_grade(self, grade: Grade | str, *, reader: User | None = None) -> Any:
        client = self.api.signed_in(reader or self.school.teacher)
        grade_id = grade if isinstance(grade, str) else grade.id
        return data_of(await client.get(f"/api/v1/grades/{grade_id}/explain"))

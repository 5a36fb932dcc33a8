"""Settling: facts in the database become grades and overall grades, in a constant number of statements."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import text
from sqlalchemy.orm import Session

from api.grades.settling import Cause, Cells, SettledGrade, settle_grades
from core.db import Database
from core.models import (
    Assignment,
    ClassGrade,
    Grade,
    GradingPolicyVersion,
    StudentSubmission,
    SubmissionStatus,
    User,
)
from core.tenancy import DISTRICT_SCOPE, TenantContext, TenantId
from tests.api.conftest import StatementCounter
from tests.factories.assignment import make_assignment, make_choice_question, make_extension
from tests.factories.saving import saved
from tests.factories.school_class import make_enrollment
from tests.factories.submission import make_answer, make_submission
from tests.factories.user import make_student
from tests.factories.world import SchoolBench

NOW = datetime(2026, 11, 23, 12, tzinfo=UTC)


@dataclass
class Classroom:
    """A class of its own school, read and written around every wall."""

    rows: Session
    database: Database
    school: SchoolBench

    @property
    def class_id(self) -> UUID:
        return self.school.school_class.id

    async def settle(
        self, reason: str = "settled", *, is_regrade: bool = False, **cells: Any
    ) -> list[SettledGrade]:
        context = TenantContext(TenantId.from_job(str(self.school.school.district_id)), DISTRICT_SCOPE)
        async with self.database.tenant_transaction(context) as session:
            return await settle_grades(
                session, Cells(self.class_id, **cells), Cause(reason, NOW, is_regrade=is_regrade)
            )

    def policy(self, **content: Any) -> None:
        version = self.rows.query(GradingPolicyVersion).filter_by(class_id=self.class_id).count() + 1
        school_class = self.school.school_class
        saved(
            self.rows,
            GradingPolicyVersion(
                district_id=school_class.district_id,
                school_id=school_class.school_id,
                class_id=school_class.id,
                version=version,
                content=content,
                created_by=school_class.teacher_id,
            ),
        )
        self.rows.commit()

    def hand_in(
        self, assignment: Assignment, student: User, score: str, *, at: datetime = NOW, number: int = 1
    ) -> StudentSubmission:
        attempt = make_submission(self.rows, assignment, student, attempt_number=number)
        attempt.score, attempt.started_at, attempt.submitted_at = (
            Decimal(score),
            at - timedelta(minutes=5),
            at,
        )
        attempt.status = SubmissionStatus.GRADED
        self.rows.flush()
        self.rows.commit()
        return attempt

    def grade(self, assignment: Assignment, student: User) -> Grade:
        return (
            self.rows.query(Grade)
            .populate_existing()
            .filter_by(assignment_id=assignment.id, student_id=student.id)
            .one()
        )

    def overall(self, student: User) -> ClassGrade:
        return (
            self.rows.query(ClassGrade)
            .populate_existing()
            .filter_by(class_id=self.class_id, student_id=student.id)
            .one()
        )


@pytest.fixture
def classroom(rows: Session, database: Database, school: SchoolBench) -> Classroom:
    """The bench's class without the work that is in it."""
    rows.execute(
        text("UPDATE app.assignments SET status = 'draft' WHERE class_id = :id"),
        {"id": school.school_class.id},
    )
    return Classroom(rows, database, school)


def quiz(classroom: Classroom, points: str = "10", **columns: Any) -> Assignment:
    assignment = make_assignment(classroom.rows, classroom.school.school_class)
    assignment.points = Decimal(points)
    for name, value in columns.items():
        setattr(assignment, name, value)
    return saved(classroom.rows, assignment)


async def test_a_hand_in_becomes_a_grade_and_an_overall_grade(classroom: Classroom) -> None:
    student, first, second = classroom.school.classmate, quiz(classroom), quiz(classroom, "30")
    attempt = classroom.hand_in(first, student, "3")  # of 4 possible points
    (settled,) = await classroom.settle(student_ids=(student.id,))
    assert (settled.score, settled.possible, settled.percent) == (Decimal("7.5"), 10, 75)
    grade = classroom.grade(first, student)
    assert (grade.submission_id, grade.status, grade.source) == (attempt.id, "graded", "automatic")
    overall = classroom.overall(student)
    assert (overall.current_percent, overall.current_letter) == (75, "C")
    assert (overall.final_percent, overall.final_letter) == (Decimal("18.75"), "F")
    assert second.id


async def test_settling_again_changes_nothing_and_writes_no_history(classroom: Classroom) -> None:
    assignment, student = quiz(classroom), classroom.school.classmate
    classroom.hand_in(assignment, student, "3")
    await classroom.settle()
    before = (classroom.grade(assignment, student).version, classroom.overall(student).version)
    assert await classroom.settle() == []
    assert (classroom.grade(assignment, student).version, classroom.overall(student).version) == before


async def test_each_attempt_is_penalised_before_the_best_is_taken(classroom: Classroom) -> None:
    student = classroom.school.classmate
    assignment = quiz(classroom, "4", due_at=NOW - timedelta(hours=30))
    classroom.policy(late={"percent": "10", "interval": "day"})
    in_time = classroom.hand_in(assignment, student, "3", at=NOW - timedelta(hours=31))
    late = classroom.hand_in(assignment, student, "3.5", number=2)
    await classroom.settle()
    grade = classroom.grade(assignment, student)
    assert (grade.submission_id, grade.score, grade.deduction) == (in_time.id, 3, 0)
    assignment.attempt_policy = "latest"  # type: ignore[assignment]
    classroom.rows.flush()
    await classroom.settle()
    grade = classroom.grade(assignment, student)
    assert (grade.submission_id, grade.entered_score, grade.deduction, grade.score) == (
        late.id,
        Decimal("3.5"),
        Decimal("0.8"),
        Decimal("2.7"),
    )
    assert grade.late_seconds == 30 * 3600


async def test_an_extension_forgives_and_nothing_is_taken_twice(classroom: Classroom) -> None:
    student = classroom.school.classmate
    assignment = quiz(classroom, "4", due_at=NOW - timedelta(hours=1))
    classroom.policy(late={"percent": "50"})
    classroom.hand_in(assignment, student, "4")
    for _ in range(2):
        await classroom.settle()
        assert classroom.grade(assignment, student).score == 2
    make_extension(classroom.rows, assignment, student).due_at = NOW
    classroom.rows.flush()
    await classroom.settle("extension granted")
    assert classroom.grade(assignment, student).score == 4


async def test_what_a_teacher_entered_or_overrode_stays(classroom: Classroom) -> None:
    student, typed, overridden = classroom.school.classmate, quiz(classroom), quiz(classroom)
    for assignment in (typed, overridden):
        classroom.hand_in(assignment, student, "1")
    await classroom.settle()
    mine = classroom.grade(typed, student)
    mine.is_entered, mine.entered_score = True, Decimal(9)
    classroom.rows.flush()
    other = classroom.grade(overridden, student)
    other.override_score, other.overridden_at = Decimal(10), NOW
    classroom.rows.flush()
    await classroom.settle()
    classroom.hand_in(typed, student, "4", number=2)
    classroom.hand_in(overridden, student, "4", number=2)
    classroom.policy(weighted=True)
    await classroom.settle()
    assert (classroom.grade(typed, student).score, classroom.grade(typed, student).source) == (9, "teacher")
    found = classroom.grade(overridden, student)
    assert (found.score, found.source, found.entered_score) == (10, "override", 10)
    assert classroom.overall(student).current_percent is None  # weighted, and nothing has a weight


async def test_missing_work_scores_by_policy_and_a_hand_in_replaces_it(classroom: Classroom) -> None:
    student = classroom.school.classmate
    assignment = quiz(classroom, "10", due_at=NOW - timedelta(days=1))
    await classroom.settle()
    assert classroom.rows.query(Grade).filter_by(assignment_id=assignment.id).count() == 0
    classroom.policy(missing_deduction="60")
    await classroom.settle()
    grade = classroom.grade(assignment, student)
    assert (grade.score, grade.source, grade.status) == (4, "missing", "graded")
    assert classroom.overall(student).current_percent == 40
    classroom.hand_in(assignment, student, "4")
    await classroom.settle()
    assert (classroom.grade(assignment, student).score, classroom.grade(assignment, student).source) == (
        10,
        "automatic",
    )


async def test_unposted_work_counts_only_for_the_teacher(classroom: Classroom) -> None:
    student = classroom.school.classmate
    shown, hidden = quiz(classroom), quiz(classroom, grade_posting="manual")
    later = quiz(classroom, feedback_release="after_due", due_at=NOW + timedelta(days=1))
    for assignment, score in ((shown, "2"), (hidden, "4"), (later, "4")):
        classroom.hand_in(assignment, student, score)
    await classroom.settle()
    posted = [classroom.grade(assignment, student).is_posted for assignment in (shown, hidden, later)]
    assert posted == [True, False, False]
    overall = classroom.overall(student)
    assert (overall.current_percent, overall.final_percent) == (50, Decimal("16.67"))
    assert (overall.all_current_percent, overall.all_final_percent) == (Decimal("83.33"), Decimal("83.33"))
    later.due_at = NOW
    classroom.rows.flush()
    (settled,) = await classroom.settle("due")
    assert (settled.assignment_id, settled.is_posted, settled.was_posted) == (later.id, True, False)
    assert classroom.overall(student).current_percent == 75


async def test_an_answer_that_waits_keeps_its_grade_out_of_current(classroom: Classroom) -> None:
    student, assignment = classroom.school.classmate, quiz(classroom, "4")
    attempt = classroom.hand_in(assignment, student, "2")
    question = make_choice_question(classroom.rows, assignment)
    answer = make_answer(classroom.rows, attempt, question)
    answer.status, answer.score, answer.graded_by = "awaiting_teacher", None, None  # type: ignore[assignment]
    classroom.rows.flush()
    await classroom.settle()
    assert classroom.grade(assignment, student).status == "awaiting_teacher"
    overall = classroom.overall(student)
    assert (overall.current_percent, overall.final_percent) == (None, 50)
    answer.status, answer.score, answer.graded_by = "graded", Decimal(2), "teacher"  # type: ignore[assignment]
    classroom.rows.flush()
    await classroom.settle()
    assert classroom.grade(assignment, student).source == "teacher"


async def test_categories_are_found_by_name_and_drops_are_told(classroom: Classroom) -> None:
    student = classroom.school.classmate
    best, worst = quiz(classroom, "4", category="quizzes"), quiz(classroom, "4", category="Quizzes")
    homework = quiz(classroom, "4", category="Homework")
    quizzes = {"id": "q", "name": "QUIZZES", "weight": "60", "drop_lowest": 1}
    classroom.policy(weighted=True, categories=[quizzes, {"id": "h", "name": "Homework", "weight": "40"}])
    for assignment, score in ((best, "3"), (worst, "1"), (homework, "4")):
        classroom.hand_in(assignment, student, score)
    await classroom.settle()
    overall = classroom.overall(student)
    assert (overall.current_percent, overall.policy_version) == (85, 2)
    told = {category["id"]: category["current"] for category in overall.categories}
    assert told["q"]["dropped"] == [str(worst.id)]
    assert told["h"]["percent"] == "100.00"


async def test_excused_and_omitted_work_is_left_out(classroom: Classroom) -> None:
    student = classroom.school.classmate
    counted, excused = quiz(classroom, "4"), quiz(classroom, "4")
    omitted = quiz(classroom, "4", omit_from_final=True)
    for assignment, score in ((counted, "3"), (excused, "0"), (omitted, "0")):
        classroom.hand_in(assignment, student, score)
    await classroom.settle()
    classroom.grade(excused, student).is_excused = True
    classroom.rows.flush()
    await classroom.settle()
    assert classroom.overall(student).final_percent == 75


async def test_the_score_before_the_first_regrade_is_kept_for_ever(classroom: Classroom) -> None:
    assignment, student = quiz(classroom, "4"), classroom.school.classmate
    attempt = classroom.hand_in(assignment, student, "3")
    await classroom.settle()
    for score, is_regrade in (("4", False), ("2", True), ("1", True)):
        attempt.score = Decimal(score)
        classroom.rows.flush()
        await classroom.settle(is_regrade=is_regrade)
    grade = classroom.grade(assignment, student)
    assert (grade.score, grade.score_before_regrade) == (1, 4)


async def test_statements_do_not_grow_with_students(
    classroom: Classroom, statements: StatementCounter
) -> None:
    async def cost() -> int:
        with statements.counting() as seen:
            await classroom.settle()
        return len(seen)

    assignments = [quiz(classroom) for _ in range(3)]
    classroom.hand_in(assignments[0], classroom.school.classmate, "3")
    few = await cost()
    for _ in range(12):
        student = make_student(classroom.rows, classroom.school.school)
        make_enrollment(classroom.rows, classroom.school.school_class, student)
        for assignment in assignments:
            classroom.hand_in(assignment, student, "2")
    assert await cost() == few <= 9

"""How long it takes to compute a whole class anew: 200 students x 60 assignments under drop rules.

    python -m ops.bench.settling

The reference is the least that any gradebook must do to change as many scores: one UPDATE of the same 12,000 rows,
with the same history. Everything else (reading the facts, computing, comparing) is what ours adds to it.
"""

import asyncio
import gc
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import psycopg

from api.grades.settling import Cause, Cells, settle_grades
from core.config import Settings
from core.db import Database
from core.emit import emitter_for
from core.tenancy import DISTRICT_SCOPE, TenantContext
from ops.bench.classroom import Classroom, actor_of, seeded_classroom
from ops.bench.rounds import MINIMUM_ROUNDS, Goal, Spread, at_most, print_goals
from ops.bench.throw_away import Installation, throw_away_installation

STUDENTS, ASSIGNMENTS, ANSWERS = 200, 60, 5
MAXIMUM_SECONDS = 2.0
MAXIMUM_SINGLE_SECONDS = 0.05
MAXIMUM_RATIO = 6.0

_ASSIGNMENTS = """
INSERT INTO app.assignments (district_id, school_id, id, class_id, title, category, status, points, due_at)
SELECT district_id, school_id, app.new_id(), class_id, 'Quiz ' || number, 'Category ' || mod(number, 4),
    'published', 20,
    now() - interval '30 days'
FROM app.assignments, generate_series(2, %(assignments)s) AS number
"""
_QUESTIONS = """
INSERT INTO app.questions (district_id, school_id, id, assignment_id, position, kind, prompt, points, difficulty)
SELECT district_id, school_id, app.new_id(), id, position, 'free_response', 'Why?', 2, 'medium'
FROM app.assignments, generate_series(101, 100 + %(answers)s) AS position
"""
_ATTEMPTS = """
INSERT INTO app.student_submissions (district_id, school_id, id, assignment_id, class_id, student_id, attempt_number,
    status, started_at, submitted_at, score, possible)
SELECT a.district_id, a.school_id, app.new_id(), a.id, a.class_id, e.student_id, 2, 'graded',
    now() - interval '31 days',
    now() - interval '31 days' + mod(abs(hashtext(e.id::text || a.id)), 4) * interval '1 day',
    mod(abs(hashtext(a.id::text || e.id)), 11), 10
FROM app.assignments a JOIN app.class_enrollments e ON e.class_id = a.class_id
"""
_ANSWERS = """
INSERT INTO app.student_answers (district_id, school_id, id, submission_id, assignment_id, question_id, student_id,
    client_seq, answer, status, is_correct, score, possible, time_spent_ms, counts, answered_at, graded_at, graded_by)
SELECT s.district_id, s.school_id, app.new_id(), s.id, s.assignment_id, q.id, s.student_id, 1, '{"text": "So."}',
    'graded', true, 2, 2, 1000, true, now(), now(), 'automatic'
FROM app.student_submissions s JOIN app.questions q ON q.assignment_id = s.assignment_id AND q.position > 100
WHERE s.attempt_number = 2
"""
_POLICY = """
INSERT INTO app.grading_policies (district_id, school_id, class_id, version, content, created_by)
SELECT district_id, school_id, id, coalesce((SELECT max(version) FROM app.grading_policies), 0) + 1,
    %(content)s::jsonb || jsonb_build_object('late', jsonb_build_object('percent', (
        SELECT count(*)::text FROM app.grading_policies))), teacher_id
FROM app.classes
"""
_CONTENT = """
{"weighted": true, "missing_deduction": "100", "categories": [
    {"id": "0", "name": "Category 0", "weight": "25", "drop_lowest": 2, "drop_highest": 1},
    {"id": "1", "name": "Category 1", "weight": "25", "drop_lowest": 3},
    {"id": "2", "name": "Category 2", "weight": "25", "drop_lowest": 1, "drop_highest": 2},
    {"id": "3", "name": "Category 3", "weight": "25"}]}
"""
_REFERENCE = "UPDATE app.grades SET score = score + 0.25, updated_at = now()"


@dataclass(frozen=True)
class Measured:
    """Seconds of one round."""

    changed: float
    """Every score and every overall grade is another one."""
    unchanged: float
    single: float
    """One student's grade of one assignment, as at a hand-in."""
    reference: float


def main() -> int:
    """Print what was measured and the goals; the exit code is 1 when one is missed."""
    rounds = measure(STUDENTS, ASSIGNMENTS)
    for name in ("changed", "unchanged", "single", "reference"):
        print(f"{name}: {_spread(rounds, name)} s")
    return print_goals(goals(rounds))


def measure(students: int, assignments: int, *, rounds: int = MINIMUM_ROUNDS) -> list[Measured]:
    """Return the rounds of a class in which everybody has handed everything in."""
    with throw_away_installation() as installation:
        classroom = seeded_classroom(installation.urls.admin, students=students, questions=1)
        _seed(installation, assignments)
        return asyncio.run(_rounds(installation, classroom, rounds))


def goals(rounds: Sequence[Measured]) -> list[Goal]:
    ratios = [one.changed / one.reference for one in rounds]
    cells = f"{STUDENTS} x {ASSIGNMENTS}"
    return [
        at_most(f"a new policy settles {cells} in 2 s", _spread(rounds, "changed"), MAXIMUM_SECONDS),
        at_most(f"recalculating {cells} takes 2 s", _spread(rounds, "unchanged"), MAXIMUM_SECONDS),
        at_most("one grade is settled in 50 ms", _spread(rounds, "single"), MAXIMUM_SINGLE_SECONDS),
        at_most("at most six times one UPDATE of all rows", Spread.of(ratios), MAXIMUM_RATIO),
    ]


def _spread(rounds: Sequence[Measured], name: str) -> Spread:
    return Spread.of([getattr(one, name) for one in rounds])


def _seed(installation: Installation, assignments: int) -> None:
    sizes = {"assignments": assignments, "answers": ANSWERS}
    with psycopg.connect(installation.admin_dsn) as connection:
        for statement in (_ASSIGNMENTS, _QUESTIONS, _ATTEMPTS, _ANSWERS):
            connection.execute(statement, sizes)
    with psycopg.connect(installation.admin_dsn, autocommit=True) as connection:
        connection.execute("ANALYZE")


async def _rounds(installation: Installation, classroom: Classroom, rounds: int) -> list[Measured]:
    settings = Settings(_env_file=None, database_url=installation.environment["HOMEROOM_DATABASE_URL"])
    database = Database.from_settings(settings, emitter_for(installation.environment["HOMEROOM_REDIS_URL"]))
    try:
        side = _Side(installation, classroom, database)
        await side.new_policy()
        gc.freeze()  # as the API does when it has started
        return [await side.round() for _ in range(rounds)]
    finally:
        await database.close()


@dataclass(frozen=True)
class _Side:
    installation: Installation
    classroom: Classroom
    database: Database

    async def round(self) -> Measured:
        class_id = self.classroom.school_class.id
        one = (self.classroom.assignment.id,), (self.classroom.students[0].id,)
        return Measured(
            changed=await self.new_policy(),
            unchanged=await self.settle(Cells(class_id)),
            single=await self.settle(Cells(class_id, *one)),
            reference=self.execute(_REFERENCE),
        )

    async def new_policy(self) -> float:
        """Store a policy that takes another percent off late work, and settle the class."""
        self.execute(_POLICY, content=_CONTENT)
        return await self.settle(Cells(self.classroom.school_class.id))

    async def settle(self, cells: Cells) -> float:
        actor = actor_of(self.classroom.teacher)
        context = TenantContext(actor.tenant, DISTRICT_SCOPE)
        started = time.perf_counter()
        async with self.database.tenant_transaction(context) as session:
            await settle_grades(session, cells, Cause("benchmark", datetime.now(UTC)))
        return time.perf_counter() - started

    def execute(self, statement: str, **parameters: Any) -> float:
        started = time.perf_counter()
        with psycopg.connect(self.installation.admin_dsn) as connection:
            connection.execute(statement, parameters)
        return time.perf_counter() - started


if __name__ == "__main__":
    sys.exit(main())

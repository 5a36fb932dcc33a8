"""What grades follow from, read in a constant number of statements: policy, assignments, attempts, places, needs."""

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from sqlalchemy import Row
from sqlalchemy.ext.asyncio import AsyncSession

from core.db import run
from core.domain.deadlines import Accommodation, Dates, Extension, attempt_ends_at, effective_dates
from core.domain.gradebook import GradingPolicy
from core.domain.grading import AttemptPolicy, AttemptScore, scaled
from core.domain.late_work import LatePolicy, late_deduction, seconds_late
from core.domain.policy_snapshots import policy_of
from core.models import GradeSource, GradeStatus
from core.tenancy import TenantContext

# The mutex of a student's grades in a class: whoever settles them holds it, in the order of the students, so that
# two who settle wait for each other instead of overwriting what the other has read.
_PLACES = """
SELECT student_id, school_id, status = 'approved' AND deleted_at IS NULL AS is_enrolled
FROM app.class_enrollments
WHERE district_id = %(district_id)s AND class_id = %(class_id)s
    AND CASE WHEN %(students)s::uuid[] IS NULL THEN status = 'approved' AND deleted_at IS NULL
        ELSE student_id = ANY(%(students)s::uuid[]) END
ORDER BY student_id
"""
_LOCKED_PLACES = _PLACES + "FOR NO KEY UPDATE"

_POLICY = """
SELECT version, content FROM app.grading_policies
WHERE district_id = %(district_id)s AND class_id = %(class_id)s ORDER BY version DESC LIMIT 1
"""

_ASSIGNMENTS = """
SELECT a.id, a.category, a.due_at, a.available_at, a.available_until, a.time_limit_minutes, a.max_attempts,
    a.feedback_release, a.attempt_policy, a.grade_posting, a.grading_type, a.omit_from_final, a.never_drop,
    coalesce(a.points, (SELECT coalesce(sum(q.points), 0) FROM app.questions q
        WHERE q.district_id = a.district_id AND q.assignment_id = a.id AND q.deleted_at IS NULL)) AS worth
FROM app.assignments a
WHERE a.district_id = %(district_id)s AND a.class_id = %(class_id)s
    AND (a.status IN ('published', 'archived') AND a.deleted_at IS NULL OR a.id = ANY(%(also)s::uuid[]))
ORDER BY a.id
"""

# Every attempt, the open one included, with who graded its counting answers and whether one still waits.
_ATTEMPTS = """
SELECT s.id, s.assignment_id, s.student_id, s.attempt_number, s.status, s.started_at, s.submitted_at, s.score,
    s.possible, graded.waits, graded.by_ai, graded.by_teacher
FROM app.student_submissions s
CROSS JOIN LATERAL (
    SELECT coalesce(bool_or(a.status <> 'graded'), false) AS waits,
        coalesce(bool_or(a.graded_by = 'ai'), false) AS by_ai,
        coalesce(bool_or(a.graded_by = 'teacher'), false) AS by_teacher
    FROM app.student_answers a
    WHERE a.district_id = s.district_id AND a.submission_id = s.id AND a.counts
) graded
WHERE s.district_id = %(district_id)s AND s.assignment_id = ANY(%(assignments)s::uuid[])
    AND s.student_id = ANY(%(students)s::uuid[]) AND s.deleted_at IS NULL
ORDER BY s.attempt_number
"""

# What single students need in the class, and what they are granted for one assignment.
_NEEDS = """
SELECT student_id, NULL::uuid AS assignment_id, time_multiplier, due_shift_hours, NULL::timestamptz AS due_at,
    NULL::timestamptz AS available_until, 0 AS extra_attempts, 0 AS extra_minutes
FROM app.accommodations
WHERE district_id = %(district_id)s AND class_id = %(class_id)s AND student_id = ANY(%(students)s::uuid[])
UNION ALL
SELECT student_id, assignment_id, 1, 0, due_at, available_until, extra_attempts, extra_minutes
FROM app.assignment_extensions
WHERE district_id = %(district_id)s AND assignment_id = ANY(%(assignments)s::uuid[])
    AND student_id = ANY(%(students)s::uuid[])
"""

Cell = tuple[UUID, UUID]
"""Student and assignment."""


@dataclass(frozen=True, slots=True)
class HeldGrade:
    """A grade as it is stored, or, with a teacher's word just given, as it is about to be."""

    id: UUID | None = None
    submission_id: UUID | None = None
    score: Decimal | None = None
    possible: Decimal = Decimal(0)
    percent: Decimal | None = None
    status: str = GradeStatus.NO_SCORE
    source: str = GradeSource.AUTOMATIC
    entered_score: Decimal | None = None
    is_entered: bool = False
    deduction: Decimal = Decimal(0)
    late_seconds: int = 0
    late_seconds_override: int | None = None
    is_excused: bool = False
    is_missing: bool | None = None
    is_posted: bool = False
    posted_at: datetime | None = None
    override_score: Decimal | None = None
    override_reason: str | None = None
    overridden_by: UUID | None = None
    overridden_at: datetime | None = None
    policy_version: int = 0


# The columns in the order of the fields: a class has ten thousands of these rows.
_GRADES = f"""
SELECT student_id, assignment_id, {", ".join(HeldGrade.__slots__)}
FROM app.grades
WHERE district_id = %(district_id)s AND class_id = %(class_id)s AND student_id = ANY(%(students)s::uuid[])
"""


@dataclass(frozen=True)
class Cells:
    """Which grades: of a class, and of it only some assignments or students; None is all of them."""

    class_id: UUID
    assignment_ids: tuple[UUID, ...] | None = None
    student_ids: tuple[UUID, ...] | None = None


@dataclass(frozen=True, slots=True)
class Attempt:
    """An attempt handed in, in points of its assignment."""

    row: Row[Any]
    score: Decimal
    late_by: int

    def penalised(self, worth: Decimal, policy: LatePolicy | None, *, is_excused: bool) -> AttemptScore:
        lost = late_deduction(self.score, worth, self.late_by, policy, is_excused=is_excused)
        return AttemptScore(self.row.attempt_number, self.score, lost)

    @property
    def source(self) -> GradeSource:
        if self.row.by_teacher:
            return GradeSource.TEACHER
        return GradeSource.AI if self.row.by_ai else GradeSource.AUTOMATIC


@dataclass(frozen=True)
class Facts:
    """All that the grades of some students in one class follow from."""

    class_id: UUID
    school_id: UUID
    students: dict[UUID, bool]
    """Each student, and whether the place in the class is still held."""
    policy: GradingPolicy
    assignments: dict[UUID, Row[Any]]
    """Those the class was given, put away or not."""
    attempts: dict[Cell, list[Row[Any]]]
    accommodations: dict[UUID, Accommodation]
    extensions: dict[Cell, Extension]
    grades: dict[Cell, HeldGrade]
    new_names: Mapping[str, str] = field(default_factory=dict)
    """New names of categories by the old ones in small letters: of a policy that is only tried out."""
    _class_dates: dict[UUID, Dates] = field(default_factory=dict, init=False)
    _categories: dict[str, str | None] = field(default_factory=dict, init=False)

    def dates(self, student_id: UUID, assignment: Row[Any]) -> Dates:
        """Return the student's own dates for an assignment."""
        needs = self.accommodations.get(student_id)
        granted = self.extensions.get((student_id, assignment.id)) if self.extensions else None
        general = self._class_dates.get(assignment.id)
        if general is None:
            general = self._class_dates[assignment.id] = _dates_of(assignment)
        return general if needs is None and granted is None else effective_dates(general, needs, granted)

    def category_id(self, name: str) -> str | None:
        """Return the id of the category that assignments call so, whatever the case of its letters."""
        if name not in self._categories:
            old_name = name.casefold()
            new_name = self.new_names.get(old_name, old_name).casefold()
            ids = (rule.id for rule in self.policy.categories if rule.name.casefold() == new_name)
            self._categories[name] = next(ids, None)
        return self._categories[name]

    def handed_in(
        self, student_id: UUID, assignment: Row[Any], *, late_override: int | None
    ) -> list[Attempt]:
        """Return the attempts that are over, scaled to what the assignment is worth, with their lateness."""
        dates = self.dates(student_id, assignment)
        found = []
        for row in self.attempts.get((student_id, assignment.id), ()):
            if row.submitted_at is not None:
                end = attempt_ends_at(row.started_at, dates)
                moment = row.submitted_at if end is None else min(row.submitted_at, end)
                late_by = seconds_late(moment, dates.due_at) if late_override is None else late_override
                score = scaled(row.score, possible=row.possible, worth=assignment.worth)
                found.append(Attempt(row, score, late_by))
        return found

    def has_open_attempt(self, student_id: UUID, assignment_id: UUID) -> bool:
        return any(row.submitted_at is None for row in self.attempts.get((student_id, assignment_id), ()))

    def is_due(self, student_id: UUID, assignment: Row[Any], now: datetime) -> bool:
        due_at = self.dates(student_id, assignment).due_at
        return due_at is not None and seconds_late(now, due_at) > 0


def _dates_of(assignment: Row[Any]) -> Dates:
    return Dates(
        assignment.available_at,
        assignment.due_at,
        assignment.available_until,
        time_limit_minutes=assignment.time_limit_minutes,
        max_attempts=assignment.max_attempts,
    )


def attempt_policy_of(assignment: Row[Any]) -> AttemptPolicy:
    return AttemptPolicy(assignment.attempt_policy)


async def read_facts(session: AsyncSession, cells: Cells, *, to_explain: bool = False) -> Facts | None:
    """Lock the students' places and read what their grades follow from; None where nobody has a place.

    `to_explain`: nobody waits for a reader, and the assignments asked for are read even when they count no more.
    """
    context: TenantContext = session.info["context"]
    tenant: dict[str, Any] = {"district_id": context.tenant.value, "class_id": cells.class_id}
    wanted = None if cells.student_ids is None else sorted(set(cells.student_ids))
    statement = _PLACES if to_explain else _LOCKED_PLACES
    places = list(await run(session, statement, {**tenant, "students": wanted}))
    if not places:
        return None
    policy = (await run(session, _POLICY, tenant)).one_or_none()
    also = {"also": list(cells.assignment_ids or ()) if to_explain else []}
    assignments = {row.id: row for row in await run(session, _ASSIGNMENTS, tenant | also)}
    asked = [key for key in assignments if cells.assignment_ids is None or key in set(cells.assignment_ids)]
    keys = {**tenant, "students": [place.student_id for place in places], "assignments": asked}
    attempts: dict[Cell, list[Row[Any]]] = defaultdict(list)
    for row in await run(session, _ATTEMPTS, keys):
        attempts[row.student_id, row.assignment_id].append(row)
    needs = list(await run(session, _NEEDS, keys))
    grades = {(row[0], row[1]): HeldGrade(*row[2:]) for row in await run(session, _GRADES, keys)}
    return Facts(
        class_id=cells.class_id,
        school_id=places[0].school_id,
        students={place.student_id: place.is_enrolled for place in places},
        policy=GradingPolicy() if policy is None else policy_of(policy.version, policy.content),
        assignments=assignments,
        attempts=attempts,
        accommodations={
            row.student_id: Accommodation(row.time_multiplier, row.due_shift_hours)
            for row in needs
            if row.assignment_id is None
        },
        extensions={
            (row.student_id, row.assignment_id): Extension(
                row.due_at, row.available_until, row.extra_attempts, row.extra_minutes
            )
            for row in needs
            if row.assignment_id is not None
        },
        grades=grades,
    )

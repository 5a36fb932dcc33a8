"""Two pupils under 13 whose guardians were asked: one said yes to all but disclosure, one no to models too."""

from datetime import date
from uuid import UUID

import numpy as np
import polars as pl

from api.consents.notice import current_version
from core.consents import seal_birth_date
from core.encryption import ColumnKeys
from core.models import ConsentBasis, ConsentDecision, ConsentScope
from core.permissions import Permission
from core.tenancy import TenantId
from ops.demo.identifiers import uuid7_strings
from ops.demo.roll import Roll, Tables, stamps
from ops.demo.semester import DAY, Semester, moment

OLDEST_GRADE = 5
"""Ten or eleven years old; older pupils were brought in by their school, without a birth date."""

_GRANTED, _DECLINED = ConsentDecision.GRANTED, ConsentDecision.DECLINED
_ANSWERS = (
    {ConsentScope.COLLECTION: _GRANTED, ConsentScope.AI_PROCESSING: _GRANTED},
    {ConsentScope.COLLECTION: _GRANTED, ConsentScope.AI_PROCESSING: _DECLINED},
)
_READS = (("enrollment", Permission.GRADEBOOK_READ), ("grade", Permission.GRADEBOOK_READ))


def asked_about(roll: Roll) -> list[int]:
    """Return the rows of `users` whose guardians were asked: the last two of the elementary school, if any."""
    young = roll.people.users.with_row_index("row").filter(pl.col("grade_level") <= OLDEST_GRADE)
    return [int(row) for row in young["row"].tail(len(_ANSWERS))]


def with_birth_dates(
    users: pl.DataFrame, roll: Roll, columns: ColumnKeys, semester: Semester
) -> pl.DataFrame:
    """Return the rows of `users` with the encrypted birth dates of those two."""
    sealed: list[str | None] = [None] * len(users)
    for row in asked_about(roll):
        birth_date = date(moment(semester.end).year - 6 - users["grade_level"][row], 3, 14)
        value = seal_birth_date(columns, birth_date, TenantId.from_command_line(UUID(roll.district_id)))
        sealed[row] = rf"\x{value.hex()}"
    return users.with_columns(birth_date_encrypted=pl.Series(sealed, dtype=pl.String))


def consent_tables(roll: Roll, semester: Semester, random: np.random.Generator) -> Tables:
    """Return the guardians' decisions, and what the teacher of a class has read about these pupils since."""
    decided = semester.start - 20 * DAY
    decisions = [
        (row, scope.value, answer.get(scope, _DECLINED).value)
        for row, answer in zip(asked_about(roll), _ANSWERS, strict=False)
        for scope in ConsentScope
    ]
    consents = pl.DataFrame(decisions, schema=["row", "scope", "decision"], orient="row").select(
        district_id=pl.lit(roll.district_id),
        school_id=roll.school_of_users([row for row, _, _ in decisions]),
        id=uuid7_strings(np.full(len(decisions), decided, dtype=np.int64), random),
        student_id=roll.users.gather([row for row, _, _ in decisions]),
        scope="scope",
        decision="decision",
        basis=pl.lit(ConsentBasis.PARENT.value),
        notice_version=pl.lit(current_version()),
        method=pl.lit("email_link"),
        decided_at=moment(decided),
        **stamps(moment(decided)),
    )
    return {"consents": consents, "audit_events": _reads(roll, semester, random)}


def _reads(roll: Roll, semester: Semester, random: np.random.Generator) -> pl.DataFrame:
    """What their own list of disclosures shows: the roster and the gradebook, in the last week."""
    teachers = roll.people.enrollments.join(roll.people.classes.with_row_index("class"), on="class")
    first = teachers.unique("student", keep="first", maintain_order=True)
    reads = [
        (row, teacher, noun, purpose.value)
        for row, teacher in first.filter(pl.col("student").is_in(asked_about(roll)))
        .select("student", "teacher")
        .iter_rows()
        for noun, purpose in _READS
    ]
    students = roll.users.gather([student for student, _, _, _ in reads])
    read_at = semester.end - 3 * DAY
    return pl.DataFrame(
        {
            "district_id": [roll.district_id] * len(reads),
            "school_id": roll.school_of_users([student for student, _, _, _ in reads]),
            "id": uuid7_strings(np.full(len(reads), read_at, dtype=np.int64), random),
            "actor_id": roll.users.gather([teacher for _, teacher, _, _ in reads]),
            "subject_id": students,
            "action": ["read"] * len(reads),
            "object_type": [noun for _, _, noun, _ in reads],
            "object_id": students,
            "purpose": [purpose for _, _, _, purpose in reads],
            "details": ["{}"] * len(reads),
            "occurred_at": [moment(read_at)] * len(reads),
        }
    )

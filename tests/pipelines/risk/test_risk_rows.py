"""What becomes of a teacher's flags when the pipeline assesses again."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import polars as pl
import psycopg
import pytest
from sqlalchemy.orm import Session

from core.tenancy import TenantId
from pipelines.resources import PostgresResource
from pipelines.risk.rows import Change, replace_flags
from tests.factories.world import DistrictBench, make_district_bench

MONDAY = datetime(2026, 11, 2, 6, tzinfo=UTC)


@dataclass(frozen=True)
class Flags:
    """The flag of one student, written as the pipeline does and read as the superuser."""

    postgres: PostgresResource
    tenant: TenantId
    bench: DistrictBench
    admin: psycopg.Connection

    def write(self, level: str, probability: float = 0.7, *, day: int = 0, **changes: Any) -> Change:
        school = self.bench.schools[0]
        row = {
            "district_id": str(self.tenant),
            "school_id": str(school.school.id),
            "class_id": str(school.school_class.id),
            "student_id": str(school.classmate.id),
            "level": level,
            "probability": probability,
            "reasons": ['Some "work" came late.'],
        }
        with self.postgres.transaction(self.tenant) as connection:
            return replace_flags(
                connection, self.tenant, pl.DataFrame([row | changes]), as_of=MONDAY + timedelta(days=day)
            )

    def answer(self, status: str, note: str) -> None:
        teacher = self.bench.schools[0].teacher
        self.admin.execute(
            "UPDATE app.risk_flags SET status = %s, note = %s, decided_by = %s, decided_at = now() "
            "WHERE student_id = %s AND cleared_at IS NULL",
            [status, note, teacher.id, self.student],
        )

    @property
    def student(self) -> Any:
        return self.bench.schools[0].classmate.id

    def rows(self, columns: str) -> list[tuple[Any, ...]]:
        # columns are of this file
        statement = f"SELECT {columns} FROM app.risk_flags WHERE student_id = %s ORDER BY raised_at"
        return self.admin.execute(statement, [self.student]).fetchall()

    def history(self) -> list[tuple[Any, ...]]:
        return self.admin.execute(
            "SELECT line.version, line.level, line.status, line.note, actor_id IS NOT NULL, is_cleared "
            "FROM app.risk_flag_history AS line JOIN app.risk_flags AS flag ON flag.id = line.flag_id "
            "WHERE student_id = %s ORDER BY flag.raised_at, line.version",
            [self.student],
        ).fetchall()


@pytest.fixture
def flags(
    postgres: PostgresResource, tenant: TenantId, bench: DistrictBench, admin: psycopg.Connection
) -> Flags:
    """The flags the world begins with are cleared by the first writing."""
    return Flags(postgres, tenant, bench, admin)


def test_a_new_flag_is_open_and_begins_its_history(flags: Flags) -> None:
    assert flags.write("concern") == Change(written=1, cleared=2)
    assert flags.rows("level, status, reasons, raised_at, level_since, as_of") == [
        ("concern", "open", ['Some "work" came late.'], MONDAY, MONDAY, MONDAY)
    ]
    assert flags.history() == [(1, "concern", "open", None, False, False)]


def test_a_flag_that_did_not_change_stays_untouched(flags: Flags) -> None:
    flags.write("concern")
    assert flags.write("concern", day=1) == Change(written=0, cleared=0)
    assert flags.rows("as_of") == [(MONDAY,)]


def test_fresh_numbers_make_no_history(flags: Flags) -> None:
    flags.write("concern", 0.7)
    assert flags.write("concern", 0.72, day=1, reasons=["Late."]) == Change(written=1, cleared=0)
    assert flags.rows("probability, reasons, level_since") == [(0.72, ["Late."], MONDAY)]
    assert len(flags.history()) == 1


def test_a_rising_level_opens_the_flag_again_and_the_answer_survives(flags: Flags) -> None:
    flags.write("watch")
    flags.answer("dismissed", "was ill")
    flags.write("urgent", 0.9, day=3)
    assert flags.rows("level, status, note, level_since") == [
        ("urgent", "open", "was ill", MONDAY + timedelta(days=3))
    ]
    assert flags.history() == [
        (1, "watch", "open", None, False, False),
        (2, "watch", "dismissed", "was ill", True, False),
        (3, "urgent", "open", "was ill", False, False),
    ]


def test_a_falling_level_leaves_the_answer_alone(flags: Flags) -> None:
    flags.write("urgent")
    flags.answer("acted", "called home")
    flags.write("watch", 0.5, day=1)
    assert flags.rows("level, status, note") == [("watch", "acted", "called home")]
    assert flags.history()[-1] == (3, "watch", "acted", "called home", False, False)


@pytest.mark.parametrize("level", ["none", "not_enough_evidence"])
def test_a_flag_without_a_level_is_cleared_and_the_next_is_a_flag_of_its_own(
    flags: Flags, level: str
) -> None:
    flags.write("watch")
    assert flags.write(level, day=1) == Change(written=0, cleared=1)
    flags.write("watch", day=2)
    assert flags.rows("cleared_at, status") == [(MONDAY + timedelta(days=1), "open"), (None, "open")]
    assert [line[-1] for line in flags.history()] == [False, True, False]


def test_another_districts_flags_can_neither_be_written_nor_cleared(flags: Flags, rows: Session) -> None:
    other = make_district_bench(rows)
    foreign = other.schools[0]
    change = flags.write(
        "urgent",
        district_id=str(other.district.district_id),
        school_id=str(foreign.school.id),
        class_id=str(foreign.school_class.id),
        student_id=str(foreign.student.id),
    )
    assert change == Change(written=0, cleared=2)
    standing = flags.admin.execute(
        "SELECT level FROM app.risk_flags WHERE district_id = %s AND cleared_at IS NULL",
        [other.district.district_id],
    ).fetchall()
    assert standing == [("concern",), ("concern",)]

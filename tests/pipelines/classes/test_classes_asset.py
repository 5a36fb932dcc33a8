from decimal import Decimal
from typing import Any

import psycopg
import pytest
from sqlalchemy.orm import Session

from pipelines.classes.assets import class_performance
from tests.factories.world import DistrictBench, make_district_bench
from tests.pipelines.conftest import RUN_ID, Caller
from warehouse.classes import CLASS_PERFORMANCE
from warehouse.verification import scan_mart
from warehouse.writer import staged_entry


def _classes(call: Caller) -> dict[str, dict[str, Any]]:
    call(class_performance)
    entry = staged_entry(call.folder, "class_performance", RUN_ID)
    assert entry is not None
    assert entry.rows == entry.source_rows
    return {
        row["class_id"]: row for row in scan_mart(call.folder, CLASS_PERFORMANCE, entry).collect().to_dicts()
    }


def test_approved_students_count_pending_ones_and_other_districts_do_not(
    call: Caller, bench: DistrictBench, rows: Session
) -> None:
    make_district_bench(rows)
    found = {class_id: row["student_count"] for class_id, row in _classes(call).items()}
    expected = {str(school.school_class.id): 2 for school in bench.schools}
    assert found == expected | {str(school.other_class.id): 1 for school in bench.schools}


def test_only_finished_grades_and_handed_in_work_count(
    call: Caller, bench: DistrictBench, admin: psycopg.Connection
) -> None:
    school = bench.schools[0]
    before = _classes(call)[str(school.school_class.id)]
    assert (before["graded_count"], before["average_percent"], before["completion_percent"]) == (0, None, 0.0)
    admin.execute("UPDATE app.grades SET status = 'graded', score = 3 WHERE id = %s", [school.grade.id])
    admin.execute(
        "UPDATE app.student_submissions SET status = 'graded' WHERE id = %s", [school.submission.id]
    )
    after = _classes(call)[str(school.school_class.id)]
    expected = float(100 * Decimal(3) / school.grade.possible)
    assert (after["graded_count"], after["average_percent"], after["completion_percent"]) == (
        1,
        expected,
        50.0,
    )
    assert after["is_small_cell"]


def test_a_deleted_class_has_no_row(call: Caller, bench: DistrictBench, admin: psycopg.Connection) -> None:
    gone = bench.schools[0].other_class.id
    admin.execute("UPDATE app.classes SET deleted_at = now() WHERE id = %s", [gone])
    assert str(gone) not in _classes(call)


def test_a_class_carries_what_comparisons_filter_by(call: Caller, bench: DistrictBench) -> None:
    school_class = bench.schools[0].school_class
    row = _classes(call)[str(school_class.id)]
    assert (row["subject"], row["grade_level"], row["school_year"]) == (
        school_class.subject,
        school_class.grade_level,
        school_class.school_year,
    )


def test_a_deduction_enters_the_percent_unrounded(
    call: Caller, bench: DistrictBench, admin: psycopg.Connection
) -> None:
    school = bench.schools[0]
    admin.execute(
        "UPDATE app.grades SET status = 'graded', score = 1.23456789 WHERE id = %s", [school.grade.id]
    )
    after = _classes(call)[str(school.school_class.id)]
    assert after["average_percent"] == pytest.approx(30.86419725, abs=1e-12)

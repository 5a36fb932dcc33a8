from decimal import Decimal
from typing import Any

import polars as pl
import psycopg
from sqlalchemy.orm import Session

from core.tenancy import TenantId
from pipelines.gradebook.assets import class_grades, gradebook
from pipelines.gradebook.recomputation import differences
from tests.factories.world import DistrictBench, make_district_bench
from tests.pipelines.conftest import RUN_ID, Caller, written
from warehouse.gradebook import CLASS_GRADES, GRADEBOOK
from warehouse.verification import scan_mart
from warehouse.writer import staged_entry


def _grades(call: Caller) -> dict[str, dict[str, Any]]:
    call(class_grades)
    entry = staged_entry(call.folder, "class_grades", RUN_ID)
    assert entry is not None
    assert entry.rows == entry.source_rows
    found = scan_mart(call.folder, CLASS_GRADES, entry).collect().to_dicts()
    return {row["student_id"]: row for row in found}


def test_overall_grades_are_the_gradebooks_to_the_last_digit(
    call: Caller, bench: DistrictBench, rows: Session, admin: psycopg.Connection
) -> None:
    make_district_bench(rows)
    school = bench.schools[0]
    admin.execute(
        "UPDATE app.class_grades SET current_percent = 93.83, current_letter = 'A-', override_percent = 94, "
        "override_letter = 'A', overridden_at = now(), policy_version = 3 WHERE id = %s",
        [school.class_grade.id],
    )
    found = _grades(call)
    assert set(found) == {str(school.student.id) for school in bench.schools}
    row = found[str(school.student.id)]
    assert (row["current_percent"], row["current_letter"]) == (Decimal("93.8300"), "A-")
    assert (row["final_percent"], row["all_final_letter"]) == (Decimal("50.0000"), "F")
    assert (row["is_overridden"], row["override_percent"], row["policy_version"]) == (
        True,
        Decimal("94.0000"),
        3,
    )


def test_who_has_left_a_class_has_no_row(
    call: Caller, bench: DistrictBench, admin: psycopg.Connection
) -> None:
    gone = bench.schools[0].student.id
    admin.execute("UPDATE app.class_enrollments SET status = 'removed' WHERE student_id = %s", [gone])
    assert str(gone) not in _grades(call)


def test_a_grade_without_anything_to_grade_by_is_null_in_percent_and_letter(
    call: Caller, bench: DistrictBench, admin: psycopg.Connection
) -> None:
    school = bench.schools[0]
    admin.execute(
        "UPDATE app.class_grades SET current_percent = NULL, current_letter = NULL WHERE id = %s",
        [school.class_grade.id],
    )
    row = _grades(call)[str(school.student.id)]
    assert (row["current_percent"], row["current_letter"]) == (None, None)


def test_grades_are_copied_exactly(call: Caller, bench: DistrictBench, admin: psycopg.Connection) -> None:
    school = bench.schools[0]
    admin.execute(
        "UPDATE app.grades SET score = 1.3333333333, percent = 66.67, entered_score = 2, deduction = 0.6666666667 "
        "WHERE id = %s",
        [school.grade.id],
    )
    call(gradebook)
    row = written(call, GRADEBOOK).row(by_predicate=pl.col("grade_id") == str(school.grade.id), named=True)
    assert (row["score"], row["deduction"]) == (Decimal("1.3333333333"), Decimal("0.6666666667"))


def test_an_overall_grade_that_does_not_follow_from_its_lines_is_named(
    call: Caller, bench: DistrictBench, tenant: TenantId, admin: psycopg.Connection
) -> None:
    school = bench.schools[0]
    admin.execute(
        "UPDATE app.class_grades SET all_current_percent = 12.34, policy_version = 1 WHERE id = %s",
        [school.class_grade.id],
    )
    call(class_grades)
    with call.resources["postgres"].snapshot(tenant) as moment:
        found = list(differences(moment.connection, tenant, written(call, CLASS_GRADES)))
    mine = [one for one in found if one.student_id == str(school.student.id)]
    assert [one.stored for one in mine if one.run == "all_current_percent"] == [Decimal("12.3400")]

from datetime import timedelta
from typing import Any

import psycopg
from sqlalchemy.orm import Session

from pipelines.attempts.assets import attempts, time_on_task
from tests.factories.world import DistrictBench, make_district_bench
from tests.pipelines.conftest import Caller, written
from warehouse.attempts import ATTEMPTS, TIME_ON_TASK


def _attempts(call: Caller) -> dict[str, dict[str, Any]]:
    call(attempts)
    return {row["submission_id"]: row for row in written(call, ATTEMPTS).to_dicts()}


def test_an_attempt_is_copied_with_the_students_own_due_date(
    call: Caller, bench: DistrictBench, rows: Session, admin: psycopg.Connection
) -> None:
    make_district_bench(rows)
    school = bench.schools[0]
    began = school.submission.started_at
    admin.execute(
        "UPDATE app.student_submissions SET status = 'submitted', submitted_at = %s, handed_in_by = 'student', "
        "active_ms = 61000 WHERE id = %s",
        [began + timedelta(hours=3), school.submission.id],
    )
    admin.execute(
        "UPDATE app.assignment_extensions SET due_at = %s WHERE assignment_id = %s",
        [began + timedelta(hours=1), school.assignment.id],
    )
    found = _attempts(call)
    assert set(found) == {str(one.submission.id) for one in bench.schools}
    row = found[str(school.submission.id)]
    assert (row["status"], row["is_late"], row["active_ms"]) == ("submitted", True, 61000)
    assert (row["answer_count"], row["question_count"], row["is_accommodated"]) == (2, 2, True)


def test_a_deleted_attempt_is_absent_and_takes_its_time_along(
    call: Caller, bench: DistrictBench, admin: psycopg.Connection
) -> None:
    gone = bench.schools[0].submission.id
    admin.execute("UPDATE app.student_submissions SET deleted_at = now() WHERE id = %s", [gone])
    assert str(gone) not in _attempts(call)
    call(time_on_task)
    assert written(call, TIME_ON_TASK)["student_id"].to_list() == [str(bench.schools[1].student.id)]

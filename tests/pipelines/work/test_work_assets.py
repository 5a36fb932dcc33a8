from typing import Any

import psycopg
import pytest

from pipelines.answers.assets import answers
from pipelines.attempts.assets import attempts
from pipelines.gradebook.assets import class_grades
from pipelines.items.assets import question_statistics
from pipelines.mastery.assets import concept_mastery
from pipelines.work.assets import assignment_completion, student_progress
from tests.factories.world import DistrictBench
from tests.pipelines.conftest import Caller, written
from warehouse.completion import ASSIGNMENT_COMPLETION
from warehouse.progress import STUDENT_PROGRESS


def _completion(call: Caller) -> dict[str, dict[str, Any]]:
    call(assignment_completion)
    return {row["assignment_id"]: row for row in written(call, ASSIGNMENT_COMPLETION).to_dicts()}


def test_an_assignment_counts_the_students_who_have_a_place(call: Caller, bench: DistrictBench) -> None:
    row = _completion(call)[str(bench.schools[0].assignment.id)]
    counts = {name: row[f"{name}_count"] for name in ("assigned", "not_started", "in_progress", "graded")}
    assert counts == {"assigned": 2, "not_started": 1, "in_progress": 1, "graded": 0}


def test_a_draft_and_a_deleted_assignment_are_absent(
    call: Caller, bench: DistrictBench, admin: psycopg.Connection
) -> None:
    school = bench.schools[0]
    admin.execute("UPDATE app.assignments SET deleted_at = now() WHERE id = %s", [school.assignment.id])
    assert set(_completion(call)) == {str(bench.schools[1].assignment.id)}


@pytest.fixture
def computed(call: Caller) -> Caller:
    for asset in (answers, attempts, class_grades, question_statistics, concept_mastery):
        call(asset)
    return call


def test_everybody_with_a_place_has_progress_even_without_an_answer(
    computed: Caller, bench: DistrictBench
) -> None:
    computed(student_progress)
    found = {row["student_id"]: row for row in written(computed, STUDENT_PROGRESS).to_dicts()}
    school = bench.schools[0]
    places = ("student", "classmate", "other_student")
    assert set(found) == {str(getattr(one, name).id) for one in bench.schools for name in places}
    own, idle = found[str(school.student.id)], found[str(school.classmate.id)]
    assert (own["assigned_count"], own["done_count"], own["completion_percent"]) == (1, 0, 0.0)
    assert (own["attempt_count"], own["answer_count"], own["concept_count"]) == (1, 1, 1)
    assert (idle["assigned_count"], idle["done_count"], idle["share_right"]) == (1, 0, None)
    assert idle["last_answered_at"] is None

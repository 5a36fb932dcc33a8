from dataclasses import replace
from typing import Any

import polars as pl
import psycopg
import pytest
from sqlalchemy.orm import Session

from core.ids import new_id
from core.tenancy import TenantId
from pipelines.answers.assets import answers
from pipelines.items.assets import question_statistics
from pipelines.mastery.assets import concept_mastery
from pipelines.paths.assets import learning_paths
from pipelines.paths.checks import broken_paths, steps_before_their_prerequisites
from tests.factories.question_bank import make_bank, make_bank_question, tag_bank_question
from tests.factories.world import DistrictBench
from tests.pipelines.conftest import Caller, written
from warehouse.progress import LEARNING_PATHS


@pytest.fixture
def computed(call: Caller) -> Caller:
    for asset in (answers, question_statistics, concept_mastery):
        call(asset)
    return call


def _paths(call: Caller) -> dict[str, list[dict[str, Any]]]:
    """Each student's steps, in order."""
    call(learning_paths)
    paths: dict[str, list[dict[str, Any]]] = {}
    for row in written(call, LEARNING_PATHS).to_dicts():
        paths.setdefault(row["student_id"], []).append(row)
    return paths


def test_everybody_in_a_class_that_practises_something_has_a_path(
    computed: Caller, bench: DistrictBench
) -> None:
    paths = _paths(computed)
    school = bench.schools[0]
    assert set(paths) == {str(person.id) for one in bench.schools for person in (one.student, one.classmate)}
    base, concept = paths[str(school.classmate.id)]
    assert (base["concept_id"], concept["concept_id"]) == (str(bench.prerequisite.id), str(bench.concept.id))
    assert (base["rank"], base["band"], base["mastery_percent"]) == (1, "not_seen", None)
    assert base["reason"].startswith("Assigned work builds on it. No answer on it yet.")
    assert concept["reason"].startswith("Assigned work practises it. No answer on it yet.")


def test_what_was_answered_stands_as_mastery_says(computed: Caller, bench: DistrictBench) -> None:
    steps = {step["concept_id"]: step for step in _paths(computed)[str(bench.schools[0].student.id)]}
    own = steps[str(bench.concept.id)]
    assert own["band"] == "not_enough_evidence"
    assert own["p_next_right"] == pytest.approx(own["mastery_percent"] / 100)


def test_work_put_away_or_handed_in_is_due_no_more(
    computed: Caller, bench: DistrictBench, admin: psycopg.Connection
) -> None:
    first, second = bench.schools
    admin.execute("UPDATE app.assignments SET status = 'archived' WHERE id = %s", [first.assignment.id])
    admin.execute(
        "UPDATE app.student_submissions SET submitted_at = now() WHERE id = %s", [second.submission.id]
    )
    paths = _paths(computed)
    for person in (first.student, first.classmate, second.student):
        assert not any("ssigned work" in step["reason"] for step in paths[str(person.id)])
    assert any("Assigned work practises" in step["reason"] for step in paths[str(second.classmate.id)])


def _questions(call: Caller, bench: DistrictBench) -> set[str]:
    steps = _paths(call)[str(bench.schools[0].classmate.id)]
    return {question for step in steps for question in step["question_ids"]}


def test_questions_come_from_the_teachers_own_banks_and_the_schools_shared_ones(
    computed: Caller, bench: DistrictBench, rows: Session
) -> None:
    first, second = bench.schools
    shared, hidden, elsewhere = (
        make_bank_question(rows, make_bank(rows, owner, is_shared=is_shared))
        for owner, is_shared in (
            (first.other_teacher, True),
            (first.other_teacher, False),
            (second.other_teacher, True),
        )
    )
    for question in (shared, hidden, elsewhere):
        tag_bank_question(rows, question, bench.concept)
    rows.commit()
    assert _questions(computed, bench) == {str(first.bank_question.id), str(shared.id)}


def test_a_deleted_question_is_not_suggested(
    computed: Caller, bench: DistrictBench, admin: psycopg.Connection
) -> None:
    question = bench.schools[0].bank_question.id
    assert _questions(computed, bench) == {str(question)}
    admin.execute("UPDATE app.bank_questions SET deleted_at = now() WHERE id = %s", [question])
    assert _questions(computed, bench) == set()


def test_a_district_without_data_has_no_paths(call: Caller) -> None:
    empty = replace(call, tenant=TenantId(new_id()))
    for asset in (answers, question_statistics, concept_mastery, learning_paths):
        empty(asset)
    assert written(empty, LEARNING_PATHS).is_empty()


def _steps(*concepts: str) -> pl.DataFrame:
    return pl.DataFrame(
        [("k", "s", rank, concept) for rank, concept in enumerate(concepts, start=1)],
        schema=["class_id", "student_id", "rank", "concept_id"],
        orient="row",
    )


def test_a_step_before_its_prerequisite_is_found() -> None:
    edges = pl.DataFrame({"concept_id": ["b", "z"], "prerequisite_id": ["a", "b"]})
    assert steps_before_their_prerequisites(_steps("a", "b", "c"), edges).is_empty()
    assert steps_before_their_prerequisites(_steps("b", "c", "a"), edges).height == 1


@pytest.mark.parametrize(
    "path",
    [_steps("a", "b").with_columns(pl.col("rank") + 1), _steps("a", "a"), _steps(*"abcdefghijk")],
    ids=["gap", "twice", "too long"],
)
def test_a_broken_path_is_found(path: pl.DataFrame) -> None:
    assert broken_paths(_steps(*"abcdefghij")).is_empty()
    assert broken_paths(path).height == 1

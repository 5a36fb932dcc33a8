from datetime import timedelta
from decimal import Decimal
from typing import Any

import polars as pl
import psycopg
from sqlalchemy.orm import Session

from core.ids import new_id
from core.models import StudentAnswer
from pipelines.answers.assets import answers
from tests.factories.saving import saved
from tests.factories.world import DistrictBench, make_district_bench
from tests.pipelines.conftest import RUN_ID, Caller
from warehouse.answers import ANSWERS
from warehouse.folder import DistrictFolder
from warehouse.verification import scan_mart
from warehouse.writer import staged_entry


def _mart(folder: DistrictFolder) -> pl.DataFrame:
    entry = staged_entry(folder, "answers", RUN_ID)
    assert entry is not None
    return scan_mart(folder, ANSWERS, entry).collect()


def _row(folder: DistrictFolder, answer: StudentAnswer) -> dict[str, Any]:
    return _mart(folder).row(by_predicate=pl.col("answer_id") == str(answer.id), named=True)


def _another_try(session: Session, first: StudentAnswer, score: Decimal | None) -> StudentAnswer:
    again = StudentAnswer(
        district_id=first.district_id,
        school_id=first.school_id,
        id=new_id(),
        submission_id=first.submission_id,
        assignment_id=first.assignment_id,
        question_id=first.question_id,
        student_id=first.student_id,
        client_seq=first.client_seq + 1,
        answer={"option_id": "a"},
        status="graded" if score is not None else "pending",
        is_correct=False,
        score=score,
        possible=first.possible,
        time_spent_ms=1,
        counts=False,
        answered_at=first.answered_at + timedelta(seconds=30),
    )
    return saved(session, again)


def test_a_graded_choice_carries_everything_later_marts_need(call: Caller, bench: DistrictBench) -> None:
    call(answers)
    school = bench.schools[0]
    row = _row(call.folder, school.choice_answer)
    expected = {
        "district_id": str(bench.district.district_id),
        "school_id": str(school.school.id),
        "class_id": str(school.school_class.id),
        "question_kind": "multiple_choice",
        "difficulty": "medium",
        "concept_ids": [str(bench.concept.id)],
        "student_id": str(school.student.id),
        "attempt_number": 1,
        "selected_option": "b",
        "is_correct": True,
        "score": Decimal("2.0000"),
        "possible": Decimal("2.0000"),
        "outcome": 1.0,
        "time_spent_ms": 20_000,
        "is_counted": True,
        "is_first_graded": True,
    }
    assert {name: row[name] for name in expected} == expected
    assert row["answered_at"] == school.choice_answer.answered_at


def test_a_free_response_without_a_grade_has_neither_outcome_nor_weight(
    call: Caller, bench: DistrictBench
) -> None:
    call(answers)
    row = _row(call.folder, bench.schools[0].free_answer)
    assert (row["outcome"], row["score"], row["selected_option"], row["is_first_graded"]) == (
        None,
        None,
        None,
        False,
    )
    assert row["concept_ids"] == []


def test_only_the_first_graded_try_in_an_attempt_is_evidence(
    call: Caller, bench: DistrictBench, rows: Session
) -> None:
    first = bench.schools[0].choice_answer
    second = _another_try(rows, first, Decimal(0))
    call(answers)
    assert _row(call.folder, first)["is_first_graded"]
    assert not _row(call.folder, second)["is_first_graded"]
    assert _row(call.folder, second)["outcome"] == 0.0


def test_deleted_attempts_and_other_districts_are_absent(
    call: Caller, bench: DistrictBench, rows: Session, admin: psycopg.Connection
) -> None:
    make_district_bench(rows)
    deleted = bench.schools[1].submission
    admin.execute("UPDATE app.student_submissions SET deleted_at = now() WHERE id = %s", [deleted.id])
    call(answers)
    assert set(_mart(call.folder)["submission_id"]) == {str(bench.schools[0].submission.id)}
    entry = staged_entry(call.folder, "answers", RUN_ID)
    assert entry is not None
    assert entry.source_rows == entry.rows == 2

from datetime import timedelta
from decimal import Decimal

import polars as pl
import psycopg
from sqlalchemy.orm import Session

from core.ids import new_id
from core.models import StudentAnswer
from pipelines.answers.assets import answers
from pipelines.mastery.assets import concept_mastery
from pipelines.struggling.assets import concept_flag_rows, struggling_flags
from tests.factories.assignment import make_choice_question, tag_question
from tests.factories.saving import saved
from tests.factories.world import DistrictBench
from tests.pipelines.conftest import RUN_ID, Caller
from warehouse.struggling import STRUGGLING_FLAGS
from warehouse.verification import scan_mart
from warehouse.writer import staged_entry


def _flags(call: Caller) -> pl.DataFrame:
    for asset in (answers, concept_mastery, struggling_flags):
        call(asset)
    entry = staged_entry(call.folder, "struggling_flags", RUN_ID)
    assert entry is not None
    return scan_mart(call.folder, STRUGGLING_FLAGS, entry).collect()


def _answer_wrongly(session: Session, bench: DistrictBench, times: int) -> None:
    school = bench.schools[0]
    for number in range(times):
        question = make_choice_question(session, school.assignment, position=10 + number)
        tag_question(session, question, bench.concept)
        answer = StudentAnswer(
            district_id=school.submission.district_id,
            school_id=school.submission.school_id,
            id=new_id(),
            submission_id=school.submission.id,
            assignment_id=school.assignment.id,
            question_id=question.id,
            student_id=school.student.id,
            client_seq=1,
            answer={"option_id": "a"},
            status="graded",
            is_correct=False,
            score=Decimal(0),
            possible=Decimal(2),
            time_spent_ms=1,
            counts=True,
            answered_at=school.choice_answer.answered_at + timedelta(minutes=number),
        )
        saved(session, answer)


def test_a_student_who_keeps_failing_is_flagged_with_reasons(
    call: Caller, bench: DistrictBench, rows: Session
) -> None:
    _answer_wrongly(rows, bench, 8)
    (flag,) = _flags(call).to_dicts()
    school = bench.schools[0]
    assert (flag["student_id"], flag["concept_id"], flag["rank"]) == (
        str(school.student.id),
        str(bench.concept.id),
        1,
    )
    assert flag["school_id"] == str(school.school.id)
    assert flag["reasons"]


def test_one_answer_flags_nobody(call: Caller) -> None:
    assert _flags(call).is_empty()


def test_the_table_in_postgres_becomes_the_mart(
    call: Caller, bench: DistrictBench, rows: Session, admin: psycopg.Connection
) -> None:
    _answer_wrongly(rows, bench, 8)
    mart = _flags(call)
    call(concept_flag_rows)
    table = admin.execute(
        "SELECT student_id::text, concept_id::text, rank, reasons FROM app.concept_flags WHERE district_id = %s",
        [bench.district.district_id],
    ).fetchall()
    assert table == mart.select("student_id", "concept_id", "rank", "reasons").rows()
    assert table

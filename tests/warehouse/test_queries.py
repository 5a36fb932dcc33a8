from collections.abc import Callable
from datetime import date
from uuid import uuid4

import pytest

from tests.warehouse.conftest import CLASS_ID, NOW
from warehouse import class_queries, comparison_queries, queries, student_queries
from warehouse.catalog import MARTS
from warehouse.folder import DistrictFolder
from warehouse.manifest import publish
from warehouse.reader import MartQuery, answer
from warehouse.writer import write_mart

STUDENTS = [uuid4(), uuid4()]


@pytest.mark.parametrize(
    "build",
    [
        lambda: queries.class_performance(CLASS_ID),
        lambda: queries.class_mastery(CLASS_ID, STUDENTS),
        lambda: queries.class_struggling(CLASS_ID, STUDENTS),
        lambda: class_queries.class_students(CLASS_ID, STUDENTS),
        lambda: class_queries.class_summary(CLASS_ID),
        lambda: class_queries.assignment_distribution(CLASS_ID, uuid4()),
        lambda: class_queries.class_questions(CLASS_ID, limit=5),
        lambda: class_queries.class_questions(CLASS_ID, assignment_id=uuid4(), after=uuid4(), limit=5),
        lambda: class_queries.class_question(CLASS_ID, uuid4()),
        lambda: class_queries.question_answers(CLASS_ID, uuid4(), after=None, limit=5),
        lambda: class_queries.class_time(CLASS_ID, after=None, limit=5),
        lambda: class_queries.assignment_time(CLASS_ID, uuid4(), STUDENTS),
        lambda: class_queries.class_activity(CLASS_ID, since=date(2026, 1, 1), until=date(2026, 2, 1)),
        lambda: class_queries.class_concepts(CLASS_ID, STUDENTS),
        lambda: class_queries.class_completion(CLASS_ID, after=None, limit=5),
        lambda: student_queries.student_progress(STUDENTS[0], [CLASS_ID]),
        lambda: student_queries.graded_assignments(STUDENTS[0]),
        lambda: student_queries.student_velocity(STUDENTS[0]),
        lambda: student_queries.student_concepts(STUDENTS[0], [CLASS_ID]),
        lambda: student_queries.concept_history(STUDENTS[0], uuid4()),
        lambda: student_queries.concept_evidence(STUDENTS[0], uuid4(), [CLASS_ID], limit=6),
        lambda: student_queries.student_answers(
            STUDENTS[0], [CLASS_ID], concept_id=None, before=None, limit=5
        ),
        lambda: student_queries.student_time(STUDENTS[0], [CLASS_ID], after=None, limit=5),
        lambda: student_queries.student_attempts(STUDENTS[0], [CLASS_ID], before=None, limit=5),
        lambda: student_queries.student_path(STUDENTS[0], [CLASS_ID]),
        comparison_queries.class_measures,
        lambda: comparison_queries.class_measures(subject="Art", grade_level=8, school_year="2026-2027"),
    ],
)
def test_every_query_runs_on_marts_without_rows(
    folder: DistrictFolder, build: Callable[[], MartQuery]
) -> None:
    entries = [write_mart(folder, mart, mart.empty(), version="run-1", as_of=NOW) for mart in MARTS.values()]
    publish(folder, entries, run_id="run-1", computed_at=NOW)
    assert answer(folder, build()).rows == []

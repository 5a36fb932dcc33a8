from datetime import timedelta

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.domain.calibration import calibrate
from core.domain.mastery_history import mastery_history, running_evidence
from tests.core.domain.test_mastery_batch import CONCEPTS, one_by_one, row


@settings(deadline=None, max_examples=50)
@given(st.lists(row, max_size=40))
def test_each_day_is_what_one_answer_at_a_time_gives_until_then(answer_frame, rows) -> None:
    answers = answer_frame([(s, q, CONCEPTS[q], days, y) for s, q, days, y in rows])
    calibration = calibrate(answers, version="v1")
    history = mastery_history(answers, calibration)
    days = answers["answered_at"].dt.date().unique()
    found = {(r["student_id"], r["concept_id"], r["day"]): r for r in history.iter_rows(named=True)}
    for day in days:
        until = answers.filter(pl.col("answered_at").dt.date() <= day)
        on_day = answers.filter(pl.col("answered_at").dt.date() == day)
        practised = {
            (r["student_id"], concept) for r in on_day.iter_rows(named=True) for concept in r["concept_ids"]
        }
        for key, expected in one_by_one(until, calibration).items():
            if key in practised:
                record = found.pop((*key, day))
                assert (record["band"], record["evidence_count"]) == (
                    expected.band,
                    expected.evidence.answer_count,
                )
                assert record["mastery_percent"] == pytest.approx(expected.mastery_percent, abs=1e-9)
                assert record["lower_percent"] == pytest.approx(expected.lower_percent, abs=1e-9)
    assert found == {}


def test_a_very_long_list_of_answers_neither_overflows_nor_fades_to_nothing() -> None:
    count = 20_000
    answers = pl.DataFrame(
        {
            "student": [1] * count,
            "moment": [number * 1_000_000 for number in range(count)],
            "residual": [0.5] * count,
            "variance": [0.25] * count,
        }
    )
    last = running_evidence(answers, "student", half_life_answers=5.0).row(-1, named=True)
    kept = 2 ** -(1 / 5 + timedelta(seconds=1) / timedelta(days=180))
    assert last["evidence_count"] == count
    assert last["evidence"] == pytest.approx(0.5 / (1 - kept))
    assert last["information"] == pytest.approx(0.25 / (1 - kept))

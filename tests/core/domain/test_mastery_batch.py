from datetime import datetime, timedelta

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.domain.calibration import Calibration, calibrate
from core.domain.logistic import logit
from core.domain.mastery import (
    CONCEPT_HALF_LIFE_ANSWERS,
    NO_EVIDENCE,
    STUDENT_HALF_LIFE_ANSWERS,
    GradedAnswer,
    Mastery,
    add_answer,
    mastery,
)
from core.domain.mastery_batch import mastery_by_concept

FOREVER = datetime.fromisoformat("2030-01-01T00:00:00+00:00")
CONCEPTS = {"q0": ["c0"], "q1": ["c1"], "q2": ["c0", "c1"], "q3": ["c2", "c0"], "q4": [], "q5": ["c2"]}

row = st.tuples(
    st.sampled_from(["s0", "s1", "s2"]),
    st.sampled_from(sorted(CONCEPTS)),
    st.sampled_from([0, 0.5, 3, 90]) | st.floats(0, 300),
    st.sampled_from([0.0, 1.0]) | st.floats(0, 1),
)


def one_by_one(answers: pl.DataFrame, calibration: Calibration) -> dict[tuple[str, str], Mastery]:
    """The incremental form over a whole frame, answer by answer."""
    rate = dict(calibration.questions.select("question_id", "rate").iter_rows())
    easiness = dict(calibration.concepts.select("concept_id", "mean_easiness").iter_rows())
    students, concepts, seen = {}, {}, set()
    for record in answers.sort("student_id", "answered_at", "answer_id").iter_rows(named=True):
        student, question = record["student_id"], record["question_id"]
        new = (student, question) not in seen
        seen.add((student, question))
        graded = GradedAnswer(record["outcome"], rate[question], record["answered_at"], first_on_question=new)
        state = students.get(student, NO_EVIDENCE)
        students[student] = add_answer(state, graded, half_life_answers=STUDENT_HALF_LIFE_ANSWERS)
        for concept in record["concept_ids"]:
            state = concepts.get((student, concept), NO_EVIDENCE)
            concepts[student, concept] = add_answer(
                state, graded, half_life_answers=CONCEPT_HALF_LIFE_ANSWERS
            )
    return {
        key: mastery(evidence, students[key[0]], mean_easiness=easiness[key[1]])
        for key, evidence in concepts.items()
    }


def assert_same(record: dict[str, object], expected: Mastery) -> None:
    assert record["band"] == expected.band
    assert record["below_threshold"] == expected.below_threshold
    assert record["evidence_count"] == expected.evidence.answer_count
    assert record["question_count"] == expected.evidence.question_count
    assert record["last_answered_at"] == expected.evidence.last_answered_at
    assert record["evidence"] == pytest.approx(expected.evidence.surplus, abs=1e-9)
    assert record["information"] == pytest.approx(expected.evidence.information, abs=1e-9)
    for name in (
        "mastery_percent",
        "lower_percent",
        "upper_percent",
        "standard_error",
        "ability",
        "p_below_threshold",
    ):
        assert record[name] == pytest.approx(getattr(expected, name), abs=1e-9), name


@settings(deadline=None)
@given(st.lists(row, max_size=60))
def test_the_whole_district_at_once_equals_one_answer_at_a_time(answer_frame, rows) -> None:
    answers = answer_frame([(s, q, CONCEPTS[q], days, y) for s, q, days, y in rows])
    calibration = calibrate(answers, version="v1")
    batch = mastery_by_concept(answers, calibration, as_of=FOREVER)
    expected = one_by_one(answers, calibration)
    assert list(zip(batch["student_id"], batch["concept_id"], strict=True)) == sorted(expected)
    for record in batch.iter_rows(named=True):
        assert_same(record, expected[record["student_id"], record["concept_id"]])


def many_answers(answer_frame) -> pl.DataFrame:
    return answer_frame(
        [
            (
                f"s{i * 13 % 20:02d}",
                f"q{i * 7 % 6}",
                CONCEPTS[f"q{i * 7 % 6}"],
                i * 11 % 90,
                (i * 29 % 10) / 9,
            )
            for i in range(3000)
        ]
    )


def test_the_order_of_the_rows_does_not_change_a_bit(answer_frame) -> None:
    answers = many_answers(answer_frame)
    calibration = calibrate(answers, version="v1")
    first = mastery_by_concept(answers, calibration, as_of=FOREVER)
    for seed in range(3):
        shuffled = answers.sample(fraction=1, shuffle=True, seed=seed)
        assert mastery_by_concept(shuffled, calibration, as_of=FOREVER).equals(first)


def test_under_one_calibration_a_student_does_not_depend_on_the_others(answer_frame) -> None:
    answers = many_answers(answer_frame)
    calibration = calibrate(answers, version="v1")
    alone = mastery_by_concept(answers.filter(pl.col("student_id") == "s03"), calibration, as_of=FOREVER)
    together = mastery_by_concept(answers, calibration, as_of=FOREVER)
    assert together.filter(pl.col("student_id") == "s03").equals(alone)


def test_answers_after_as_of_are_not_known_yet(answer_frame) -> None:
    answers = many_answers(answer_frame)
    calibration = calibrate(answers, version="v1")
    as_of = answers["answered_at"].min() + timedelta(days=30)
    known = answers.filter(pl.col("answered_at") <= as_of)
    assert 0 < known.height < answers.height
    then = mastery_by_concept(answers, calibration, as_of=as_of)
    assert then.equals(mastery_by_concept(known, calibration, as_of=FOREVER))


def test_numbers_do_not_sink_while_nobody_answers(answer_frame) -> None:
    answers = many_answers(answer_frame)
    calibration = calibrate(answers, version="v1")
    soon = mastery_by_concept(answers, calibration, as_of=answers["answered_at"].max())
    assert soon.equals(mastery_by_concept(answers, calibration, as_of=FOREVER))


def test_a_concept_newer_than_the_calibration_is_as_easy_as_the_district(answer_frame) -> None:
    calibration = calibrate(many_answers(answer_frame), version="v1")
    tonight = answer_frame([("s99", "new", ["geometry"], 0, 1.0)])
    record = mastery_by_concept(tonight, calibration, as_of=FOREVER).row(0, named=True)
    assert record["mean_easiness"] == pytest.approx(logit(calibration.mean_outcome))
    assert record["evidence"] == pytest.approx(1 - calibration.mean_outcome)


def test_a_concept_named_twice_on_a_question_counts_once(answer_frame) -> None:
    answers = answer_frame([("s0", "q", ["c", "c"], 0, 1.0)])
    record = mastery_by_concept(answers, calibrate(answers, version="v1"), as_of=FOREVER).row(0, named=True)
    assert record["evidence_count"] == 1


def test_no_answers_give_no_rows_but_all_columns(answer_frame) -> None:
    answers = answer_frame([])
    empty = mastery_by_concept(answers, calibrate(answers, version="v1"), as_of=FOREVER)
    full = mastery_by_concept(many_answers(answer_frame), calibrate(answers, version="v1"), as_of=FOREVER)
    assert empty.is_empty()
    assert empty.schema == full.schema

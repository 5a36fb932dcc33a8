import re
from datetime import UTC, datetime

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.domain.calibration import calibrate
from core.domain.logistic import logistic
from core.domain.mastery import SHIPPED_CONSTANTS, MasteryThresholds
from core.domain.mastery_batch import mastery_by_concept
from core.domain.struggling import (
    FALLS_SHORT_LOGITS,
    PROBABLE,
    STRONG,
    not_enough_evidence,
    struggling_flags,
)


def mastery(*rows: dict[str, object]) -> pl.DataFrame:
    """Rows as `mastery_by_concept` gives them; a struggling student on an average concept unless told."""
    usual = {
        "student_id": "ana",
        "concept_id": "fractions",
        "mastery_percent": 37.6,
        "lower_percent": 21.0,
        "upper_percent": 57.8,
        "evidence_count": 6,
        "question_count": 5,
        "evidence": 0.0,
        "information": 1.0,
        "mean_easiness": 1.0,
        "band": "struggling",
        "p_below_threshold": 0.92,
        "last_answered_at": datetime(2026, 10, 5, tzinfo=UTC),
    }
    return pl.DataFrame([usual | row for row in rows])


def test_a_flag_gives_its_number_and_what_it_rests_on() -> None:
    flag = struggling_flags(mastery({})).row(0, named=True)
    assert flag["reasons"] == [
        "Expected to get about 38 % right on this concept's usual questions (likely between 21 and 58 %); "
        "under 60 % with a probability of 92 %.",
        "Rests on 6 answers to 5 questions, the latest on 2026-10-05.",
    ]


def test_falling_short_here_and_hard_for_everyone_are_two_separate_sentences() -> None:
    falls_short = struggling_flags(mastery({"evidence": -0.9})).row(0, named=True)["reasons"]
    hard = struggling_flags(mastery({"mean_easiness": 0.0})).row(0, named=True)["reasons"]
    assert falls_short[1] == (
        "Seems to fall short here in particular: lower than a typical student on the same questions."
    )
    assert hard[1] == "Hard for everyone: a typical student gets 51 % of these questions right."
    assert len(falls_short) == len(hard) == 3


@pytest.mark.parametrize(("probability", "strength"), [(0.8, PROBABLE), (0.949, PROBABLE), (0.95, STRONG)])
def test_the_strength_of_a_flag_is_its_probability_in_a_word(probability: float, strength: str) -> None:
    assert struggling_flags(mastery({"p_below_threshold": probability}))["strength"].item() == strength


@pytest.mark.parametrize("band", ["not_enough_evidence", "developing", "secure"])
def test_only_struggling_is_flagged(band: str) -> None:
    assert struggling_flags(mastery({"band": band, "mastery_percent": 30.0})).is_empty()


def test_when_most_concepts_qualify_only_the_worst_few_of_each_student_are_listed() -> None:
    rows = [
        {"student_id": student, "concept_id": f"c{i}", "p_below_threshold": 0.80 + i / 100}
        for student in ("ben", "ana")
        for i in range(8)
    ]
    flags = struggling_flags(mastery(*rows), worst=3)
    assert flags.select("student_id", "rank", "concept_id").rows() == [
        ("ana", 1, "c7"),
        ("ana", 2, "c6"),
        ("ana", 3, "c5"),
        ("ben", 1, "c7"),
        ("ben", 2, "c6"),
        ("ben", 3, "c5"),
    ]


def test_equal_concepts_are_ranked_the_same_way_each_time() -> None:
    rows = [{"concept_id": concept} for concept in ("b", "c", "a")]
    assert struggling_flags(mastery(*rows))["concept_id"].to_list() == ["a", "b", "c"]


def test_what_cannot_be_judged_yet_is_said() -> None:
    frame = mastery({"band": "not_enough_evidence", "evidence_count": 2}, {"concept_id": "decimals"})
    assert not_enough_evidence(frame).rows() == [("ana", "fractions", 2)]


EXPECTATION = re.compile(
    r"Expected to get about (\d+) % right on this concept's usual questions "
    r"\(likely between (\d+) and (\d+) %\); under ([\d.]+) % with a probability of (\d+) %\."
)
HARD = re.compile(r"Hard for everyone: a typical student gets (\d+) % of these questions right\.")
RESTS_ON = re.compile(r"Rests on (\d+) answers to (\d+) questions, the latest on (\d{4}-\d\d-\d\d)\.")

attempt = st.tuples(st.sampled_from("abcdefgh"), st.sampled_from([0.0, 0.0, 0.5, 1.0]))


def whole(share: float) -> float:
    """The distance of a percent to the whole number in a sentence is at most a half."""
    return pytest.approx(share, abs=0.5 + 1e-9)


@settings(deadline=None, max_examples=40)
@given(st.lists(attempt, min_size=6, max_size=30), st.sampled_from([50.0, 60.0, 72.5]))
def test_every_number_in_every_sentence_is_the_data_s(answer_frame, attempts, limit) -> None:
    """The sentences are read back and every number is compared with what was computed."""
    rows = [(f"s{n % 2}", f"q{name}", ["c"], n / 7, outcome) for n, (name, outcome) in enumerate(attempts)]
    answers = answer_frame(rows)
    thresholds = MasteryThresholds(struggling_percent=limit, struggling_probability=0.5)
    calibration = calibrate(answers, version="v1")
    judged = mastery_by_concept(
        answers, calibration, as_of=answers["answered_at"].max(), thresholds=thresholds
    )
    truth = {row["student_id"]: row for row in judged.iter_rows(named=True)}
    flags = struggling_flags(judged, thresholds=thresholds)
    assert set(flags["student_id"]) == set(judged.filter(band="struggling")["student_id"])
    for flag in flags.iter_rows(named=True):
        row = truth[flag["student_id"]]
        first, *middle, last = flag["reasons"]
        numbers = [float(number) for number in EXPECTATION.fullmatch(first).groups()]
        wanted = ("mastery_percent", "lower_percent", "upper_percent")
        assert numbers[:3] == [whole(row[name]) for name in wanted]
        assert numbers[3:] == [limit, whole(100 * row["p_below_threshold"])]
        count, questions, day = RESTS_ON.fullmatch(last).groups()
        own = answers.filter(pl.col("student_id") == flag["student_id"])
        assert (int(count), int(questions)) == (own.height, own["question_id"].n_unique())
        assert day == own["answered_at"].max().date().isoformat()
        assert_middle_sentences_hold(middle, row, limit)


def assert_middle_sentences_hold(sentences: list[str], row: dict[str, float], limit: float) -> None:
    """Exactly the sentences that hold are said."""
    centre = SHIPPED_CONSTANTS.intercept + SHIPPED_CONSTANTS.easiness * row["mean_easiness"]
    typical = 100 * logistic(centre)
    hard = [HARD.fullmatch(sentence) for sentence in sentences if sentence.startswith("Hard")]
    assert bool(hard) == (typical < limit)
    assert [float(found.group(1)) for found in hard] == [whole(typical)] * len(hard)
    falls_short = row["evidence"] / (row["information"] + 2) <= FALLS_SHORT_LOGITS
    assert any(sentence.startswith("Seems to fall short") for sentence in sentences) == falls_short
    assert len(sentences) == len(hard) + falls_short

from dataclasses import replace
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.domain.risk import (
    NO_RISK,
    NOT_ENOUGH_EVIDENCE,
    RiskSignals,
    assess_risk,
    class_percentiles,
    reasons,
    risk_level,
    risk_probability,
)

GOOD = RiskSignals(
    counted_assignments=8,
    missing_assignments=0,
    grade_percent=Decimal("91.00"),
    class_percentile=0.8,
    handed_in_average=Decimal("91.00"),
    days_since_hand_in=3,
)
BAD = RiskSignals(
    counted_assignments=8,
    missing_assignments=4,
    grade_percent=Decimal("48.50"),
    class_percentile=0.2,
    handed_in_average=Decimal("72.00"),
    has_late_work=True,
    days_since_hand_in=28,
)


def test_the_worked_number() -> None:
    # -2.25 + 3.2·0.8 + 1.93·0.5 + 0.32 + 0.10 = 1.695
    assert risk_probability(BAD) == pytest.approx(0.84488, abs=1e-5)


def test_a_student_without_a_grade_stands_last() -> None:
    without = replace(BAD, class_percentile=None)
    assert risk_probability(without) == risk_probability(replace(BAD, class_percentile=0.0))


@pytest.mark.parametrize("days", [56, 100, None])
def test_silence_counts_for_at_most_eight_weeks(days: float | None) -> None:
    assert risk_probability(replace(BAD, days_since_hand_in=days)) == pytest.approx(0.85753, abs=1e-5)


def test_standing_in_a_class() -> None:
    grades = [Decimal(70), Decimal(50), Decimal(90), Decimal(70)]
    assert class_percentiles(grades) == [0.5, 0.125, 0.875, 0.5]
    assert class_percentiles([Decimal(10)]) == [0.5]
    assert class_percentiles([]) == []


@pytest.mark.parametrize("counted", [0, 1])
def test_before_two_counted_assignments_nothing_is_said(counted: int) -> None:
    early = replace(BAD, counted_assignments=counted, missing_assignments=0)
    assessment = assess_risk(early)
    assert (assessment.probability, assessment.level, assessment.reasons) == (None, NOT_ENOUGH_EVIDENCE, ())
    assert early.missing_share == 0.0


def test_a_student_in_trouble_is_urgent_and_the_reasons_come_strongest_first() -> None:
    signals = replace(
        BAD, is_last_counted_missing=True, struggling_prerequisites=2, is_answering_too_fast=True
    )
    assessment = assess_risk(signals)
    assert assessment.level == "urgent"
    assert assessment.reasons == (
        "The last counted assignment is missing.",
        "A third or more of the counted work is missing (4 of 8).",
        "The current grade is under 60 (48.5 %).",
        "Some work came late.",
        "Nothing has been handed in for 4 weeks.",
        "Struggling on 2 prerequisite concepts.",
        "Answers far faster than others; may be guessing.",
    )


def test_the_last_of_a_strong_class_is_no_victim() -> None:
    last = replace(GOOD, class_percentile=0.02, has_late_work=True)
    assessment = assess_risk(last)
    assert assessment.probability is not None
    assert assessment.probability > 0.5
    assert assessment.level == NO_RISK


def test_a_good_student_has_no_reasons() -> None:
    assert reasons(GOOD) == ()
    assert assess_risk(GOOD).level == NO_RISK


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"missing_assignments": 6}, "Two thirds or more of the counted work is missing (6 of 8)."),
        ({"grade_percent": Decimal(39)}, "The current grade is under 40 (39 %)."),
        ({"grade_percent": Decimal("69.99")}, "The current grade is under 70 (69.99 %)."),
        ({"handed_in_average": Decimal(59)}, "The average of handed-in work is under 60 (59 %)."),
        ({"days_since_hand_in": None}, "Nothing has been handed in yet."),
        ({"struggling_prerequisites": 1}, "Struggling on 1 prerequisite concept."),
    ],
)
def test_each_reason_has_its_sentence(changes: dict[str, object], sentence: str) -> None:
    assert reasons(replace(GOOD, **changes)) == (sentence,)


def test_a_student_without_grade_or_hand_in_has_no_sentence_about_them() -> None:
    assert reasons(replace(GOOD, grade_percent=None, handed_in_average=None)) == ()


def test_a_third_missing_is_an_absolute_reason_even_without_a_grade() -> None:
    signals = replace(
        BAD, grade_percent=None, class_percentile=None, counted_assignments=9, missing_assignments=3
    )
    assert assess_risk(signals).level != NO_RISK


@pytest.mark.parametrize(
    ("probability", "previous", "level"),
    [
        (0.49, NO_RISK, NO_RISK),
        (0.5, NO_RISK, "watch"),
        (0.65, NO_RISK, "concern"),
        (0.8, NO_RISK, "urgent"),
        (0.41, "watch", "watch"),
        (0.39, "watch", NO_RISK),
        (0.72, "urgent", "urgent"),
        (0.69, "urgent", "concern"),
        (0.45, "urgent", "watch"),
        (0.5, NOT_ENOUGH_EVIDENCE, "watch"),
        (0.72, "watch", "concern"),
    ],
)
def test_levels_rise_at_once_and_fall_with_hysteresis(probability: float, previous: str, level: str) -> None:
    assert risk_level(probability, previous) == level


@given(st.floats(0, 1), st.floats(0, 0.099))
def test_a_small_dip_never_takes_a_level_away(probability: float, dip: float) -> None:
    level = risk_level(probability)
    assert risk_level(probability - dip, level) == level


@given(st.floats(0, 1), st.floats(0, 1))
def test_more_missing_work_never_lowers_the_risk(one: float, other: float) -> None:
    fewer, more = sorted(round(share * 8) for share in (one, other))
    lower = risk_probability(replace(BAD, missing_assignments=fewer))
    assert lower <= risk_probability(replace(BAD, missing_assignments=more))

from datetime import UTC, datetime

import polars as pl
import pytest

from core.domain.struggling import PROBABLE, STRONG, not_enough_evidence, struggling_flags


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

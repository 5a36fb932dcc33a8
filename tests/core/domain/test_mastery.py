from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.domain.mastery import (
    CONCEPT_HALF_LIFE_ANSWERS,
    DEVELOPING,
    NO_EVIDENCE,
    NOT_ENOUGH_EVIDENCE,
    SECURE,
    STRUGGLING,
    Evidence,
    GradedAnswer,
    MasteryConstants,
    MasteryThresholds,
    add_answer,
    concept_ability,
    decay,
    evidence_of,
    mastery,
    standard_error,
    student_ability,
)

NOON = datetime(2026, 10, 5, 12, tzinfo=UTC)


def answer(outcome: float, *, rate: float = 0.8, days: float = 0, new: bool = True) -> GradedAnswer:
    return GradedAnswer(outcome, rate, NOON + timedelta(days=days), first_on_question=new)


def concept_evidence(*answers: GradedAnswer) -> Evidence:
    return evidence_of(answers, half_life_answers=CONCEPT_HALF_LIFE_ANSWERS)


def test_five_answers_later_half_of_the_evidence_is_left() -> None:
    assert decay(timedelta(0), 5.0) ** 5 == pytest.approx(0.5)


def test_half_a_year_later_half_of_the_evidence_is_left_besides_the_answer() -> None:
    assert decay(timedelta(days=180), 5.0) == pytest.approx(0.5 * 2 ** (-1 / 5))


def test_an_answer_that_arrives_late_counts_as_simultaneous_and_time_stays() -> None:
    evidence = concept_evidence(answer(1.0, days=3), answer(1.0, days=1))
    assert evidence == concept_evidence(answer(1.0, days=3), answer(1.0, days=3))
    assert evidence.last_answered_at == NOON + timedelta(days=3)


def test_a_right_then_a_wrong_answer_give_the_sums_computed_by_hand() -> None:
    evidence = concept_evidence(answer(1.0), answer(0.0))
    assert evidence.surplus == pytest.approx(0.2 * 0.870550563 - 0.8, abs=1e-9)
    assert evidence.information == pytest.approx(0.16 * 0.870550563 + 0.16, abs=1e-9)
    assert (evidence.answer_count, evidence.question_count) == (2, 2)


def test_a_second_attempt_is_an_answer_but_not_a_question() -> None:
    evidence = concept_evidence(answer(0.0), answer(1.0, new=False))
    assert (evidence.answer_count, evidence.question_count) == (2, 1)


def test_adding_an_answer_leaves_the_old_evidence_as_it_was() -> None:
    before = concept_evidence(answer(1.0))
    add_answer(before, answer(0.0), half_life_answers=5.0)
    assert before == concept_evidence(answer(1.0))


def test_without_answers_everyone_is_the_typical_student() -> None:
    assert student_ability(NO_EVIDENCE) == 0.0
    assert concept_ability(NO_EVIDENCE, NO_EVIDENCE) == 0.0


def test_a_concept_without_answers_takes_the_level_of_the_student() -> None:
    student = Evidence(surplus=3.0, information=4.0)
    assert student_ability(student) == pytest.approx(0.5)
    assert concept_ability(NO_EVIDENCE, student) == pytest.approx(0.5)


def test_concept_evidence_is_pulled_towards_the_level_of_the_student() -> None:
    ability = concept_ability(Evidence(surplus=-1.0, information=1.0), Evidence(surplus=3.0, information=4.0))
    assert ability == pytest.approx((-1.0 + 2 * 0.5) / 3.0)


def test_the_worked_number_without_any_answer() -> None:
    result = mastery(NO_EVIDENCE, NO_EVIDENCE, mean_easiness=0.0)
    assert result.mastery_percent == pytest.approx(51.2497, abs=1e-4)
    assert result.lower_percent == pytest.approx(27.77, abs=0.01)
    assert result.upper_percent == pytest.approx(74.19, abs=0.01)
    assert result.standard_error == pytest.approx(1.11 / 2**0.5)
    assert result.band == NOT_ENOUGH_EVIDENCE
    assert result.below_threshold


def test_the_worked_number_of_a_student_with_evidence() -> None:
    concept = Evidence(surplus=-2.0, information=1.0, answer_count=6, question_count=6)
    student = Evidence(surplus=-2.0, information=2.0)
    result = mastery(concept, student, mean_easiness=0.5)
    # θ_s = -0.5, θ = (-2 - 1) / 3 = -1, z = 0.05 + 0.555 - 1.11 = -0.505, SE = 1.11 / √3 = 0.64086
    assert result.ability == pytest.approx(-1.0)
    assert result.mastery_percent == pytest.approx(37.6366, abs=1e-3)
    assert result.standard_error == pytest.approx(0.64086, abs=1e-5)
    assert result.p_below_threshold == pytest.approx(0.92223, abs=1e-4)
    assert result.band == STRUGGLING


@pytest.mark.parametrize(
    ("concept", "band"),
    [
        (Evidence(-3.0, 1.0, answer_count=2, question_count=2), NOT_ENOUGH_EVIDENCE),
        (Evidence(-3.0, 1.0, answer_count=3, question_count=2), NOT_ENOUGH_EVIDENCE),
        (Evidence(-3.0, 1.0, answer_count=3, question_count=3), STRUGGLING),
        (Evidence(0.0, 1.0, answer_count=3, question_count=3), DEVELOPING),
        (Evidence(9.0, 1.0, answer_count=3, question_count=3), SECURE),
    ],
)
def test_bands(concept: Evidence, band: str) -> None:
    assert mastery(concept, NO_EVIDENCE, mean_easiness=0.0).band == band


def test_a_point_below_sixty_that_may_be_chance_is_shown_but_not_called_struggling() -> None:
    concept = Evidence(surplus=0.0, information=1.0, answer_count=5, question_count=5)
    result = mastery(concept, NO_EVIDENCE, mean_easiness=0.2)
    assert result.below_threshold
    assert result.p_below_threshold < 0.8
    assert result.band == DEVELOPING


def test_a_district_may_move_its_thresholds() -> None:
    concept = Evidence(surplus=0.0, information=1.0, answer_count=1, question_count=1)
    lenient = MasteryThresholds(
        struggling_percent=40,
        struggling_probability=0.9,
        secure_percent=20,
        minimum_answers=1,
        minimum_questions=1,
    )
    result = mastery(concept, NO_EVIDENCE, mean_easiness=0.0, thresholds=lenient)
    assert (result.band, result.below_threshold) == (SECURE, False)


def test_refitted_constants_replace_the_shipped_ones() -> None:
    flat = MasteryConstants(intercept=0.0, easiness=0.0, ability=1.0)
    result = mastery(NO_EVIDENCE, NO_EVIDENCE, mean_easiness=3.0, constants=flat)
    assert result.mastery_percent == pytest.approx(50.0)
    assert standard_error(2.0, flat) == pytest.approx(0.5)


answers = st.builds(
    answer, st.floats(0, 1), rate=st.floats(0.05, 0.95), days=st.floats(0, 400), new=st.booleans()
)


@given(st.lists(answers, max_size=15), st.floats(-3, 3))
def test_the_interval_holds_the_point_and_all_is_a_percent(
    history: list[GradedAnswer], easiness: float
) -> None:
    evidence = concept_evidence(*sorted(history, key=lambda one: one.answered_at))
    result = mastery(evidence, NO_EVIDENCE, mean_easiness=easiness)
    assert 0 < result.lower_percent < result.mastery_percent < result.upper_percent < 100
    assert 0 <= result.p_below_threshold <= 1


@given(st.lists(answers, min_size=1, max_size=15), st.floats(0.01, 1.0))
def test_a_better_last_answer_never_lowers_mastery(history: list[GradedAnswer], more: float) -> None:
    *earlier, last = sorted(history, key=lambda one: one.answered_at)
    better = GradedAnswer(min(last.outcome + more, 1.0), last.rate, last.answered_at, last.first_on_question)
    worse_mastery = mastery(concept_evidence(*earlier, last), NO_EVIDENCE, mean_easiness=0.0)
    better_mastery = mastery(concept_evidence(*earlier, better), NO_EVIDENCE, mean_easiness=0.0)
    assert better_mastery.mastery_percent >= worse_mastery.mastery_percent


@given(st.lists(answers, max_size=15), answers)
def test_the_same_outcome_on_a_harder_question_is_never_worth_less(
    history: list[GradedAnswer], last: GradedAnswer
) -> None:
    before = concept_evidence(*sorted(history, key=lambda one: one.answered_at))
    harder = GradedAnswer(last.outcome, last.rate / 2, last.answered_at)
    on_hard = add_answer(before, harder, half_life_answers=5.0)
    on_easy = add_answer(before, last, half_life_answers=5.0)
    assert on_hard.surplus > on_easy.surplus

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.domain.logistic import logistic, logit
from core.domain.mastery import SHIPPED_CONSTANTS
from core.domain.paths_practice import practice_questions

BANK = sorted((easiness / 10, f"q{easiness:+03d}") for easiness in range(-40, 41))


def chance(easiness: float, ability: float) -> float:
    constants = SHIPPED_CONSTANTS
    return logistic(constants.intercept + constants.easiness * easiness + constants.ability * ability)


@pytest.mark.parametrize("ability", [-1.5, 0.0, 1.5])
def test_five_questions_near_seventy_percent(ability: float) -> None:
    easiness = {question: one for one, question in BANK}
    chosen = [chance(easiness[question], ability) for question in practice_questions(ability, BANK)]
    assert len(chosen) == 5
    assert chosen == pytest.approx([0.7] * 5, abs=0.06)
    assert [abs(one - 0.7) for one in chosen] == pytest.approx(
        sorted(abs(one - 0.7) for one in chosen), abs=0.01
    )


def test_a_stronger_student_gets_harder_questions() -> None:
    easiness = {question: one for one, question in BANK}
    weak, strong = (easiness[practice_questions(ability, BANK)[0]] for ability in (-1.0, 1.0))
    assert strong < weak


def test_questions_out_of_reach_are_taken_only_to_have_three() -> None:
    hard = [(-3.0, f"h{number}") for number in range(9)]
    assert len(practice_questions(0.0, hard)) == 3
    assert practice_questions(0.0, sorted([*hard, (0.7, "a"), (0.8, "b")]))[:2] == ["a", "b"]
    assert len(practice_questions(0.0, sorted([*hard, (0.7, "a"), (0.8, "b")]))) == 3


def test_a_small_bank_gives_what_it_has() -> None:
    assert practice_questions(0.0, []) == []
    assert practice_questions(0.0, [(4.0, "easy")]) == ["easy"]


@given(st.floats(-4, 4), st.sets(st.tuples(st.floats(-5, 5), st.text("abc", min_size=1)), max_size=30))
def test_what_is_chosen_is_never_farther_than_what_is_left(
    ability: float, bank: set[tuple[float, str]]
) -> None:
    by_name = {name: easiness for easiness, name in bank}
    questions = sorted((easiness, name) for name, easiness in by_name.items())
    chosen = practice_questions(ability, questions)
    best = (0.8472978603872034 - 0.05) / 1.11 - ability
    left = [abs(easiness - best) for easiness, name in questions if name not in chosen]
    assert len(set(chosen)) == len(chosen) >= min(3, len(questions))
    if left:
        assert max(abs(by_name[name] - best) for name in chosen) <= min(left) + 1e-9


def test_of_many_equally_easy_questions_the_first_are_taken_on_either_side() -> None:
    same = [f"e{number:02d}" for number in range(20)]
    for easiness in (0.6, 0.9):
        assert practice_questions(0.0, [(easiness, name) for name in same]) == same[:5]


@given(
    st.floats(-2, 2),
    st.lists(
        st.tuples(st.sampled_from([-3.0, -0.5, 0.0, 0.5, 0.7, 1.0, 3.0]), st.integers(0, 99)),
        unique_by=lambda one: one[1],
    ),
)
def test_the_window_around_the_best_holds_the_nearest(ability: float, rated: list[tuple[float, int]]) -> None:
    bank = sorted((easiness, f"q{number:02d}") for easiness, number in rated)
    best = (
        logit(0.7) - SHIPPED_CONSTANTS.intercept - SHIPPED_CONSTANTS.ability * ability
    ) / SHIPPED_CONSTANTS.easiness
    nearest = [name for _, name in sorted(bank, key=lambda one: (abs(one[0] - best), one[1]))]
    chosen = practice_questions(ability, bank)
    assert chosen[:3] == nearest[:3]
    assert chosen == [name for name in nearest[:5] if name in chosen]

from collections import Counter
from uuid import UUID

from hypothesis import given
from hypothesis import strategies as st

from api.generation.positions import spread_keys
from tests.api.generation.written import OPTIONS, choice, essay


@given(st.integers(0, 50), st.uuids())
def test_no_place_is_right_more_than_once_oftener_than_another(count: int, seed: UUID) -> None:
    spread = spread_keys([choice() for _ in range(count)], seed)
    places = Counter(question.correct_index for question in spread)
    counts = [places[place] for place in range(4)]
    assert max(counts) - min(counts) <= 1


@given(st.integers(0, 3), st.uuids())
def test_options_are_turned_and_the_right_one_stays_right(key: int, seed: UUID) -> None:
    (turned,) = spread_keys([choice(correct_index=key)], seed)
    assert turned.options[turned.correct_index].text == OPTIONS[key]
    assert {option.text for option in turned.options} == set(OPTIONS)


def test_the_order_is_the_same_again_and_another_in_another_quiz() -> None:
    questions = [choice() for _ in range(20)]
    orders = [
        [question.correct_index for question in spread_keys(questions, UUID(int=seed))] for seed in (1, 1, 2)
    ]
    assert orders[0] == orders[1] != orders[2]


def test_a_free_response_stays_as_it_is() -> None:
    assert spread_keys([essay()], UUID(int=1)) == [essay()]

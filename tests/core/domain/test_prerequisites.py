"""Circles of prerequisites are found, and named."""

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.domain.prerequisites import find_cycle

NODES = st.integers(0, 8)


@pytest.mark.parametrize(
    ("edges", "circle"),
    [
        ([], None),
        ([("a", "b"), ("b", "c"), ("a", "c")], None),
        ([("a", "a")], ["a", "a"]),
        ([("a", "b"), ("b", "c"), ("c", "a")], ["a", "b", "c", "a"]),
        ([("x", "a"), ("a", "b"), ("b", "a")], ["a", "b", "a"]),
    ],
    ids=["nothing", "two ways down", "itself", "three", "below a start outside"],
)
def test_a_circle_is_listed_from_a_concept_back_to_itself(
    edges: list[tuple[str, str]], circle: list[str] | None
) -> None:
    assert find_cycle(edges) == circle


def test_a_chain_of_ten_thousand_is_walked() -> None:
    chain = [(number, number + 1) for number in range(10_000)]
    assert find_cycle(chain) is None
    assert find_cycle([*chain, (10_000, 0)]) is not None


@given(st.lists(st.tuples(NODES, NODES)))
def test_what_is_found_is_a_circle_and_without_one_there_is_an_order(edges: list[tuple[int, int]]) -> None:
    circle = find_cycle(edges)
    if circle is not None:
        assert circle[0] == circle[-1]
        assert set(pairwise(circle)) <= set(edges)
    else:
        left = set(edges)
        while left:  # some concept builds on nothing that is left
            bottom = {low for _, low in left} - {high for high, _ in left}
            assert bottom
            left = {edge for edge in left if edge[1] not in bottom}

"""The comparison itself: what it lets pass, and what it does not."""

from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest

from tests.oracle.comparison import differences, unreached_words
from warehouse.answers import ANSWERS

ROW = {
    "id": "a",
    "share": 0.5,
    "count": 3,
    "points": Decimal("1.50"),
    "at": datetime(2026, 9, 1, tzinfo=UTC),
    "ids": ["x", "y"],
}


@pytest.mark.parametrize(
    "value",
    [{"share": 0.5 + 1e-12}, {"points": Decimal("1.5000")}, {}],
    ids=["last digits of a float", "zeros of a decimal", "nothing"],
)
def test_equal_rows_do_not_differ(value: dict[str, Any]) -> None:
    assert differences("mart", ("id",), [ROW], [ROW | value]) == []


@pytest.mark.parametrize(
    ("value", "words"),
    [
        ({"share": 0.5 + 1e-6}, "share is 0.5, the oracle says 0.500001"),
        ({"share": None}, "share is 0.5, the oracle says None"),
        ({"count": 4}, "count is 3, the oracle says 4"),
        ({"points": Decimal("1.51")}, "the oracle says Decimal('1.51')"),
        ({"ids": ["y", "x"]}, "the oracle says ['y', 'x']"),
        ({"count": True}, "the oracle says True"),
        ({"more": 1}, "more stands on one side only"),
    ],
    ids=str,
)
def test_every_other_value_is_told(value: dict[str, Any], words: str) -> None:
    (found,) = differences("mart", ("id",), [ROW], [ROW | value])
    assert found.startswith("mart ('a',): ")
    assert words in found


def test_rows_of_one_side_and_repeated_keys_are_told() -> None:
    other = ROW | {"id": "b"}
    assert differences("mart", ("id",), [ROW, other], [ROW]) == ["mart ('b',): only the mart has it"]
    assert differences("mart", ("id",), [ROW], [ROW, other]) == ["mart ('b',): only the oracle has it"]
    assert differences("mart", ("id",), [ROW, ROW], [ROW]) == ["mart: 1 rows of the mart share a key"]


def test_a_word_nobody_said_is_named() -> None:
    said = [
        {"question_kind": "free_response", "difficulty": word, "selected_option": option}
        for word in ("easy", "medium", "hard")
        for option in ("a", "b", "c", "d", None)
    ]
    assert unreached_words(ANSWERS, said) == ["answers.question_kind is never 'multiple_choice'"]

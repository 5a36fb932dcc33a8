"""Where a mart and the oracle differ, in words a person can follow."""

import math
from collections.abc import Sequence
from typing import Any

from tests.oracle.facts import Row, Rows
from warehouse.mart import InSet, Mart

RELATIVE, ABSOLUTE = 1e-9, 1e-11
"""Both sides add the same floats in different orders: sums of some hundred numbers around 1 keep ten digits, and what
is left of numbers that cancel keeps eleven decimals. Everything that is not a float must be equal."""


def differences(mart: str, key: Sequence[str], served: Rows, expected: Rows) -> list[str]:
    """Return one sentence per row that only one side has and per value that differs."""
    ours, theirs = _by_key(key, expected), _by_key(key, served)
    found = [
        f"{mart}: {len(rows) - len(known)} rows of {side} share a key"
        for side, rows, known in (("the mart", served, theirs), ("the oracle", expected, ours))
        if len(rows) != len(known)
    ]
    found += [f"{mart} {name}: only the oracle has it" for name in ours if name not in theirs]
    found += [f"{mart} {name}: only the mart has it" for name in theirs if name not in ours]
    for name in ours.keys() & theirs.keys():
        found += [f"{mart} {name}: {words}" for words in _of_row(theirs[name], ours[name])]
    return sorted(found)


def unreached_words(mart: Mart, served: Rows) -> list[str]:
    """Return the words the catalogue allows in a mart that no row of it has: nothing was said about them."""
    return [
        f"{mart.name}.{promise.column} is never {word!r}"
        for promise in mart.expectations
        if isinstance(promise, InSet)
        for word in promise.values
        if all(row[promise.column] != word for row in served)
    ]


def _by_key(key: Sequence[str], rows: Rows) -> dict[tuple[str, ...], Row]:
    return {tuple(str(row[name]) for name in key): row for row in rows}


def _of_row(served: Row, expected: Row) -> list[str]:
    alone = [f"{name} stands on one side only" for name in served.keys() ^ expected.keys()]
    return alone + [
        f"{name} is {served[name]!r}, the oracle says {expected[name]!r}"
        for name in served.keys() & expected.keys()
        if not _is_same(served[name], expected[name])
    ]


def _is_same(served: Any, expected: Any) -> bool:
    if isinstance(served, float) and isinstance(expected, float | int):
        return math.isclose(served, expected, rel_tol=RELATIVE, abs_tol=ABSOLUTE)
    return type(served) is type(expected) and bool(served == expected)

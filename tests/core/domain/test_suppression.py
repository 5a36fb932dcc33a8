"""Small groups: what may be told, and that whoever subtracts, bounds or knows the rule recovers none of them."""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from itertools import chain, product

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.optimize import linprog

from core.domain.suppression import (
    Group,
    Table,
    is_small,
    line_shown,
    pooled,
    rounded_mean,
    table_shown,
)

MINIMUM = 10
counts = st.integers(0, 40)


@pytest.mark.parametrize(("count", "small"), [(0, True), (1, True), (9, True), (10, False), (400, False)])
def test_a_group_is_small_below_the_minimum(count: int, small: bool) -> None:
    assert is_small(count, MINIMUM) is small


@pytest.mark.parametrize(
    ("group", "mean"),
    [
        (Group(10, 245.0), 25),
        (Group(10, 244.9), 24),
        (Group(9, 900.0), None),
        (Group(0, 0.0), None),
        (Group(30, 0.0), 0),
        (Group(10, 4_550.0, 70), 65),
        (Group(10, 0.0, 0), None),
        (Group(9, 4_550.0, 70), None),
    ],
)
def test_a_mean_is_a_whole_number_half_up_and_none_for_a_small_group(group: Group, mean: int | None) -> None:
    assert rounded_mean(group, MINIMUM) == mean


def test_nobody_has_no_mean_even_where_nothing_is_small() -> None:
    assert rounded_mean(Group(0, 0.0), 0) is None


def test_small_groups_add_nothing_to_a_sum_above_them() -> None:
    groups = [Group(12, 900.0), Group(4, 400.0), Group(30, 2_400.0)]
    assert pooled(groups, MINIMUM) == Group(42, 3_300.0, 42)
    assert pooled([Group(4, 400.0)], MINIMUM) == Group(0, 0, 0)


@given(st.lists(st.tuples(st.integers(0, 40), st.integers(0, 100)), max_size=12), st.integers(0, 100))
def test_a_published_sum_is_the_same_whatever_a_small_group_measures(
    measured: list[tuple[int, int]], other: int
) -> None:
    groups = [Group(count, float(count * mean)) for count, mean in measured]
    changed = [
        Group(group.count, float(group.count * other)) if is_small(group.count, MINIMUM) else group
        for group in groups
    ]
    assert pooled(groups, MINIMUM) == pooled(changed, MINIMUM)


@pytest.mark.parametrize(
    ("given_counts", "cells", "total"),
    [
        ((), (), 0),
        ((12, 30), (12, 30), 42),
        ((4, 12, 30), (None, None, 30), 46),
        ((4, 7, 30), (None, None, 30), 41),
        ((4, 5, 11, 30), (None, None, None, 30), 50),
        ((9, 9, 12, 30), (None, None, 12, 30), 60),
        ((9, 9, 10, 30), (None, None, None, 30), 58),
        ((0, 25), (None, None), None),
        ((4, 5), (None, None), None),
        ((4,), (None,), None),
        ((12,), (12,), 12),
    ],
)
def test_a_line_withholds_small_cells_and_what_would_give_them_away(
    given_counts: tuple[int, ...], cells: tuple[int | None, ...], total: int | None
) -> None:
    line = line_shown(given_counts, MINIMUM)
    assert line.cells == cells
    assert line.total == (total if given_counts else None)


def test_a_table_withholds_a_rectangle_around_a_small_cell() -> None:
    table = table_shown([[4, 50, 60], [20, 51, 61], [70, 80, 90]], MINIMUM)
    assert table.cells == ((None, None, 60), (None, None, 61), (70, 80, 90))
    assert (table.row_totals, table.column_totals, table.total) == ((114, 132, 240), (94, 181, 211), 486)


def test_a_table_without_small_numbers_is_told_whole() -> None:
    table = table_shown([[10, 20], [30, 40]], MINIMUM)
    assert table == Table(((10, 20), (30, 40)), (30, 70), (40, 60), 100)


def test_a_table_too_small_for_any_number_tells_nothing() -> None:
    assert table_shown([[1, 2]], MINIMUM) == Table(((None, None),), (None,), (None, None), None)
    assert table_shown([], MINIMUM) == Table((), (), (), None)


@given(st.lists(counts, min_size=1, max_size=8))
def test_an_attacker_with_linear_programs_recovers_no_cell_of_a_line(line: list[int]) -> None:
    shown = line_shown(line, MINIMUM)
    assert recovered([*shown.cells, shown.total], [[*[1] * len(line), -1]]) == []


tables = st.integers(1, 4).flatmap(
    lambda width: st.lists(st.lists(counts, min_size=width, max_size=width), min_size=1, max_size=4)
)


@given(tables)
def test_an_attacker_with_linear_programs_recovers_no_number_of_a_table(table: list[list[int]]) -> None:
    shown = table_shown(table, MINIMUM)
    assert recovered(flat(shown), sums_of(len(table), len(table[0]))) == []


@given(tables)
def test_no_small_number_is_told_and_what_is_told_is_true(table: list[list[int]]) -> None:
    rows, columns = [sum(row) for row in table], [sum(column) for column in zip(*table, strict=True)]
    truth = [*chain(*table), *rows, *columns, sum(rows)]
    for told, true in zip(flat(table_shown(table, MINIMUM)), truth, strict=True):
        assert told is None or (told == true and not is_small(true, MINIMUM))


@given(tables)
def test_withheld_cells_of_a_line_with_its_total_are_at_least_two_and_enough_people(
    table: list[list[int]],
) -> None:
    shown = table_shown(table, MINIMUM)
    for row, told, total in zip(table, shown.cells, shown.row_totals, strict=True):
        withheld = [count for count, cell in zip(row, told, strict=True) if cell is None]
        assert total is None or not withheld or (len(withheld) > 1 and sum(withheld) >= MINIMUM)


@given(st.lists(counts, max_size=8))
def test_the_order_of_the_cells_does_not_matter(line: list[int]) -> None:
    ordered = line_shown(sorted(line), MINIMUM)
    told = dict(zip(sorted(line), ordered.cells, strict=True))
    shown = line_shown(line, MINIMUM)
    assert shown.cells == tuple(told[count] for count in line)
    assert shown.total == ordered.total


@pytest.mark.parametrize(("length", "minimum", "most"), [(2, 3, 9), (3, 3, 8), (4, 4, 7)])
def test_an_attacker_who_runs_the_rule_backwards_recovers_no_cell_of_a_line(
    length: int, minimum: int, most: int
) -> None:
    """Every line that gives the same answer is listed: each withheld number has at least two values in them."""
    alike = defaultdict(list)
    for line in product(range(most + 1), repeat=length):
        alike[line_shown(line, minimum)].append((*line, sum(line)))
    for shown, lines in alike.items():
        for place, told in enumerate([*shown.cells, shown.total]):
            assert told is not None or len({line[place] for line in lines}) > 1


def test_the_attacker_recovers_what_primary_suppression_alone_leaves() -> None:
    """The proof that the attacker can: a lone small cell, and a rectangle's corner."""
    assert recovered([None, 12, 30, 46], [[1, 1, 1, -1]]) == [0]
    assert recovered([None, 20, 30, None, 24, 40, 34, 30, 64], sums_of(2, 2)) == [0, 3]


def flat(table: Table) -> list[int | None]:
    return [*chain(*table.cells), *table.row_totals, *table.column_totals, table.total]


def sums_of(height: int, width: int) -> list[list[int]]:
    """The equations everybody knows: each sum is that of its cells."""
    cells = height * width
    length = cells + height + width + 1
    return [
        *(equation(length, [y * width + x for x in range(width)], cells + y) for y in range(height)),
        *(equation(length, [y * width + x for y in range(height)], cells + height + x) for x in range(width)),
        equation(length, [cells + y for y in range(height)], length - 1),
        equation(length, [cells + height + x for x in range(width)], length - 1),
    ]


def equation(length: int, parts: Sequence[int], whole: int) -> list[int]:
    return [1 if place in parts else -1 if place == whole else 0 for place in range(length)]


def recovered(told: Sequence[int | None], equations: Sequence[Sequence[int]]) -> list[int]:
    """Return the places of withheld numbers whose least and largest possible values are one and the same."""
    least_shown = min((number for number in told if number is not None), default=None)
    most = None if least_shown is None else least_shown - 1
    bounds = [(0, most) if number is None else (number, number) for number in told]
    return [
        place for place in range(len(told)) if told[place] is None and _is_fixed(place, bounds, equations)
    ]


def _is_fixed(
    place: int, bounds: Sequence[tuple[int, int | None]], equations: Sequence[Sequence[int]]
) -> bool:
    least, largest = _extremes(place, bounds, equations)
    return largest is not None and round(largest - least) == 0


def _extremes(
    place: int, bounds: Sequence[tuple[int, int | None]], equations: Sequence[Sequence[int]]
) -> Iterator[float | None]:
    for sign in (1, -1):
        costs = np.zeros(len(bounds))
        costs[place] = sign
        answer = linprog(costs, A_eq=equations, b_eq=np.zeros(len(equations)), bounds=bounds)
        yield None if answer.status == UNBOUNDED else sign * answer.fun


UNBOUNDED = 3

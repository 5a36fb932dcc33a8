"""What may be told about groups of students outside their class, so that nobody can work out a small one.

A group of fewer than `minimum` students (ten, unless the district decides otherwise) is *small*: nothing is told of
it. That alone protects little: a small class is the school's total less the other classes. Two rules close this.

**Sums above a class** (`pooled`): a total is taken over groups that are each large enough, and over no others. Small
groups add nothing to any number, so no difference of two published numbers, whatever their filters, days or paths,
contains one.

**Break-downs with a true total** (`line_shown`, `table_shown`: a class's distribution, its states of completion):
every number below a bound is withheld, sums like cells. The bound is the lowest shown number, at least `minimum`, at
which what is withheld in a line comes from at least two numbers and `minimum` students, and no withheld number
follows from the shown ones and from lying between zero and the bound. This last is decided exactly: the shown numbers
leave a flow through the withheld ones, which may differ just where the flow can be changed along a cycle. In a line
this holds against one who runs the rule backwards as well: any order of the withheld cells gives the same answer.

Zero is withheld like other small numbers: "nobody below 60" is about everybody. Means are whole percents: with two
decimals the means of two days give away a newcomer's score.
Worked line, minimum 10: 4, 12, 30 of 46 is told as None, None, 30 of 46.
"""

from collections import deque
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal

from core.domain.class_performance import SMALL_CELL_STUDENTS

SMALL_CELL_MINIMUM = SMALL_CELL_STUDENTS
FEWEST_WITHHELD = 2
"""A single withheld cell is its line's total less the others."""


@dataclass(frozen=True, slots=True)
class Group:
    """How many people are behind a number, and the sum of what was measured of them."""

    count: int
    total: float
    cases: int | None = None
    """What the sum is divided by where it is not people: pieces of work, pairs of student and concept."""

    @property
    def divisor(self) -> int:
        return self.count if self.cases is None else self.cases


@dataclass(frozen=True, slots=True)
class Line:
    """Counts and their sum as they may be told; None is withheld."""

    cells: tuple[int | None, ...]
    total: int | None


@dataclass(frozen=True, slots=True)
class Table:
    """Counts in rows and columns with all their sums as they may be told; None is withheld."""

    cells: tuple[tuple[int | None, ...], ...]
    row_totals: tuple[int | None, ...]
    column_totals: tuple[int | None, ...]
    total: int | None


def is_small(count: int, minimum: int) -> bool:
    """Say whether a number comes from too few people to be told."""
    return count < minimum


def pooled(groups: Iterable[Group], minimum: int) -> Group:
    """Return the groups that are each large enough as one; the others add nothing."""
    large = [group for group in groups if not is_small(group.count, minimum)]
    return Group(
        sum(group.count for group in large),
        sum(group.total for group in large),
        sum(group.divisor for group in large),
    )


def rounded_mean(group: Group, minimum: int) -> int | None:
    """Return the mean as a whole number, half up; None for a small group and of nothing: 245 over 10 is 25."""
    if is_small(group.count, minimum) or not group.divisor:
        return None
    mean = Decimal(str(group.total)) / group.divisor
    return int(mean.quantize(Decimal(1), rounding=ROUND_HALF_UP))


def line_shown(counts: Sequence[int], minimum: int) -> Line:
    """Return a break-down with its total as it may be told."""
    cells = [_Number(("cells",), ("total",), count) for count in counts]
    shown = _shown([*cells, _Number(("total",), ("cells",), sum(counts))], minimum)
    return Line(tuple(shown[:-1]), shown[-1])


def table_shown(counts: Sequence[Sequence[int]], minimum: int) -> Table:
    """Return a break-down by rows and columns, with its sums, as it may be told. All rows have the same length."""
    rows, columns = list(enumerate(counts)), list(enumerate(zip(*counts, strict=True)))
    numbers = [
        *(_Number(("row", y), ("column", x), count) for y, row in rows for x, count in enumerate(row)),
        *(_Number(("rows",), ("row", y), sum(row)) for y, row in rows),
        *(_Number(("column", x), ("columns",), sum(column)) for x, column in columns),
        _Number(("columns",), ("rows",), sum(map(sum, counts))),
    ]
    shown = _shown(numbers, minimum)
    width, cells = len(columns), len(rows) * len(columns)
    return Table(
        tuple(tuple(shown[y * width : (y + 1) * width]) for y, _ in rows),
        tuple(shown[cells : cells + len(rows)]),
        tuple(shown[cells + len(rows) : -1]),
        shown[-1],
    )


_Node = tuple[str] | tuple[str, int]
"""A line: its sum flows in, its cells flow out, or the other way round."""


@dataclass(frozen=True, slots=True)
class _Number:
    tail: _Node
    head: _Node
    count: int


def _shown(numbers: Sequence[_Number], minimum: int) -> list[int | None]:
    """Withhold all below the lowest bound at which nothing is given away; everything, when there is none."""
    for bound in sorted({one.count for one in numbers if not is_small(one.count, minimum)}):
        withheld = [one for one in numbers if one.count < bound]
        if _gives_nothing_away(withheld, minimum, bound - 1):
            return [one.count if one.count >= bound else None for one in numbers]
    return [None] * len(numbers)


def _gives_nothing_away(withheld: Sequence[_Number], minimum: int, most: int) -> bool:
    nodes = {node for one in withheld for node in (one.tail, one.head)}
    return not any(_tells_too_much(withheld, node, minimum) for node in nodes) and all(
        _may_differ(withheld, place, most) for place in range(len(withheld))
    )


def _tells_too_much(withheld: Sequence[_Number], node: _Node, minimum: int) -> bool:
    """Say whether the line's shown numbers give the sum of withheld ones that are too few, or of too few people."""
    flowing_in = [one.count for one in withheld if one.head == node]
    flowing_out = [one.count for one in withheld if one.tail == node]
    if flowing_in and flowing_out:
        return False  # a difference is no group of people
    together = flowing_in or flowing_out
    return len(together) < FEWEST_WITHHELD or is_small(sum(together), minimum)


def _may_differ(withheld: Sequence[_Number], place: int, most: int) -> bool:
    """Say whether this number has a second value, when each withheld one is zero to `most` and the sums hold."""
    number, others = withheld[place], [one for other, one in enumerate(withheld) if other != place]
    may_grow = number.count < most and _reaches(others, (number.head, number.tail), most)
    return may_grow or (number.count > 0 and _reaches(others, (number.tail, number.head), most))


def _reaches(numbers: Collection[_Number], ends: tuple[_Node, _Node], most: int) -> bool:
    """Say whether one more can flow between the ends: along numbers that may grow, against those that may shrink."""
    start, goal = ends
    seen, waiting = {start}, deque([start])
    while waiting:
        node = waiting.popleft()
        onward = {one.head for one in numbers if one.tail == node and one.count < most}
        onward |= {one.tail for one in numbers if one.head == node and one.count > 0}
        waiting.extend(onward - seen)
        seen |= onward
    return goal in seen

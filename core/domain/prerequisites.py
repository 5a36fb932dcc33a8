"""Which concepts build on which: a graph that must stay free of circles."""

from collections import defaultdict
from collections.abc import Iterable
from typing import TypeVar

T = TypeVar("T")


def find_cycle(edges: Iterable[tuple[T, T]]) -> list[T] | None:
    """Return one circle of prerequisites, or None.

    `edges`: pairs (concept, prerequisite), at most one walk along each: linear time. The circle is listed from
    any of its concepts to its prerequisites and back: a→b, b→c, c→a gives [a, b, c, a].
    """
    prerequisites: dict[T, list[T]] = defaultdict(list)
    for concept, prerequisite in edges:
        prerequisites[concept].append(prerequisite)
    finished: set[T] = set()
    for start in list(prerequisites):
        circle = _walk(start, prerequisites, finished)
        if circle is not None:
            return circle
    return None


def _walk(start: T, prerequisites: dict[T, list[T]], finished: set[T]) -> list[T] | None:
    """Go down every way from `start`, remembering the way: without recursion, which a long chain would exhaust."""
    way: list[T] = []
    on_the_way: set[T] = set()
    waiting = [(start, False)]
    while waiting:
        concept, is_left = waiting.pop()
        if is_left:
            on_the_way.discard(way.pop())
            finished.add(concept)
        elif concept in on_the_way:
            return [*way[way.index(concept) :], concept]
        elif concept not in finished:
            way.append(concept)
            on_the_way.add(concept)
            waiting.append((concept, True))
            waiting += [(prerequisite, False) for prerequisite in prerequisites.get(concept, [])]
    return None

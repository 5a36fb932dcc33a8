"""A whole random world from a seed."""

from collections.abc import Mapping
from dataclasses import dataclass
from random import Random

from tests.oracle.world_answers import add_answers
from tests.oracle.world_coursework import Work, add_coursework
from tests.oracle.world_people import add_people
from tests.oracle.world_traces import add_events, add_grades, add_interactions
from tests.oracle.worlds import World


@dataclass(frozen=True)
class Size:
    events: int
    students_per_school: int


FULL = Size(events=50_000, students_per_school=80)
SMALL = Size(events=5_000, students_per_school=30)
"""For what is run again and again."""


def make_random_world(
    seed: int, *, settings: Mapping[str, object] | None = None, size: Size = FULL
) -> tuple[World, list[Work]]:
    """Return the world of a seed, and its assignments. `settings`: the district's own thresholds; None: no row."""
    world = World(Random(seed))
    works = add_coursework(world, add_people(world, size.students_per_school))
    add_answers(world, works)
    add_grades(world, works)
    add_interactions(world)
    add_events(world, works, size.events)
    if settings is not None:
        world.add("district_settings", **settings)
    return world, works

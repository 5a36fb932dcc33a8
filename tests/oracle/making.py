"""A whole random world from a seed."""

from collections.abc import Mapping
from random import Random

from tests.oracle.world_answers import add_answers
from tests.oracle.world_coursework import Work, add_coursework
from tests.oracle.world_people import add_people
from tests.oracle.world_traces import EVENTS, add_events, add_grades, add_interactions
from tests.oracle.worlds import World


def make_random_world(
    seed: int, *, settings: Mapping[str, object] | None = None, events: int = EVENTS
) -> tuple[World, list[Work]]:
    """Return the world of a seed, and its assignments. `settings`: the district's own thresholds; None: no row."""
    world = World(Random(seed))
    works = add_coursework(world, add_people(world))
    add_answers(world, works)
    add_grades(world, works)
    add_interactions(world)
    add_events(world, works, events)
    if settings is not None:
        world.add("district_settings", **settings)
    return world, works

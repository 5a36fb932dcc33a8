"""The benchmark of sockets, in small: everybody hears everything, goals are judged. Never how fast."""

from ops.bench import sockets
from ops.bench.rounds import Comparison, Load
from ops.bench.sockets import Crowd, Measured
from ops.bench.throw_away import WebServer


def test_a_few_clients_hear_everything_on_both_sides() -> None:
    found = sockets.measure(20, fewer=5, messages=2, rounds=1)
    assert list(found.fan_outs) == [5, 20]
    for count, comparison in found.fan_outs.items():
        for load in (*comparison.ours, *comparison.reference):
            assert len(load.milliseconds) == 2 * count
    for crowd in (found.ours, found.reference):
        assert len(crowd.connecting) == 20


def test_goals_of_sockets() -> None:
    def judged(milliseconds: float, size: float) -> list[bool]:
        compared = Comparison([Load(1, [milliseconds] * 100)], [Load(1, [10] * 100)])
        found = Measured(_crowd(size), _crowd(1000), {200: compared})
        return [goal.is_met for goal in sockets.goals(found)]

    assert judged(15, 1300) == [True, True]
    assert judged(15.1, 1301) == [False, False]


def _crowd(size: float) -> Crowd:
    async def tell(_count: int) -> None:
        raise AssertionError("nobody is told anything")

    return Crowd(WebServer(0, 0), tell, bytes_per_socket=size)

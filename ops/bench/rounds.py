"""Ours against a reference of the same minute: interleaved rounds, the ratio's median with its range, the goal."""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from statistics import median, quantiles

MINIMUM_ROUNDS = 3


@dataclass(frozen=True)
class Load:
    """What one side did in one round: things per second, and the milliseconds each request took."""

    per_second: float
    milliseconds: Sequence[float]

    def percentile(self, percent: int) -> float:
        """Return the milliseconds that `percent` of the requests stayed below."""
        return quantiles(self.milliseconds, n=100, method="inclusive")[percent - 1]


@dataclass(frozen=True)
class Spread:
    """The median of the rounds, with the lowest and the highest."""

    middle: float
    low: float
    high: float

    @classmethod
    def of(cls, values: Sequence[float]) -> "Spread":
        return cls(median(values), min(values), max(values))

    def __str__(self) -> str:
        return f"{self.middle:,.2f} ({self.low:,.2f} to {self.high:,.2f})"


@dataclass(frozen=True)
class Goal:
    """One promise and what was measured."""

    promise: str
    measured: Spread
    is_met: bool


@dataclass(frozen=True)
class Comparison:
    """Both sides of every round."""

    ours: Sequence[Load]
    reference: Sequence[Load]

    def throughput_ratio(self) -> Spread:
        """Return ours / reference in things per second, round by round."""
        pairs = zip(self.ours, self.reference, strict=True)
        return Spread.of([our.per_second / other.per_second for our, other in pairs])

    def latency_ratio(self, percent: int) -> Spread:
        """Return ours / reference of a percentile of latency, round by round."""
        pairs = zip(self.ours, self.reference, strict=True)
        return Spread.of([our.percentile(percent) / other.percentile(percent) for our, other in pairs])


Side = Callable[[], Awaitable[Load]]


async def compare(ours: Side, reference: Side, rounds: int = MINIMUM_ROUNDS) -> Comparison:
    """Run both sides in turns, so that whatever else the machine does falls on both."""
    ours_seen, reference_seen = [], []
    for _ in range(rounds):
        reference_seen.append(await reference())
        ours_seen.append(await ours())
    return Comparison(ours_seen, reference_seen)


def at_least(promise: str, measured: Spread, bound: float) -> Goal:
    return Goal(promise, measured, measured.middle >= bound)


def at_most(promise: str, measured: Spread, bound: float) -> Goal:
    return Goal(promise, measured, measured.middle <= bound)


def print_sides(comparison: Comparison, *, unit: str, ours: str, reference: str) -> None:
    """Print what each side did, median of the rounds with lowest and highest."""
    for name, loads in ((ours, comparison.ours), (reference, comparison.reference)):
        print(f"{name}: {Spread.of([load.per_second for load in loads])} {unit}/s")
        for percent in (50, 95, 99):
            print(f"    p{percent} {Spread.of([load.percentile(percent) for load in loads])} ms")


def print_goals(goals: Sequence[Goal]) -> int:
    """Print each goal with what was measured; returns the exit code, 1 when one was missed."""
    for goal in goals:
        print(f"{'met   ' if goal.is_met else 'MISSED'} {goal.promise}: {goal.measured}")
    return 0 if all(goal.is_met for goal in goals) else 1

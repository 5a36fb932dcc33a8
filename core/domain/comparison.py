"""Classes side by side, and schools and the district as what their classes have in common.

Each measure has its own people: the average those with a grade, the trend those with forty answers. A class is told
where enough of them are behind the number; above the class only such classes are added up, each weighing as its
people or their pieces of work do (`core.domain.suppression`). Means are whole percents.

Worked: classes of 20 at 81.4, 12 at 70 and 4 at 10 percent. The school has 32 students at (1628 + 840) / 32 = 77 %;
the class of 4 is in neither number, so nothing minus the two others is what it got.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from core.domain.suppression import Group, is_small, pooled, rounded_mean

MEASURES = ("average_percent", "completion_percent", "secure_percent", "rising_percent")
"""Mean overall percent; work handed in or graded; concepts secure; students whose level rises."""


@dataclass(frozen=True, slots=True)
class Measured:
    """A class as it is: its approved students, and each measure's people and sum (in percent)."""

    student_count: int
    measures: Mapping[str, Group]


@dataclass(frozen=True, slots=True)
class Told:
    """What may be told of one or more classes; None where too few people are behind it."""

    student_count: int | None
    means: Mapping[str, int | None]
    class_count: int
    """Classes large enough to be in it."""
    withheld_class_count: int
    """Classes too small to be in any of it."""


def told_of(classes: Iterable[Measured], minimum: int) -> Told:
    """Return what may be told of these classes together; of a single one, what may be told of it."""
    every = list(classes)
    large = [one for one in every if not is_small(one.student_count, minimum)]
    means = {
        name: rounded_mean(pooled((one.measures[name] for one in large), minimum), minimum)
        for name in MEASURES
    }
    return Told(
        student_count=sum(one.student_count for one in large) if large else None,
        means=means,
        class_count=len(large),
        withheld_class_count=len(every) - len(large),
    )

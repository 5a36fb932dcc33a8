"""The whole simulated world: two districts, each its own seed, its own rows and its own known accounts."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime

import numpy as np
import polars as pl

from ops.demo.answering import live_through
from ops.demo.consent_rows import consent_tables
from ops.demo.coursework import plan_coursework
from ops.demo.coursework_rows import coursework_tables, number_coursework
from ops.demo.event_rows import event_tables
from ops.demo.grade_rows import grade_tables
from ops.demo.inbox_rows import inbox_tables
from ops.demo.learners import Traits, draw_traits
from ops.demo.people import DISTRICTS, DistrictPlan, settle
from ops.demo.roll import Roll, Tables, enter, roll_tables
from ops.demo.semester import Semester, semester_before
from ops.demo.work_rows import mark, work_tables

FEWEST_STUDENTS = 20
SMALL = (200, 8, 1)
"""Students, weeks and seed of the demo that `homeroom up --demo` loads; its addresses are the plain ones."""


@dataclass(frozen=True, slots=True)
class DemoParameters:
    """What a demo world follows from; equal parameters give equal rows, ids included."""

    students: int
    weeks: int
    seed: int
    now: datetime

    def __post_init__(self) -> None:
        if self.students < FEWEST_STUDENTS:
            raise ValueError(f"a demo needs at least {FEWEST_STUDENTS} students")

    @property
    def semester(self) -> Semester:
        return semester_before(self.now, self.weeks)

    def plan(self, number: int) -> DistrictPlan:
        """Return the plan of a district; worlds of another size stand beside each other under names of their own."""
        plan = DISTRICTS[number]
        if (self.students, self.weeks, self.seed) == SMALL:
            return plan
        return replace(
            plan,
            name=f"{plan.name} ({self.students} students, {self.weeks} weeks, seed {self.seed})",
            domain=f"{self.students}-{self.weeks}-{self.seed}.{plan.domain}",
        )


@dataclass(frozen=True, slots=True)
class SimulatedDistrict:
    """The rows of one district in the order of their foreign keys, and the truth behind them.

    `truth` (student_id, mathematics and science ability in logits, mean engagement) exists nowhere else: tests
    compare what the product concludes with it.
    """

    name: str
    roll: Roll
    tables: Tables
    truth: pl.DataFrame


def simulate(parameters: DemoParameters) -> Iterator[SimulatedDistrict]:
    """Simulate each district in turn."""
    for number in range(len(DISTRICTS)):
        yield simulate_district(number, parameters)


def simulate_district(number: int, parameters: DemoParameters) -> SimulatedDistrict:
    """Simulate one of `DISTRICTS` by its number."""
    plan, semester = parameters.plan(number), parameters.semester
    random = _generator(parameters, number, stream=1)
    roll, tables = district_roll(number, parameters)
    coursework = plan_coursework(roll.people, semester, random)
    traits = draw_traits(len(roll.people.users) - roll.people.first_student, semester.weeks, random)
    work = live_through(roll.people, coursework, traits, semester=semester, random=random)
    ids = number_coursework(coursework, random)
    facts = mark(roll, coursework, work, ids=ids, semester=semester, random=random)
    tables |= coursework_tables(roll, coursework, ids) | work_tables(facts) | grade_tables(facts, random)
    tables |= inbox_tables(facts, tables, semester, random) | event_tables(facts, semester, random)
    return SimulatedDistrict(plan.name, roll, tables, _truth(roll, traits))


def district_roll(number: int, parameters: DemoParameters) -> tuple[Roll, Tables]:
    """Simulate only who is there; quick, and the same people as in `simulate_district`."""
    plan, semester = parameters.plan(number), parameters.semester
    random = _generator(parameters, number, stream=0)
    people = settle(plan, _students_of(number, parameters.students), random)
    roll = enter(plan, people, semester, random)
    return roll, roll_tables(plan, roll, semester, random)


def consents_of(number: int, roll: Roll, parameters: DemoParameters) -> Tables:
    """Simulate what guardians decided and what was read of their children: rows of `consents`, `audit_events`."""
    return consent_tables(roll, parameters.semester, _generator(parameters, number, stream=2))


def _generator(parameters: DemoParameters, number: int, *, stream: int) -> np.random.Generator:
    """Give the roll and the work of each district streams of their own: reading the roll alone changes nothing."""
    size = (parameters.students, parameters.weeks)
    return np.random.default_rng([parameters.seed, *size, number, stream])


def _students_of(number: int, students: int) -> int:
    """Divide the students by the districts' shares; the last district takes what rounding leaves."""
    last = len(DISTRICTS) - 1
    if number == last:
        return students - sum(_students_of(other, students) for other in range(last))
    return round(students * DISTRICTS[number].share)


def _truth(roll: Roll, traits: Traits) -> pl.DataFrame:
    return pl.DataFrame(
        {
            "student_id": roll.users[roll.people.first_student :],
            "mathematics_ability": traits.ability[:, 0],
            "science_ability": traits.ability[:, 1],
            "engagement": traits.engagement.mean(axis=1),
        }
    )

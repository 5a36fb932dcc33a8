"""Who subtracts what is published, over viewers, filters and days, learns nothing of a small class."""

import random
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from itertools import product
from typing import Any

import pytest
from fastapi import FastAPI
from sqlalchemy.orm import Session

from core.domain.suppression import is_small
from core.models import SchoolClass, User
from tests.api.comparisons.comparing import Size, serve_classes
from tests.api.envelopes import data_of
from tests.factories.school_class import make_class
from tests.factories.world import DistrictBench
from tests.fixtures.web import Api

SUBJECTS = ("Biology", "History")
GRADES = (7, 8)
FILTERS: list[dict[str, Any]] = [
    {name: value for name, value in (("subject", subject), ("grade_level", grade)) if value is not None}
    for subject, grade in product((None, *SUBJECTS), (None, *GRADES))
]
MONDAY = (12, 4, 9, 30, 15, 7, 25, 10, 3, 9, 40, 18)
TUESDAY = (13, 4, 10, 29, 15, 7, 25, 9, 3, 9, 41, 18)
"""Of twelve classes, one day and the next: two rosters pass the minimum, one up and one down."""


@dataclass(frozen=True)
class Watched:
    """A district whose every class is a cell of subject, grade level and school."""

    bench: DistrictBench
    classes: list[SchoolClass]

    @property
    def viewers(self) -> list[User]:
        """Administrators, and a teacher whose own classes are none of these."""
        first, second = self.bench.schools
        return [self.bench.admin, first.admin, second.admin, first.teacher]


@pytest.fixture
def watched(rows: Session, bench: DistrictBench) -> Watched:
    classes = []
    for number in range(len(MONDAY)):
        school = bench.schools[number % 2]
        one = make_class(rows, school.other_teacher)
        one.subject, one.grade_level = SUBJECTS[number % 3 % 2], GRADES[number // 2 % 2]
        classes.append(one)
    rows.commit()
    return Watched(bench, classes)


def sizes_of(students: tuple[int, ...], averages: random.Random) -> list[Size]:
    return [Size(count, averages.randrange(1_000) / 10) for count in students]


def serve(app: FastAPI, watched: Watched, sizes: list[Size], run_id: str) -> None:
    serve_classes(app, watched.bench, list(zip(watched.classes, sizes, strict=True)), run_id=run_id)


async def everything_published(api: Api, watched: Watched) -> dict[str, Any]:
    """Every comparison and overview that anybody may ask for, whatever the filter."""
    answers = {}
    for viewer, wanted in product(watched.viewers, FILTERS):
        client = api.signed_in(viewer)
        paths = (
            ["compare"] if viewer.role == "teacher" else ["compare", "overview", *_schools(watched, viewer)]
        )
        for path in paths:
            url = f"/api/v1/analytics/{path}"
            answers[f"{viewer.id} {path} {wanted}"] = data_of(
                await client.get(url, params={**wanted, "limit": 100})
            )
    return answers


def _schools(watched: Watched, viewer: User) -> Iterator[str]:
    for school in watched.bench.schools:
        if viewer.school_id in {None, school.school.id}:
            yield f"schools/{school.school.id}/overview"


async def test_no_answer_of_any_day_depends_on_what_a_small_class_is_like(
    api: Api, app: FastAPI, watched: Watched
) -> None:
    """Two districts that differ in nothing but their small classes give the same answers, so nothing recovers them.

    This holds for whatever an attacker computes, with any number of days put together.
    """
    for day, students in enumerate((MONDAY, TUESDAY)):
        usual = sizes_of(students, random.Random(day))
        serve(app, watched, usual, f"run-{day}")
        before = await everything_published(api, watched)
        dice = random.Random(100 + day)
        changed = [
            Size(dice.randrange(1, 10), dice.randrange(100)) if is_small(size.students, 10) else size
            for size in usual
        ]
        serve(app, watched, changed, f"run-{day}-again")
        assert await everything_published(api, watched) == before


async def test_the_answers_do_depend_on_large_classes(api: Api, app: FastAPI, watched: Watched) -> None:
    """The proof above proves something: one more student in a class of ten changes what is published."""
    usual = sizes_of(MONDAY, random.Random(1))
    place = MONDAY.index(10)
    changed = [*usual[:place], replace(usual[place], students=11), *usual[place + 1 :]]
    answers = []
    for run, sizes in enumerate((usual, changed)):
        serve(app, watched, sizes, f"run-{run}")
        answers.append(data_of(await api.signed_in(watched.bench.admin).get("/api/v1/analytics/compare")))
    assert answers[0]["district"] != answers[1]["district"]


async def test_who_subtracts_the_shown_classes_from_a_total_recovers_no_withheld_one(
    api: Api, app: FastAPI, watched: Watched
) -> None:
    """Over both days: also yesterday's size of a class subtracted from today's total, and the other way round."""
    totals, shown, truth = [], [], []
    for day, students in enumerate((MONDAY, TUESDAY)):
        serve(app, watched, sizes_of(students, random.Random(day)), f"run-{day}")
        answers = [
            data_of(await api.signed_in(watched.bench.admin).get("/api/v1/analytics/compare", params=wanted))
            for wanted in FILTERS
        ]
        totals.append([answer["district"]["student_count"] or 0 for answer in answers])
        shown.append(_shown(answers[0]["items"]))
        truth.append(dict(zip([str(one.id) for one in watched.classes], students, strict=True)))
    assert _recovered(watched, totals, shown, truth) == 0
    true_totals = [
        [sum(size for key, size in day.items() if key in _members(watched, wanted)) for wanted in FILTERS]
        for day in truth
    ]
    assert _recovered(watched, true_totals, shown, truth) > 0, "the attacker must be able to"


def _shown(items: list[dict[str, Any]]) -> dict[str, int]:
    return {item["class_id"]: item["student_count"] for item in items if item["student_count"] is not None}


def _members(watched: Watched, wanted: Mapping[str, Any]) -> set[str]:
    return {
        str(one.id)
        for one in watched.classes
        if all(getattr(one, name) == value for name, value in wanted.items())
    }


def _recovered(
    watched: Watched,
    totals: list[list[int]],
    shown: list[dict[str, int]],
    truth: list[dict[str, int]],
) -> int:
    """Count the sizes of small classes that a total less all the others gives, each day's or the other's."""
    found = set()
    for (day, numbers), (_, known) in product(enumerate(totals), enumerate(shown)):
        for wanted, total in zip(FILTERS, numbers, strict=True):
            hidden = _members(watched, wanted) - known.keys()
            rest = total - sum(known[key] for key in _members(watched, wanted) & known.keys())
            if len(hidden) == 1 and truth[day][key := hidden.pop()] == rest and is_small(rest, 10):
                found.add((day, key))
    return len(found)

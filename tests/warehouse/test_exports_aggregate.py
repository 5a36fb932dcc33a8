"""Groups as they leave: large classes as they are, and of small ones nothing, whatever is subtracted from what."""

import random
from collections.abc import Mapping
from datetime import date, timedelta
from typing import Any

import pytest

from tests.factories.marts import serve
from warehouse.bundle import ROOTS, verify_bundle
from warehouse.exports import DATASETS, Profile
from warehouse.exports_aggregate import aggregate_frame
from warehouse.folder import DistrictFolder
from warehouse.manifest import served_manifest
from warehouse.snapshots import write_aggregate_bundle

MINIMUM = 10
YEARS = ("2025-2026", "2026-2027")
Row = dict[str, Any]
Classes = list[Row]


def _class(number: int, students: int, chance: random.Random) -> Row:
    """A class with whatever numbers; in one of two schools and years."""
    return {
        "class_id": f"class-{number:02}",
        "school_id": f"school-{number % 2}",
        "school_year": YEARS[number // 2 % 2],
        "student_count": students,
        "graded_count": chance.randint(0, students),
        "average_percent": chance.randrange(1000) / 10,
        "done_count": chance.randint(0, 5 * students),
        "trend_count": chance.randint(0, students),
        "active": [chance.randint(1, students) for _ in range(5)],
    }


def _marts(classes: Classes) -> dict[str, list[Row]]:
    own = {"class_id", "school_id"}
    places = [{name: one[name] for name in own} for one in classes]
    sizes = ("school_year", "student_count", "graded_count", "average_percent")
    return {
        "class_performance": [
            {**place, **{name: one[name] for name in sizes}}
            for place, one in zip(places, classes, strict=True)
        ],
        "assignment_completion": [
            {**place, "assigned_count": 5 * one["student_count"], "graded_count": one["done_count"]}
            for place, one in zip(places, classes, strict=True)
        ],
        "class_velocity": [
            {**place, "student_count": one["trend_count"], "rising_count": one["trend_count"] // 2}
            for place, one in zip(places, classes, strict=True)
        ],
        "class_activity": [
            {**place, "day": date(2026, 11, 2) + timedelta(days=day), "active_count": active}
            for place, one in zip(places, classes, strict=True)
            for day, active in enumerate(one["active"])
        ],
    }


def _everything(folder: DistrictFolder, classes: Classes, run_id: str) -> Mapping[str, Any]:
    serve(folder, _marts(classes), run_id=run_id)
    return {
        f"{name} {year}": aggregate_frame(folder, dataset, year, MINIMUM).rows(named=True)
        for name, dataset in DATASETS[Profile.AGGREGATE].items()
        for year in YEARS
    }


@pytest.mark.parametrize("seed", range(4))
def test_no_number_of_an_export_depends_on_a_small_class(folder: DistrictFolder, seed: int) -> None:
    chance = random.Random(seed)
    sizes = [chance.choice((2, 5, 9, 10, 11, 25, 30)) for _ in range(10)]
    world = [_class(number, size, chance) for number, size in enumerate(sizes)]
    told = _everything(folder, world, "run-1")
    for attempt in range(2):  # the small ones become others, of another size
        other = [
            _class(number, chance.randint(1, MINIMUM - 1), chance) if size < MINIMUM else world[number]
            for number, size in enumerate(sizes)
        ]
        assert _everything(folder, other, f"run-{attempt + 2}") == told


@pytest.mark.parametrize("seed", range(3))
def test_a_day_on_which_too_few_were_at_work_or_too_few_were_not_is_not_told(
    folder: DistrictFolder, seed: int
) -> None:
    chance = random.Random(seed)
    world = [_class(number, 25, chance) for number in range(4)]
    told = [row for key, rows in _everything(folder, world, "run-1").items() if "days" in key for row in rows]
    expected = sum(MINIMUM <= active <= 25 - MINIMUM for one in world for active in one["active"])
    assert len(told) == expected > 0
    assert all(MINIMUM <= row["active_count"] <= 25 - MINIMUM for row in told)


def test_means_are_whole_percents_and_sums_are_over_large_classes(folder: DistrictFolder) -> None:
    chance = random.Random(1)
    sizes = (20, 3, 12, 4, 30)
    world = [
        {**_class(number * 4, size, chance), "graded_count": size, "average_percent": mean}
        for number, (size, mean) in enumerate(zip(sizes, (81.4, 10.0, 70.0, 99.0, 60.0), strict=True))
    ]
    told = _everything(folder, world, "run-1")
    (district,) = told[f"district_summary {YEARS[0]}"]
    pooled = round((20 * 81.4 + 12 * 70 + 30 * 60) / 62)
    assert (district["student_count"], district["average_percent"]) == (62, pooled)
    assert (district["class_count"], district["withheld_class_count"]) == (3, 2)
    classes = {row["class_id"]: row["average_percent"] for row in told[f"class_summary {YEARS[0]}"]}
    assert classes == {"class-00": 81, "class-08": 70, "class-16": 60}
    assert told[f"district_summary {YEARS[1]}"][0]["student_count"] is None


def test_the_bundle_of_groups_verifies_and_names_no_student(folder: DistrictFolder) -> None:
    chance = random.Random(2)
    marts = _marts([_class(number, 20, chance) for number in range(4)])
    marts["student_progress"] = [
        {"class_id": "class-00", "school_id": "school-0", "student_id": "student-of-nobody"}
    ]
    serve(folder, marts)
    written = write_aggregate_bundle(folder, served_manifest(folder), MINIMUM)
    root = folder.local_root / ROOTS[Profile.AGGREGATE]
    assert verify_bundle(root).problems == ()
    assert {file.school_year for file in written.manifest.files} == set(YEARS)
    assert b"student-of-nobody" not in b"".join(
        path.read_bytes() for path in root.rglob("*") if path.is_file()
    )


def test_another_minimum_writes_the_groups_anew(folder: DistrictFolder) -> None:
    serve(folder, _marts([_class(number, 12, random.Random(3)) for number in range(4)]))
    served = served_manifest(folder)
    assert write_aggregate_bundle(folder, served, MINIMUM).manifest.rows["class_summary"] == 4
    assert write_aggregate_bundle(folder, served, MINIMUM).written_files == 0
    assert write_aggregate_bundle(folder, served, 15).manifest.rows["class_summary"] == 0

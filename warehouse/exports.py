"""What leaves the installation: every dataset of the two profiles, column by column.

A *record* dataset is a mart without names: persons, attempts and sessions stand there under keys that only the
district can resolve (`warehouse.pseudonyms`), and columns that would name them another way, or hold what somebody
wrote, are left out. An *aggregate* dataset has rows about groups, the small ones withheld.

Within one `MAJOR` columns and datasets are only ever added; `tests/data/export_schema.json` holds what was promised.
"""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, replace
from enum import StrEnum
from types import MappingProxyType

import polars as pl

from warehouse.catalog import MARTS
from warehouse.events import EVENTS
from warehouse.exports_columns import CLASS_DAYS, CLASS_SUMMARY, DISTRICT_SUMMARY, SCHOOL_SUMMARY
from warehouse.mart import TEXT, Column, Mart, Sensitivity
from warehouse.rejections import REJECTED_ROWS

MAJOR = 1
"""Rises when a column goes or changes its meaning; then `v=<major>` is another folder."""
SCHEMA_VERSION = f"{MAJOR}.0"
"""The second number rises with each addition."""


class Profile(StrEnum):
    """For whom a bundle is."""

    RECORD = "record"
    AGGREGATE = "aggregate"


KEYED = MappingProxyType(
    {
        "student_id": ("student_key", "person"),
        "actor_id": ("actor_key", "person"),
        "submission_id": ("submission_key", "submission"),
        "session_id": ("session_key", "session"),
    }
)
"""What a column is called under its key, and of what it is the id: a student's events and answers share a key."""
_LEFT_OUT = frozenset({"answer_id", "event_id", "grade_id", "object_id", "subject_id", "payload"})
"""Ids by which somebody who knows the application finds a person again, and what somebody wrote."""
IN_THE_PATH = frozenset({"district_id", "school_year"})
"""Hive partitions: tools read these from the folders, so the files do not repeat them."""


@dataclass(frozen=True, slots=True)
class Dataset:
    """One table of a bundle. `marts`: what it is made from."""

    name: str
    profile: str
    grain: str
    description: str
    columns: tuple[Column, ...]
    marts: tuple[str, ...]
    sort_key: tuple[str, ...]

    @property
    def schema(self) -> pl.Schema:
        return pl.Schema({column.name: column.dtype for column in self.columns})

    @property
    def layout(self) -> str:
        """SHA-256 over the columns as they are explained: a file written under another is written anew."""
        told = [
            [one.name, one.type_name, one.unit, one.description, one.null_meaning] for one in self.columns
        ]
        return hashlib.sha256(json.dumps([MAJOR, self.name, told, self.sort_key]).encode()).hexdigest()


def as_record(mart: Mart) -> Dataset:
    """Return how a mart leaves the installation: pseudonymous, without what somebody wrote."""
    kept = [column for column in mart.columns if column.name not in IN_THE_PATH | _LEFT_OUT]
    names = [_exported_name(name) for name in mart.sort_key if name not in _LEFT_OUT]
    return Dataset(
        name=mart.name,
        profile=Profile.RECORD,
        grain=mart.grain,
        description=mart.description,
        columns=tuple(_exported(column) for column in kept),
        marts=(mart.name,),
        sort_key=tuple(names),
    )


def as_named(mart: Mart) -> Dataset:
    """Return how a teacher takes out a mart of their own classes: with the names they see on the screen."""
    columns: list[Column] = []
    for column in mart.columns:
        columns += [] if column.name == "district_id" else [column]
        columns += [_STUDENT_NAME] if column.name == "student_id" else []
    return Dataset(
        name=mart.name,
        profile="named",
        grain=mart.grain,
        description=mart.description,
        columns=tuple(columns),
        marts=(mart.name,),
        sort_key=mart.sort_key,
    )


_STUDENT_NAME = Column("student_name", TEXT, "The student's name.", Sensitivity.PERSONAL)


def _exported_name(name: str) -> str:
    return KEYED[name][0] if name in KEYED else name


def _exported(column: Column) -> Column:
    if column.name not in KEYED:
        return column
    told = f"{column.description} A pseudonymous key, the same in all exports of the district."
    return replace(column, name=KEYED[column.name][0], description=told)


_RECORDS = [as_record(mart) for mart in MARTS.values() if mart is not REJECTED_ROWS]
_OF_CLASSES = ("class_performance", "assignment_completion", "student_progress", "class_velocity")
_AGGREGATES = [
    Dataset(
        name="class_summary",
        profile=Profile.AGGREGATE,
        grain="one row per class with enough students",
        description="Size and means of a class, as when classes are compared in the application.",
        columns=CLASS_SUMMARY,
        marts=_OF_CLASSES,
        sort_key=("class_id",),
    ),
    Dataset(
        name="school_summary",
        profile=Profile.AGGREGATE,
        grain="one row per school and school year",
        description="Sums and means over the classes of a school that are each large enough.",
        columns=SCHOOL_SUMMARY,
        marts=_OF_CLASSES,
        sort_key=("school_id",),
    ),
    Dataset(
        name="district_summary",
        profile=Profile.AGGREGATE,
        grain="one row per school year",
        description="Sums and means over the classes of the district that are each large enough.",
        columns=DISTRICT_SUMMARY,
        marts=_OF_CLASSES,
        sort_key=("class_count",),
    ),
    Dataset(
        name="class_days",
        profile=Profile.AGGREGATE,
        grain="one row per class and day (UTC) on which enough students were active, and enough were not",
        description="How many students of a class were at work on a day.",
        columns=CLASS_DAYS,
        marts=("class_activity", "class_performance"),
        sort_key=("class_id", "day"),
    ),
]

DATASETS: Mapping[Profile, Mapping[str, Dataset]] = MappingProxyType(
    {
        Profile.RECORD: MappingProxyType({one.name: one for one in _RECORDS}),
        Profile.AGGREGATE: MappingProxyType({one.name: one for one in _AGGREGATES}),
    }
)

NAMED: Mapping[str, Dataset] = MappingProxyType(
    {
        mart.name: as_named(mart)
        for mart in MARTS.values()
        if "class_id" in mart.schema and mart not in {EVENTS, REJECTED_ROWS}
    }
)
"""What teachers take out of their own classes. Clicks are not among it: they are nobody's to look through by name."""

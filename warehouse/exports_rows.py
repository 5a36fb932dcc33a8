"""Rows of a mart as they leave: by school year, in batches, under keys instead of ids. No files are written here.

Batches are whole classes, so that a district of millions of answers passes through a few hundred megabytes; within
a batch rows are sorted by the *exported* key, because the order of the ids would tell who registered first.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime

import polars as pl

from warehouse.exports import KEYED, Dataset
from warehouse.pseudonyms import Pseudonyms

BATCH_ROWS = 500_000
_SCHOOL_YEAR_STARTS = 8
"""August."""


@dataclass(frozen=True, slots=True)
class SchoolYears:
    """The year of each class; `current` is that of rows without a class, and of classes that are gone."""

    of_classes: Mapping[str, str]
    current: str

    def of(self, class_id: str | None) -> str:
        return self.of_classes.get(class_id or "", self.current)


@dataclass(frozen=True, slots=True)
class Part:
    """The rows of one school year, as filters of the source that are read one after the other."""

    school_year: str
    batches: tuple[pl.Expr, ...]


def school_year_at(moment: datetime) -> str:
    """Return "2026-2027" for any day from August 2026 to July 2027."""
    first = moment.year if moment.month >= _SCHOOL_YEAR_STARTS else moment.year - 1
    return f"{first}-{first + 1}"


def parts_of(source: pl.LazyFrame, years: SchoolYears) -> list[Part]:
    """Return how a mart is divided; an empty mart is one empty part of the current year."""
    if "class_id" not in source.collect_schema():
        return [Part(years.current, (pl.lit(True),))]
    counts = source.group_by("class_id").len().sort("class_id", nulls_last=True).collect()
    by_year: dict[str, list[tuple[str | None, int]]] = {}
    for class_id, rows in counts.rows():
        by_year.setdefault(years.of(class_id), []).append((class_id, rows))
    if not by_year:
        return [Part(years.current, (pl.lit(False),))]
    return [Part(year, tuple(_batches(classes))) for year, classes in sorted(by_year.items())]


def record_frames(
    source: pl.LazyFrame, part: Part, dataset: Dataset, pseudonyms: Pseudonyms
) -> Iterator[pl.DataFrame]:
    """Yield the rows of one part under keys, batch by batch."""
    for batch in part.batches:
        yield pseudonymous(source.filter(batch).collect(), dataset, pseudonyms)


def pseudonymous(rows: pl.DataFrame, dataset: Dataset, pseudonyms: Pseudonyms) -> pl.DataFrame:
    """Return rows of a mart in a record dataset's columns and order."""
    for name, (key, kind) in KEYED.items():
        if name in rows.columns:
            keys = pseudonyms.keys(kind, rows[name].drop_nulls().unique()).rename({"key": key})
            rows = rows.join(keys, left_on=name, right_on="identifier", how="left", maintain_order="left")
    return rows.select(dataset.schema.names()).sort(dataset.sort_key, maintain_order=True)


def _batches(classes: list[tuple[str | None, int]]) -> Iterator[pl.Expr]:
    waiting: list[str | None] = []
    rows = 0
    for class_id, count in classes:
        if waiting and rows + count > BATCH_ROWS:
            yield _of_classes(waiting)
            waiting, rows = [], 0
        waiting.append(class_id)
        rows += count
    yield _of_classes(waiting)


def _of_classes(classes: list[str | None]) -> pl.Expr:
    """Name the classes, and between which they lie: by that a scan skips most of a file sorted by class."""
    known = sorted(one for one in classes if one is not None)
    named = pl.col("class_id").is_in(known)
    if None in classes or not known:
        return named.fill_null(value=None in classes)
    return pl.col("class_id").is_between(pl.lit(known[0]), pl.lit(known[-1])) & named

"""Rows of the marts as a file: through the district's own folder, class by class, one batch in memory."""

import zipfile
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

import polars as pl

from api.exports.schemas import BUNDLE
from core.models import ExportFormat, ExportProfile
from warehouse.bundle import MANIFEST, ROOTS, SUMS, BundleManifest, read_bundle
from warehouse.catalog import mart_named
from warehouse.exports import DATASETS, NAMED, Dataset, Profile
from warehouse.exports_aggregate import aggregate_frame
from warehouse.exports_dictionary import PAGE, TABLE
from warehouse.exports_files import write_parquet
from warehouse.exports_rows import SchoolYears, parts_of, pseudonymous
from warehouse.folder import DistrictFolder
from warehouse.manifest import MartNotServedError, served_manifest
from warehouse.mart import TEXT, Column, Sensitivity
from warehouse.pseudonyms import Pseudonyms
from warehouse.snapshots import school_years
from warehouse.verification import scan_mart

_FORMULA = r"^[=+\-@\t\r]"
"""As `api.gradebook.spreadsheets.harmless` has it, for whole columns."""
_ATTEMPTS = 3
_SCHOOL_YEAR = Column("school_year", TEXT, "School year of the classes.", Sensitivity.REFERENCE)
"""In a bundle it is a folder."""


@dataclass(frozen=True, slots=True)
class Order:
    """What belongs into a file. `classes`: None for all; `names`: of the students who are in it, by id."""

    dataset: str
    profile: ExportProfile
    format: ExportFormat
    minimum: int
    classes: frozenset[str] | None = None
    school_id: str | None = None
    names: Mapping[str, str] = field(default_factory=dict, repr=False)
    pseudonyms: Pseudonyms | None = None

    @property
    def suffix(self) -> str:
        return "zip" if self.dataset == BUNDLE else self.format.value

    @property
    def columns(self) -> Dataset:
        """The dataset as this profile has it."""
        if self.profile is ExportProfile.NAMED:
            return NAMED[self.dataset]
        dataset = DATASETS[Profile(self.profile)][self.dataset]
        if self.profile is ExportProfile.RECORD:
            return dataset
        return replace(dataset, columns=(_SCHOOL_YEAR, *dataset.columns))


def count_rows(folder: DistrictFolder, order: Order) -> int:
    """Return how many rows the file will have. Raises MartNotServedError before the district's first run."""
    if order.dataset == BUNDLE:
        return sum(_bundle(folder, order).rows.values())
    if order.profile is ExportProfile.AGGREGATE:
        return sum(frame.height for frame in _frames(folder, order))
    return int(_source(folder, order).select(pl.len()).collect().item())


def write_order(folder: DistrictFolder, order: Order, target: Path) -> None:
    """Write the file."""
    if order.dataset == BUNDLE:
        _write_bundle(folder, order, target)
    elif order.format is ExportFormat.PARQUET:
        write_parquet(target, order.columns, _frames(folder, order), district_id=str(folder.tenant))
    else:
        _write_csv(target, order.columns, _frames(folder, order))


def as_text(rows: pl.DataFrame) -> pl.DataFrame:
    """Return rows as a spreadsheet takes them: lists in one cell, times in UTC, and no text it would compute."""
    return rows.select(_cell(name, dtype) for name, dtype in rows.schema.items())


def _cell(name: str, dtype: pl.DataType) -> pl.Expr:
    column = pl.col(name)
    if isinstance(dtype, pl.List):
        column = column.cast(pl.List(pl.String)).list.join("; ")
    elif isinstance(dtype, pl.Datetime):
        return column.dt.strftime("%Y-%m-%dT%H:%M:%S%.6fZ")
    elif not isinstance(dtype, pl.String):
        return column
    return pl.when(column.str.contains(_FORMULA)).then(pl.lit("'") + column).otherwise(column).alias(name)


def _write_csv(target: Path, dataset: Dataset, frames: Iterator[pl.DataFrame]) -> None:
    with target.open("wb") as file:
        file.write("\ufeff".encode())  # Excel asks for it
        as_text(dataset.schema.to_frame()).write_csv(file)
        for frame in frames:
            as_text(frame.select(dataset.schema.names())).write_csv(file, include_header=False)


def _source(folder: DistrictFolder, order: Order) -> pl.LazyFrame:
    mart = mart_named(order.dataset)
    source = scan_mart(folder, mart, served_manifest(folder).entry(mart.name))
    if order.school_id is not None:
        source = source.filter(pl.col("school_id") == order.school_id)
    if order.classes is not None:
        source = source.filter(pl.col("class_id").is_in(sorted(order.classes)))
    if order.profile is ExportProfile.NAMED and "student_id" in mart.schema:
        source = source.filter(pl.col("student_id").is_in(sorted(order.names)))
    return source


def _frames(folder: DistrictFolder, order: Order) -> Iterator[pl.DataFrame]:
    if order.profile is ExportProfile.AGGREGATE:
        return _aggregates(folder, order)
    source = _source(folder, order)
    batches = [batch for part in parts_of(source, SchoolYears({}, "")) for batch in part.batches]
    return (_told(source.filter(batch).collect(), order) for batch in batches)


def _told(rows: pl.DataFrame, order: Order) -> pl.DataFrame:
    """Put names beside ids, or keys in their place."""
    if order.pseudonyms is not None:
        return pseudonymous(rows, order.columns, order.pseudonyms)
    if "student_id" in rows.columns:
        told = pl.DataFrame(
            {"student_id": list(order.names), "student_name": list(order.names.values())},
            schema={"student_id": pl.String(), "student_name": pl.String()},
        )
        rows = rows.join(told, on="student_id", how="left", maintain_order="left")
    return rows.select(order.columns.schema.names())


def _aggregates(folder: DistrictFolder, order: Order) -> Iterator[pl.DataFrame]:
    years = school_years(folder, served_manifest(folder))
    for year in sorted({*years.of_classes.values(), years.current}):
        dataset = DATASETS[Profile.AGGREGATE][order.dataset]
        frame = aggregate_frame(folder, dataset, year, order.minimum).with_columns(school_year=pl.lit(year))
        yield frame if order.school_id is None else frame.filter(pl.col("school_id") == order.school_id)


def _bundle(folder: DistrictFolder, order: Order) -> BundleManifest:
    manifest = read_bundle(folder, Profile(order.profile))
    if manifest is None:
        raise MartNotServedError("no bundle has been written for this district yet")
    return manifest


def _write_bundle(folder: DistrictFolder, order: Order, target: Path) -> None:
    """Pack the bundle as it lies there; one that is replaced meanwhile is packed anew."""
    for attempt in range(_ATTEMPTS):
        manifest = _bundle(folder, order)
        names = [*(file.path for file in manifest.files), PAGE, TABLE, SUMS, MANIFEST]
        try:
            _pack(folder, ROOTS[Profile(order.profile)], names, target)
        except FileNotFoundError:
            if attempt == _ATTEMPTS - 1:
                raise
            continue
        if _bundle(folder, order) == manifest:
            return
    raise FileNotFoundError("the bundle was replaced again and again while it was packed")


def _pack(folder: DistrictFolder, root: str, names: Sequence[str], target: Path) -> None:
    with zipfile.ZipFile(target, "w", zipfile.ZIP_STORED) as archive:
        for name in names:
            path = folder.storage.local_path(folder.key(f"{root}/{name}"))
            if path is not None:
                archive.write(path, name)
                continue
            stored = folder.read(f"{root}/{name}")
            if stored is None:
                raise FileNotFoundError(name)
            archive.writestr(name, stored.content)

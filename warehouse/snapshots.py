"""Writing one day of a bundle from the served marts; what has not changed since is not written again."""

import hashlib
import json
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import UTC, date

import polars as pl

from warehouse.bundle import (
    KEPT_DAYS,
    ROOTS,
    BundleFile,
    BundleManifest,
    Snapshot,
    publish_bundle,
    read_bundle,
)
from warehouse.catalog import mart_named
from warehouse.exports import DATASETS, MAJOR, SCHEMA_VERSION, Dataset, Profile
from warehouse.exports_aggregate import aggregate_frame
from warehouse.exports_files import write_parquet
from warehouse.exports_rows import SchoolYears, parts_of, record_frames, school_year_at
from warehouse.folder import DistrictFolder
from warehouse.manifest import FileEntry, Manifest
from warehouse.pseudonyms import Pseudonyms
from warehouse.verification import verified_files
from warehouse.writer import digest_of_file

_RUN_DIGITS = 8
_SCHOOL_YEAR = r"^\d{4}-\d{4}$"
"""What may be a folder's name; a class of any other year stands under the current one."""


@dataclass(frozen=True, slots=True)
class Written:
    """A day of a bundle in service: what it consists of now, and how many files this call wrote."""

    manifest: BundleManifest
    written_files: int
    removed_files: int


@dataclass(frozen=True, slots=True)
class Source:
    """What one or more files are made from. `number` tells the files of one dataset and day apart."""

    dataset: Dataset
    number: int
    digest: str
    frames: Callable[[], Iterable[tuple[str, Iterable[pl.DataFrame]]]]
    """By school year, in batches."""


def write_record_bundle(folder: DistrictFolder, served: Manifest, pseudonyms: Pseudonyms) -> Written:
    """Write today's rows of students under their keys."""
    years = school_years(folder, served)
    sources = []
    for dataset in _served(Profile.RECORD, served):
        mart = mart_named(dataset.name)
        for number, file in enumerate(served.entry(mart.name).files):
            digest = _digest(dataset, [file.sha256, pseudonyms.fingerprint], years)
            frames = _record_source(folder, served, file, dataset=dataset, years=years, pseudonyms=pseudonyms)
            sources.append(Source(dataset, number, digest, frames))
    return _write(folder, served, Profile.RECORD, sources)


def write_aggregate_bundle(folder: DistrictFolder, served: Manifest, minimum: int) -> Written:
    """Write today's rows of groups, small ones withheld."""
    years = school_years(folder, served)
    all_years = sorted({*years.of_classes.values(), years.current})
    sources = []
    for dataset in _served(Profile.AGGREGATE, served):
        inputs = [file.sha256 for mart in dataset.marts for file in served.entry(mart).files]
        digest = _digest(dataset, [*inputs, str(minimum)], years)
        sources.append(Source(dataset, 0, digest, _aggregate_source(folder, dataset, all_years, minimum)))
    return _write(folder, served, Profile.AGGREGATE, sources)


def school_years(folder: DistrictFolder, served: Manifest) -> SchoolYears:
    """Return the year of each class by the mart of classes; the current one is for everything else."""
    current = school_year_at(served.as_of.astimezone(UTC))
    mart = mart_named("class_performance")
    if mart.name not in served.marts:
        return SchoolYears({}, current)
    files = verified_files(folder, mart, served.entry(mart.name))
    rows = pl.read_parquet(files, columns=["class_id", "school_year"], hive_partitioning=False)
    known = rows.filter(pl.col("school_year").str.contains(_SCHOOL_YEAR))
    return SchoolYears(dict(known.select("class_id", "school_year").rows()), current)


def _served(profile: Profile, served: Manifest) -> list[Dataset]:
    return [one for one in DATASETS[profile].values() if set(one.marts) <= served.marts.keys()]


def _digest(dataset: Dataset, inputs: list[str], years: SchoolYears) -> str:
    told = [dataset.layout, inputs, sorted(years.of_classes.items()), years.current]
    return hashlib.sha256(json.dumps(told).encode()).hexdigest()


def _record_source(
    folder: DistrictFolder,
    served: Manifest,
    file: FileEntry,
    *,
    dataset: Dataset,
    years: SchoolYears,
    pseudonyms: Pseudonyms,
) -> Callable[[], Iterable[tuple[str, Iterable[pl.DataFrame]]]]:
    def frames() -> Iterable[tuple[str, Iterable[pl.DataFrame]]]:
        mart = mart_named(dataset.name)
        entry = served.entry(mart.name).model_copy(update={"files": (file,)})
        source = pl.scan_parquet(verified_files(folder, mart, entry), hive_partitioning=False)
        for part in parts_of(source, years):
            yield part.school_year, record_frames(source, part, dataset, pseudonyms)

    return frames


def _aggregate_source(
    folder: DistrictFolder, dataset: Dataset, years: Iterable[str], minimum: int
) -> Callable[[], Iterable[tuple[str, Iterable[pl.DataFrame]]]]:
    def frames() -> Iterable[tuple[str, Iterable[pl.DataFrame]]]:
        for year in years:
            yield year, [aggregate_frame(folder, dataset, year, minimum)]

    return frames


def _write(folder: DistrictFolder, served: Manifest, profile: Profile, sources: Iterable[Source]) -> Written:
    before = read_bundle(folder, profile)
    if before and before.schema_version.split(".")[0] != str(MAJOR):
        before = None
    today = served.as_of.astimezone(UTC).date()
    files: list[BundleFile] = []
    written = 0
    for source in sources:
        kept = _kept(folder, before, source, today)
        fresh = [] if kept else _written(folder, served, profile, source)
        written += len(fresh)
        files += kept or fresh
    manifest = _manifest(served, profile, files, before)
    removed = publish_bundle(folder, manifest)
    return Written(manifest, written, len(removed))


def _kept(
    folder: DistrictFolder, before: BundleManifest | None, source: Source, today: date
) -> list[BundleFile]:
    """Return files made of the same source: today's as they are, those of an earlier day under today's name."""
    if before is None:
        return []
    root = ROOTS[before.profile]
    same = [one for one in before.files if (one.dataset, one.source) == (source.dataset.name, source.digest)]
    days = sorted({one.date for one in same}, reverse=True)
    found = [one for one in same if days and one.date == days[0]]
    if any(not _is_there(folder, f"{root}/{one.path}") for one in found):
        return []
    moved = []
    for file in found:
        path = file.path.replace(f"/date={file.date}/", f"/date={today}/")
        if path != file.path:
            folder.delete(f"{root}/{path}")  # left behind by a run that died
            folder.copy(f"{root}/{file.path}", f"{root}/{path}")
        moved.append(file.model_copy(update={"path": path, "date": today}))
    return moved


def _is_there(folder: DistrictFolder, path: str) -> bool:
    local = folder.storage.local_path(folder.key(path))
    return local.exists() if local else bool(folder.paths(path.rsplit("/", 1)[0]))


def _written(folder: DistrictFolder, served: Manifest, profile: Profile, source: Source) -> list[BundleFile]:
    today = served.as_of.astimezone(UTC).date()
    files = []
    for year, frames in source.frames():
        place = (
            f"{source.dataset.name}/v={MAJOR}/district_id={folder.tenant}/school_year={year}/date={today}/"
            f"part-{served.run_id[:_RUN_DIGITS]}-{source.number}.parquet"
        )
        scratch = folder.storage.scratch_file()
        rows = write_parquet(scratch, source.dataset, frames, district_id=str(folder.tenant))
        file = BundleFile(
            path=place,
            dataset=source.dataset.name,
            school_year=year,
            date=today,
            rows=rows,
            bytes=scratch.stat().st_size,
            sha256=digest_of_file(scratch),
            source=source.digest,
        )
        folder.put(f"{ROOTS[profile]}/{place}", scratch)
        files.append(file)
    return files


def _manifest(
    served: Manifest, profile: Profile, files: list[BundleFile], before: BundleManifest | None
) -> BundleManifest:
    today = Snapshot(date=served.as_of.astimezone(UTC).date(), run_id=served.run_id, as_of=served.as_of)
    earlier = [one for one in (before.snapshots if before else ()) if one.date < today.date]
    snapshots = (today, *sorted(earlier, key=lambda one: one.date, reverse=True)[: KEPT_DAYS - 1])
    days = {one.date for one in snapshots} - {today.date}
    older = [file for file in (before.files if before else ()) if file.date in days]
    return BundleManifest(
        schema_version=SCHEMA_VERSION,
        profile=profile,
        district_id=served.district_id,
        run_id=served.run_id,
        as_of=served.as_of,
        date=today.date,
        snapshots=snapshots,
        files=tuple(sorted([*files, *older], key=lambda file: file.path)),
    )

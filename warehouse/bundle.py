"""The district's own copy: a versioned folder of Parquet files that proves itself, opened by any tool.

`exports/v=<run>/` holds one file per mart (`events/<day>.parquet` for the lake), `data-dictionary.md`,
`manifest.json` (what was served, and from which moment) and `SHA256SUMS`, written last: with it the bundle is
complete. The Parquet files are the served ones, byte for byte.
"""

import hashlib
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import polars as pl

from warehouse.catalog import MARTS
from warehouse.dictionary import BUNDLE_PREFACE, dictionary
from warehouse.folder import DistrictFolder
from warehouse.manifest import FileEntry, Manifest
from warehouse.writer import digest_of_file

EXPORTS = "exports"
SUMS = "SHA256SUMS"
_KEPT_BUNDLES = 3
_SUM_LINE = re.compile(r"([0-9a-f]{64})  (\S+)")


@dataclass(frozen=True, slots=True)
class BundleReport:
    """What `verify_bundle` found. `problems` are sentences; empty means the bundle is whole."""

    district_id: str
    rows: Mapping[str, int]
    problems: tuple[str, ...]


def write_bundle(folder: DistrictFolder, manifest: Manifest) -> str:
    """Write the bundle of one publication and return its path inside the district's folder; a second call is free."""
    place = bundle_place(manifest)
    if folder.read(f"{place}/{SUMS}") is not None:
        return place
    _remove(folder, place)
    sums: dict[str, str] = {}
    for mart, entry in manifest.marts.items():
        for file in entry.files:
            name = _exported_name(mart, file)
            folder.copy(file.path, f"{place}/{name}")
            sums[name] = file.sha256
    for name, text in _companions(manifest).items():
        folder.put_text(f"{place}/{name}", text)
        sums[name] = hashlib.sha256(text.encode()).hexdigest()
    folder.put_text(
        f"{place}/{SUMS}", "".join(f"{digest}  {name}\n" for name, digest in sorted(sums.items()))
    )
    return place


def bundle_place(manifest: Manifest) -> str:
    """Return where the bundle of a publication lies inside its district's folder."""
    return f"{EXPORTS}/v={manifest.run_id}"


def written_sums(folder: DistrictFolder, place: str) -> dict[str, str]:
    """Return name → SHA-256 of a bundle's files as its checksums file has them; empty for an unfinished bundle."""
    stored = folder.read(f"{place}/{SUMS}")
    return _parsed_sums(stored.content.decode()) if stored else {}


def remove_old_bundles(folder: DistrictFolder, *, keep: int = _KEPT_BUNDLES) -> list[str]:
    """Remove all but the newest bundles and return the places removed; an unfinished one counts as oldest."""
    places = {
        path.rsplit("/v=", 1)[0] + "/v=" + path.rsplit("/v=", 1)[1].split("/")[0]
        for path in folder.paths(EXPORTS)
    }
    newest_first = sorted(places, key=lambda place: _published_at(folder, place), reverse=True)
    for place in newest_first[keep:]:
        _remove(folder, place)
    return newest_first[keep:]


def verify_bundle(path: Path) -> BundleReport:
    """Check every file of a bundle against its checksums and its manifest.

    Raises FileNotFoundError when the folder is no bundle, and ValueError when its manifest is damaged.
    """
    sums = _parsed_sums((path / SUMS).read_text(encoding="utf-8"))
    manifest = Manifest.model_validate_json((path / "manifest.json").read_bytes())
    present = {file.relative_to(path).as_posix() for file in path.rglob("*") if file.is_file()} - {SUMS}
    problems = [f"{name} is missing" for name in sorted(sums.keys() - present)]
    problems += [f"{name} is not part of the bundle" for name in sorted(present - sums.keys())]
    intact = sorted(name for name in present & sums.keys() if digest_of_file(path / name) == sums[name])
    problems += [f"{name} has been changed" for name in sorted((present & sums.keys()) - set(intact))]
    rows, miscounts = _count_rows(path, manifest, set(intact))
    return BundleReport(str(manifest.district_id), rows, tuple(problems + miscounts))


def _parsed_sums(text: str) -> dict[str, str]:
    return {name: digest for digest, name in _SUM_LINE.findall(text)}


def _count_rows(path: Path, manifest: Manifest, intact: set[str]) -> tuple[dict[str, int], list[str]]:
    rows: dict[str, int] = {}
    problems: list[str] = []
    for mart, entry in manifest.marts.items():
        names = {_exported_name(mart, file): file.rows for file in entry.files}
        counted = {name: _rows_in(path / name) for name in names.keys() & intact}
        rows[mart] = sum(counted.values())
        problems += [
            f"{name} has {found} rows, not {names[name]}"
            for name, found in sorted(counted.items())
            if found != names[name]
        ]
        problems += [
            f"{name} carries another district's rows"
            for name in sorted(counted)
            if _is_foreign(path / name, manifest)
        ]
    return rows, problems


def _rows_in(path: Path) -> int:
    return int(pl.scan_parquet(path).select(pl.len()).collect().item())


def _is_foreign(path: Path, manifest: Manifest) -> bool:
    districts = pl.scan_parquet(path).select("district_id").unique().collect()["district_id"].to_list()
    return not set(districts) <= {str(manifest.district_id)}


def _companions(manifest: Manifest) -> dict[str, str]:
    return {
        "data-dictionary.md": dictionary((MARTS[name] for name in manifest.marts), preface=BUNDLE_PREFACE),
        "manifest.json": manifest.model_dump_json(indent=1),
    }


def _exported_name(mart: str, file: FileEntry) -> str:
    """Name the single file of a mart `answers.parquet`, a day of the lake `events/2026-11-02.parquet`."""
    _, _, *inner = file.path.split("/")
    return f"{mart}.parquet" if len(inner) == 1 else f"{mart}/{inner[0].removeprefix('day=')}.parquet"


def _published_at(folder: DistrictFolder, place: str) -> str:
    stored = folder.read(f"{place}/manifest.json")
    complete = folder.read(f"{place}/{SUMS}") is not None
    return Manifest.model_validate_json(stored.content).computed_at.isoformat() if stored and complete else ""


def _remove(folder: DistrictFolder, place: str) -> None:
    for path in folder.paths(place):
        folder.delete(path)

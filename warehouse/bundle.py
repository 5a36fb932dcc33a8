"""The district's own copy: a folder of Parquet files that proves itself, opened by any tool.

`exports/` (profile *record*) and `exports-aggregate/` (profile *aggregate*) hold
`<dataset>/v=<major>/district_id=<id>/school_year=<year>/date=<day>/part-<run>-<n>.parquet`, the newest days side by
side; the dictionary as Markdown and CSV; `SHA256SUMS`; and `manifest.json`, swapped in last. What the manifest does
not name is not part of the bundle: a later publication of the same day writes files of other names, swaps the
manifest, and only then removes the day's earlier files.
"""

import hashlib
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from types import MappingProxyType
from typing import Annotated, Literal
from uuid import UUID

from pydantic import AwareDatetime, BaseModel, ConfigDict, StringConstraints

from warehouse.exports import DATASETS, Profile
from warehouse.exports_dictionary import PAGE, TABLE, bundle_documents
from warehouse.exports_files import file_facts, row_count
from warehouse.folder import DistrictFolder
from warehouse.manifest import Digest, Version
from warehouse.writer import digest_of_file

ROOTS = MappingProxyType({Profile.RECORD: "exports", Profile.AGGREGATE: "exports-aggregate"})
MANIFEST = "manifest.json"
SUMS = "SHA256SUMS"
KEPT_DAYS = 3
_SUM_LINE = re.compile(r"([0-9a-f]{64})  (\S+)")

BundlePath = Annotated[
    str,
    StringConstraints(
        pattern=r"^[a-z_]+/v=[0-9]+/district_id=[0-9a-f-]{36}/school_year=[0-9-]+/date=[0-9-]{10}/"
        r"part-[a-zA-Z0-9-]+\.parquet$"
    ),
]


class _Frozen(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class BundleFile(_Frozen):
    """One file of data. `source` tells from what it was made: the same source, the same bytes."""

    path: BundlePath
    dataset: str
    school_year: str
    date: date
    rows: int
    bytes: int
    sha256: Digest
    source: Digest


class Snapshot(_Frozen):
    """One day in the bundle: complete through `as_of`, from the publication `run_id`."""

    date: date
    run_id: Version
    as_of: AwareDatetime


class BundleManifest(_Frozen):
    """What a bundle consists of. Its head is that of the newest day."""

    format: Literal[1] = 1
    schema_version: str
    profile: Profile
    district_id: UUID
    run_id: Version
    as_of: AwareDatetime
    date: date
    snapshots: tuple[Snapshot, ...]
    files: tuple[BundleFile, ...]

    @property
    def newest_files(self) -> tuple[BundleFile, ...]:
        return tuple(file for file in self.files if file.date == self.date)

    @property
    def rows(self) -> dict[str, int]:
        """Rows of the newest day by dataset."""
        counts: dict[str, int] = {}
        for file in self.newest_files:
            counts[file.dataset] = counts.get(file.dataset, 0) + file.rows
        return counts


@dataclass(frozen=True, slots=True)
class BundleReport:
    """What `verify_bundle` found. `problems` are sentences; empty means the bundle is whole."""

    district_id: str
    rows: Mapping[str, int]
    problems: tuple[str, ...]


def read_bundle(folder: DistrictFolder, profile: Profile) -> BundleManifest | None:
    """Return what a bundle consists of; None before the first. A damaged one is written anew."""
    stored = folder.read(f"{ROOTS[profile]}/{MANIFEST}")
    try:
        found = BundleManifest.model_validate_json(stored.content) if stored else None
    except ValueError:
        return None
    return found if found and found.district_id == folder.tenant.value else None


def stored_problems(folder: DistrictFolder, profile: Profile, run_id: str) -> list[str]:
    """Say what a bundle lacks of the publication it should be of, without reading its files."""
    manifest = read_bundle(folder, profile)
    if manifest is None:
        return [f"there is no {profile} bundle"]
    root = ROOTS[profile]
    present = {path.removeprefix(f"{root}/") for path in folder.paths(root)}
    missing = {PAGE, TABLE, SUMS, *(file.path for file in manifest.files)} - present
    problems = [f"{name} is missing" for name in sorted(missing)]
    if manifest.run_id != run_id:
        problems.append(f"the {profile} bundle is of the publication {manifest.run_id}, not {run_id}")
    return problems


def publish_bundle(folder: DistrictFolder, manifest: BundleManifest) -> list[str]:
    """Put the files already written into service, manifest last, and remove every other; return what was removed."""
    root = ROOTS[manifest.profile]
    documents = bundle_documents(DATASETS[manifest.profile].values())
    sums = {file.path: file.sha256 for file in manifest.files}
    for name, text in documents.items():
        folder.put_text(f"{root}/{name}", text)
        sums[name] = hashlib.sha256(text.encode()).hexdigest()
    lines = "".join(f"{digest}  {name}\n" for name, digest in sorted(sums.items()))
    folder.put_text(f"{root}/{SUMS}", lines)
    folder.put_text(f"{root}/{MANIFEST}", manifest.model_dump_json(indent=1) + "\n")
    named = {f"{root}/{name}" for name in (*sums, SUMS, MANIFEST)}
    removed = [path for path in folder.paths(root) if path not in named]
    for path in removed:
        folder.delete(path)
    return removed


def verify_bundle(path: Path) -> BundleReport:
    """Check every file of a bundle against its manifest and its checksums.

    Raises FileNotFoundError when the folder is no bundle, and ValueError when its manifest is damaged.
    """
    manifest = BundleManifest.model_validate_json((path / MANIFEST).read_bytes())
    sums = _parsed_sums((path / SUMS).read_text(encoding="utf-8"))
    present = {file.relative_to(path).as_posix() for file in path.rglob("*") if file.is_file()}
    present -= {MANIFEST, SUMS}
    named = {file.path for file in manifest.files} | {PAGE, TABLE}
    problems = [f"{name} is missing" for name in sorted(named - present)]
    problems += [f"{name} is not part of the bundle" for name in sorted(present - named)]
    problems += _checksum_problems(path, manifest, sums, named & present)
    for file in manifest.files:
        if file.path in present:
            problems += _file_problems(path, manifest, file)
    return BundleReport(str(manifest.district_id), manifest.rows, tuple(problems))


def _parsed_sums(text: str) -> dict[str, str]:
    return {name: digest for digest, name in _SUM_LINE.findall(text)}


def _checksum_problems(
    path: Path, manifest: BundleManifest, sums: Mapping[str, str], present: Iterable[str]
) -> list[str]:
    told = {file.path: file.sha256 for file in manifest.files}
    disagreeing = sorted(
        name for name in {*told, PAGE, TABLE} if sums.get(name) != told.get(name, sums.get(name))
    )
    problems = [f"{name} has another checksum in {SUMS} than in {MANIFEST}" for name in disagreeing]
    unlisted = sorted({PAGE, TABLE} - sums.keys())
    problems += [f"{name} has no checksum" for name in unlisted]
    expected = {**sums, **told}
    return problems + [
        f"{name} has been changed"
        for name in sorted(present)
        if name in expected and digest_of_file(path / name) != expected[name]
    ]


def _file_problems(path: Path, manifest: BundleManifest, file: BundleFile) -> list[str]:
    """Look into a file: its rows, and whose it says it is. What cannot be opened has been named as changed."""
    district = str(manifest.district_id)
    problems = []
    if f"/district_id={district}/" not in file.path:
        problems.append(f"{file.path} lies in another district's folder")
    try:
        found, facts = row_count(path / file.path), file_facts(path / file.path)
    except (ValueError, OSError):
        return [*problems, f"{file.path} cannot be read"]
    if found != file.rows:
        problems.append(f"{file.path} has {found} rows, not {file.rows}")
    if facts.get("district_id") != district:
        problems.append(f"{file.path} carries another district's rows")
    if facts.get("dataset") != file.dataset or facts.get("profile") != manifest.profile:
        problems.append(f"{file.path} is of another dataset or profile")
    return problems

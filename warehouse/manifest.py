"""The manifest: one small file per district that names the served version of every mart.

Readers start here, writers end here. It is replaced in one step, so a reader sees all marts of one
publication or all of another, never a mixture. Run ids and times live here and nowhere in the marts.
"""

from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from typing import Annotated, Literal
from uuid import UUID

from pydantic import AwareDatetime, BaseModel, ConfigDict, StringConstraints, TypeAdapter

from warehouse.folder import DistrictFolder

MANIFEST = "manifest.json"
RETIRED = "retired.json"
GRACE = timedelta(minutes=15)
"""How long replaced files stay readable: far longer than the slowest dashboard query."""

Version = Annotated[str, StringConstraints(pattern=r"^[a-zA-Z0-9-]{1,64}$")]
DataPath = Annotated[
    str, StringConstraints(pattern=r"^[a-z_]+/v=[a-zA-Z0-9-]+/([a-z0-9=_-]+/)?[a-z0-9-]+\.parquet$")
]
Digest = Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{64}$")]


class WarehouseError(Exception):
    """The warehouse cannot answer; the sentence says why, and nothing wrong was served."""


class MartNotServedError(WarehouseError):
    """No published version of this mart exists yet."""


class ManifestCorruptedError(WarehouseError):
    """The manifest is not one of ours or names another district."""


class _Frozen(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class FileEntry(_Frozen):
    """One Parquet file and what proves that it is whole."""

    path: DataPath
    rows: int
    bytes: int
    sha256: Digest


class MartEntry(_Frozen):
    """One version of one mart. `as_of`: the data of PostgreSQL is complete through this moment (UTC).

    `watermark` is kept by the event lake alone: every event recorded by a transaction below it is inside.
    `source_rows`: how many rows PostgreSQL counted at that moment, where a mart mirrors one of its tables.
    `rejected_rows` of them were left out; `rejected` holds them, with the reasons, as rows of that mart.
    """

    mart: str
    version: Version
    schema_hash: Digest
    as_of: AwareDatetime
    files: tuple[FileEntry, ...]
    watermark: int | None = None
    source_rows: int | None = None
    rejected_rows: int = 0
    rejected: FileEntry | None = None

    @property
    def is_reconciled(self) -> bool:
        """Whether every row PostgreSQL counted was either taken in or left out."""
        return self.rows + self.rejected_rows == self.source_rows

    @property
    def rows(self) -> int:
        return sum(file.rows for file in self.files)

    @property
    def bytes(self) -> int:
        return sum(file.bytes for file in self.files)

    @property
    def all_files(self) -> tuple[FileEntry, ...]:
        """The mart's files and the one of what was left out of it."""
        return (*self.files, self.rejected) if self.rejected else self.files


class Manifest(_Frozen):
    """What a district's readers are served. `as_of` is the oldest of the marts', `computed_at` the publication."""

    format: Literal[1] = 1
    district_id: UUID
    run_id: Version
    as_of: AwareDatetime
    computed_at: AwareDatetime
    marts: dict[str, MartEntry]

    def entry(self, mart: str) -> MartEntry:
        """Return the served version of a mart. Raises MartNotServedError."""
        if mart not in self.marts:
            raise MartNotServedError(f"no version of {mart} has been published yet")
        return self.marts[mart]


def read_manifest(folder: DistrictFolder) -> Manifest | None:
    """Return what is served, or None before the first publication. Raises ManifestCorruptedError."""
    return _read_with_token(folder)[0]


def served_manifest(folder: DistrictFolder) -> Manifest:
    """Return what is served. Raises MartNotServedError before the first publication."""
    manifest = read_manifest(folder)
    if manifest is None:
        raise MartNotServedError("nothing has been published for this district yet")
    return manifest


def publish(
    folder: DistrictFolder, entries: Iterable[MartEntry], *, run_id: str, computed_at: datetime
) -> Manifest:
    """Serve these versions from now on; marts not named keep theirs. One atomic swap.

    Raises StorageConflictError when another run published in between.
    """
    previous, token = _read_with_token(folder)
    marts = {**(previous.marts if previous else {}), **{entry.mart: entry for entry in entries}}
    manifest = Manifest(
        district_id=folder.tenant.value,
        run_id=run_id,
        as_of=min(entry.as_of for entry in marts.values()),
        computed_at=computed_at,
        marts=dict(sorted(marts.items())),
    )
    folder.swap(MANIFEST, manifest.model_dump_json(indent=1).encode(), token)
    return manifest


def remove_retired(
    folder: DistrictFolder, manifest: Manifest, *, now: datetime, grace: timedelta = GRACE
) -> int:
    """Delete files that no manifest has named for `grace`, also those of runs that died; return how many.

    What is unnamed is first noted with the time it was seen; only a note older than `grace` deletes.
    """
    served = {file.path for entry in manifest.marts.values() for file in entry.all_files}
    present = [path for mart in manifest.marts for path in folder.paths(mart)]
    noted = _retired(folder)
    unserved = {path: noted.get(path, now) for path in present if path not in served}
    expired = [path for path, since in unserved.items() if now - since >= grace]
    for path in expired:
        folder.delete(path)
    remaining = {path: since for path, since in unserved.items() if path not in set(expired)}
    folder.put_text(RETIRED, _RETIRED_ADAPTER.dump_json(remaining, indent=1).decode())
    return len(expired)


_RETIRED_ADAPTER = TypeAdapter(dict[str, datetime])


def _retired(folder: DistrictFolder) -> Mapping[str, datetime]:
    stored = folder.read(RETIRED)
    return _RETIRED_ADAPTER.validate_json(stored.content) if stored else {}


def _read_with_token(folder: DistrictFolder) -> tuple[Manifest | None, str | None]:
    stored = folder.read(MANIFEST)
    if stored is None:
        return None, None
    try:
        manifest = Manifest.model_validate_json(stored.content)
    except ValueError as error:
        raise ManifestCorruptedError("the manifest is damaged; publish again or restore it") from error
    if manifest.district_id != folder.tenant.value:
        raise ManifestCorruptedError("the manifest belongs to another district")
    return manifest, stored.token

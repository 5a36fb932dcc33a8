"""The local copy of a bucket's files: DuckDB reads only from here, never from the network."""

from pathlib import Path

from warehouse.folder import DistrictFolder
from warehouse.manifest import FileEntry, Manifest


def mirrored_file(folder: DistrictFolder, file: FileEntry) -> Path:
    """Return the district's local copy, fetching it once. Raises FileNotFoundError when the bucket has it no more."""
    target = folder.local_root / file.path
    if not target.exists():
        stored = folder.read(file.path)
        if stored is None:
            raise FileNotFoundError(file.path)
        scratch = folder.storage.scratch_file()
        scratch.write_bytes(stored.content)
        target.parent.mkdir(parents=True, exist_ok=True)
        scratch.replace(target)
    return target


def prune_mirror(folder: DistrictFolder, manifest: Manifest) -> int:
    """Once per publication, remove local copies the manifest no longer names; return how many.

    A reader that still held the older manifest finds its file gone, reads the new manifest and goes on.
    """
    if not folder.is_mirrored or _pruned_for.get(folder.local_root) == manifest.run_id:
        return 0
    served = {folder.local_root / file.path for entry in manifest.marts.values() for file in entry.all_files}
    stale = [path for path in folder.local_root.rglob("*.parquet") if path not in served]
    for path in stale:
        path.unlink(missing_ok=True)
    _pruned_for[folder.local_root] = manifest.run_id
    return len(stale)


_pruned_for: dict[Path, str] = {}

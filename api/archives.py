"""Zip archives from outside: counted while they are unpacked, because the sizes they declare may lie."""

import io
import stat
import zipfile
import zlib
from dataclasses import dataclass
from pathlib import PurePosixPath

from core.errors import InvalidInputError

_CHUNK = 64 * 1024
_METHODS = {zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED}
"""The library unpacks others a block at once: 753 bytes of bzip2 took 1.6 GB before they were counted."""


class UnsafeArchiveError(InvalidInputError):
    """This is not a zip archive that we can open safely."""

    code = "unsafe_archive"


@dataclass(frozen=True, slots=True)
class ArchiveLimits:
    """What an archive may be; bytes."""

    entries: int = 2_000
    unpacked: int = 50 * 1024 * 1024
    ratio: int = 200
    """Unpacked to packed: text compresses 10:1, bombs 1000:1."""


def read_archive(packed: bytes, limits: ArchiveLimits | None = None) -> dict[str, bytes]:
    """Return the files of a zip archive by path. Raises UnsafeArchiveError, and nothing is written anywhere."""
    limits = limits or ArchiveLimits()
    try:
        with zipfile.ZipFile(io.BytesIO(packed)) as archive:
            entries = [entry for entry in archive.infolist() if not entry.is_dir()]
            _require_harmless(entries, limits)
            return _unpack(archive, entries, min(limits.unpacked, limits.ratio * max(len(packed), _CHUNK)))
    except (zipfile.BadZipFile, zipfile.LargeZipFile, NotImplementedError, EOFError, OSError) as error:
        raise UnsafeArchiveError from error
    except (ValueError, RuntimeError, zlib.error) as error:  # damaged names and streams, encryption
        raise UnsafeArchiveError from error


def _require_harmless(entries: list[zipfile.ZipInfo], limits: ArchiveLimits) -> None:
    if len(entries) > limits.entries:
        raise UnsafeArchiveError("The archive holds too many files.")
    names = [entry.filename for entry in entries]
    if len({name.casefold() for name in names}) != len(names):
        raise UnsafeArchiveError("The archive holds two files of the same name.")
    for entry in entries:
        path = PurePosixPath(entry.filename.replace("\\", "/"))
        if path.is_absolute() or ".." in path.parts or ":" in entry.filename:
            raise UnsafeArchiveError("The archive holds a file outside of itself.")
        if entry.compress_type not in _METHODS:
            raise UnsafeArchiveError("The archive is packed by a method that we do not open.")
        if entry.flag_bits & 0x1:
            raise UnsafeArchiveError("The archive is encrypted.")
        if stat.S_ISLNK(entry.external_attr >> 16):
            raise UnsafeArchiveError("The archive holds a link.")


def _unpack(archive: zipfile.ZipFile, entries: list[zipfile.ZipInfo], budget: int) -> dict[str, bytes]:
    files: dict[str, bytes] = {}
    for entry in entries:
        parts = []
        with archive.open(entry) as stream:
            while part := stream.read(_CHUNK):
                budget -= len(part)
                if budget < 0:
                    raise UnsafeArchiveError("The archive unpacks to more than it may.")
                parts.append(part)
        files[entry.filename] = b"".join(parts)
    return files

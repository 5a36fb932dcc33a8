"""Look at a zip container before any parser does: names, sizes and markup, in a stream, never unfolded to disk.

What a container says of itself is not believed: every entry is inflated once, and what comes out is counted.
"""

import re
import zipfile
import zlib
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from api.files.errors import FileRejectedError, RejectionCode

_PIECE = 64 * 1024
_OVERLAP = 64
_ENCRYPTED = 0x1
_SYMLINK, _TYPE_BITS = 0o120000, 0o170000
_MARKUP = re.compile(rb"<!\s*(DOCTYPE|ENTITY)", re.IGNORECASE)
_MACRO_PARTS = ("vbaproject.bin", "vbadata.xml")
_MACRO_TYPE = re.compile(rb"macroEnabled|vbaProject", re.IGNORECASE)
_CONTENT_TYPES = "[Content_Types].xml"
_METHODS = frozenset({zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED})


@dataclass(frozen=True, slots=True, kw_only=True)
class ContainerLimits:
    """How much a container may hold: ten times the largest office document a school was seen to write."""

    total_bytes: int = 50 * 1024 * 1024
    ratio: int = 200
    """Inflated bytes per packed byte; text seldom passes 20."""
    ratio_from_bytes: int = 1024 * 1024
    """Entries below this may have any ratio: a short part of blanks is no bomb."""
    entries: int = 2_000


def check_container(path: Path, limits: ContainerLimits | None = None) -> frozenset[str]:
    """Return the names of a container's entries. Raises FileRejectedError."""
    limits = limits or ContainerLimits()
    _check_directory(path, limits)
    try:
        with zipfile.ZipFile(path) as container:
            entries = container.infolist()
            _check_entries(entries, limits)
            _check_contents(container, entries, limits)
            return frozenset(entry.filename for entry in entries)
    except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, ValueError, OSError) as error:
        raise FileRejectedError(RejectionCode.DAMAGED) from error


def _check_directory(path: Path, limits: ContainerLimits) -> None:
    """Count the headers of entries before `zipfile` makes an object of each: 60,000 of them cost 30 MB."""
    headers, tail = 0, b""
    with path.open("rb") as file:
        while piece := file.read(_PIECE):
            headers += (tail + piece).count(b"PK\x01\x02")
            tail = piece[-3:]
    if headers > limits.entries:
        raise FileRejectedError(RejectionCode.ARCHIVE_TOO_LARGE)


def _check_entries(entries: list[zipfile.ZipInfo], limits: ContainerLimits) -> None:
    """Check what the container says of itself; that is cheap, and enough to refuse most."""
    if len(entries) > limits.entries or sum(entry.file_size for entry in entries) > limits.total_bytes:
        raise FileRejectedError(RejectionCode.ARCHIVE_TOO_LARGE)
    if any(entry.flag_bits & _ENCRYPTED for entry in entries):
        raise FileRejectedError(RejectionCode.ENCRYPTED)
    names = [entry.filename.lower() for entry in entries]
    if len(set(names)) != len(names) or not all(_is_plain(entry) for entry in entries):
        raise FileRejectedError(RejectionCode.ARCHIVE_UNSAFE)
    if any(name.rpartition("/")[2] in _MACRO_PARTS for name in names):
        raise FileRejectedError(RejectionCode.MACROS)


def _is_plain(entry: zipfile.ZipInfo) -> bool:
    """Say whether an entry is a file in a folder below, packed as office programs pack."""
    name = PurePosixPath(entry.filename)
    is_below = not name.is_absolute() and ".." not in name.parts
    has_usual_name = "\\" not in entry.orig_filename and ":" not in entry.orig_filename
    is_link = (entry.external_attr >> 16) & _TYPE_BITS == _SYMLINK
    # `orig_filename` still has what follows a NUL; `filename` ends there
    is_whole = "\0" not in entry.orig_filename
    return is_below and has_usual_name and is_whole and not is_link and entry.compress_type in _METHODS


def _check_contents(
    container: zipfile.ZipFile, entries: list[zipfile.ZipInfo], limits: ContainerLimits
) -> None:
    """Inflate everything once, piece by piece, and stop at the first byte too many."""
    left = limits.total_bytes
    for entry in entries:
        left -= _check_content(container, entry, limits, left)


def _check_content(
    container: zipfile.ZipFile, entry: zipfile.ZipInfo, limits: ContainerLimits, left: int
) -> int:
    """Return how many bytes an entry really has. `zipfile` itself stops at the size the entry declares."""
    is_markup = entry.filename.lower().endswith((".xml", ".rels"))
    size, tail = 0, b""
    with container.open(entry) as stream:
        while piece := stream.read(_PIECE):
            size += len(piece)
            if size > left or _is_bomb(size, entry.compress_size, limits):
                raise FileRejectedError(RejectionCode.ARCHIVE_TOO_LARGE)
            if is_markup:
                _check_markup(entry, tail + piece)
                tail = piece[-_OVERLAP:]
            elif size <= _PIECE and piece.startswith(b"PK\x03\x04"):
                raise FileRejectedError(RejectionCode.ARCHIVE_UNSAFE)  # a container in the container
    if size != entry.file_size:
        raise FileRejectedError(RejectionCode.DAMAGED)
    return size


def _is_bomb(size: int, packed: int, limits: ContainerLimits) -> bool:
    return size > limits.ratio_from_bytes and size > limits.ratio * max(packed, 1)


def _check_markup(entry: zipfile.ZipInfo, text: bytes) -> None:
    """Refuse document types and entities, in UTF-16 too, which a parser would read as well."""
    plain = text.replace(b"\0", b"")
    if _MARKUP.search(plain):
        raise FileRejectedError(RejectionCode.ARCHIVE_UNSAFE)
    if entry.filename == _CONTENT_TYPES and _MACRO_TYPE.search(plain):
        raise FileRejectedError(RejectionCode.MACROS)

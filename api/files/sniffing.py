"""What a file is, by its content alone: neither its name nor the type its sender claims has a say.

Two opinions must agree: `puremagic`'s on the first bytes, and ours on the structure. No parser runs here.
"""

import codecs
import re
from pathlib import Path

import puremagic

from api.extraction.result import FileKind
from api.files.errors import FileRejectedError, RejectionCode
from api.files.preflight import check_container

_HEAD, _TAIL = 8_192, 2_048
_DIRECTORY_END = 22 + 65_535
"""The end of a container's directory lies so close to the file's end, by the longest comment."""
_PIECE = 64 * 1024
_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_ZIP = b"PK\x03\x04"
_DOCUMENT = "word/document.xml"
_UTF_16 = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)
_EXPECTED = {
    FileKind.PDF: {".pdf"},
    FileKind.PNG: {".png", ".apng"},
    FileKind.JPG: {".jpg", ".jpeg", ".jpe", ".jfif"},
}
_MARKUP = re.compile(
    rb"<(!doctype|html|head|body|script|svg|iframe|\?xml|\?php|object|embed)\b|\{\\rtf|^#!|^%!PS",
    re.IGNORECASE,
)
_FOREIGN = (b"MZ", b"\x7fELF", b"\xca\xfe\xba\xbe", b"GIF8", b"Rar!", b"7z\xbc\xaf", b"\x1f\x8b", b"BM")
_CONTROL = bytes(set(range(32)) - {0x07, 0x08, 0x09, 0x0A, 0x0B, 0x0C, 0x0D, 0x1A, 0x1B}) + b"\x7f"


def sniff(path: Path) -> FileKind:
    """Return what a file is. Raises FileRejectedError for everything that is not clearly one of ours."""
    head, tail = _ends(path)
    if not head.strip():
        raise FileRejectedError(RejectionCode.EMPTY)
    kind = _kind_of(path, head)
    if kind in _EXPECTED:
        _require_agreement(head, kind)
        _require_end(path, kind, tail)
    return kind


def _ends(path: Path) -> tuple[bytes, bytes]:
    with path.open("rb") as file:
        head = file.read(_HEAD)
        file.seek(max(0, path.stat().st_size - _DIRECTORY_END))
        return head, file.read()


def _kind_of(path: Path, head: bytes) -> FileKind:
    if head.startswith(b"%PDF-"):
        return FileKind.PDF
    if head.startswith(b"\x89PNG\r\n\x1a\n"):
        return FileKind.PNG
    if head.startswith(b"\xff\xd8\xff"):
        return FileKind.JPG
    if head.startswith(_ZIP):
        return _container_kind(path)
    if head.startswith(_OLE):
        return _compound_kind(path)
    _require_text(path, head)
    return FileKind.TXT


def _require_agreement(head: bytes, kind: FileKind) -> None:
    """Ask puremagic too: a head that also is something else is none we take."""
    try:
        found = puremagic.from_string(head)
    except puremagic.PureError:
        return
    if found not in _EXPECTED[kind]:
        raise FileRejectedError(RejectionCode.POLYGLOT)


_ENDS = {FileKind.PDF: b"%%EOF", FileKind.PNG: b"IEND", FileKind.JPG: b"\xff\xd9"}


def _require_end(path: Path, kind: FileKind, tail: bytes) -> None:
    """Refuse a file that goes on as a container behind its end; zip readers would find that one."""
    if b"PK\x05\x06" in tail:
        raise FileRejectedError(RejectionCode.POLYGLOT)
    if _ENDS[kind] not in tail[-_TAIL:]:
        raise FileRejectedError(RejectionCode.DAMAGED)
    if kind is FileKind.PDF and _contains(path, re.compile(rb"<script\b|<html\b", re.IGNORECASE), _HEAD):
        raise FileRejectedError(RejectionCode.POLYGLOT)


def _container_kind(path: Path) -> FileKind:
    """A container is a Word document, or nothing of ours."""
    names = check_container(path)
    if not {_DOCUMENT, "[Content_Types].xml"} <= names:
        raise FileRejectedError(RejectionCode.UNSUPPORTED_TYPE)
    return FileKind.DOCX


def _compound_kind(path: Path) -> FileKind:
    """Tell old Word files from other compound files by the names in their directory, without reading it."""
    if _contains(path, re.compile(re.escape("EncryptedPackage".encode("utf-16-le")))):
        raise FileRejectedError(RejectionCode.ENCRYPTED)
    if not _contains(path, re.compile(re.escape("WordDocument\0".encode("utf-16-le")))):
        raise FileRejectedError(RejectionCode.UNSUPPORTED_TYPE)
    macros = "|".join(re.escape(name) for name in _utf_16("_VBA_PROJECT\0", "Macros\0"))
    if _contains(path, re.compile(macros.encode("latin-1"))):
        raise FileRejectedError(RejectionCode.MACROS)
    return FileKind.DOC


def _utf_16(*names: str) -> list[str]:
    return [name.encode("utf-16-le").decode("latin-1") for name in names]


def _contains(path: Path, wanted: re.Pattern[bytes], most: int | None = None) -> bool:
    """Search a file piece by piece; a match may lie across two."""
    tail, left = b"", path.stat().st_size if most is None else most
    with path.open("rb") as file:
        while left > 0 and (piece := file.read(min(_PIECE, left))):
            if wanted.search(tail + piece):
                return True
            tail, left = piece[-128:], left - len(piece)
    return False


def _require_text(path: Path, head: bytes) -> None:
    """Text has no control characters, no markup at its start, and is no other program's file."""
    is_wide = head.startswith(_UTF_16)
    start = head.replace(b"\0", b"") if is_wide else head
    if head.startswith(_FOREIGN) or _MARKUP.search(start):
        raise FileRejectedError(RejectionCode.UNSUPPORTED_TYPE)
    if not is_wide and _has_control(path):
        raise FileRejectedError(RejectionCode.UNSUPPORTED_TYPE)
    if is_wide and path.stat().st_size % 2:
        raise FileRejectedError(RejectionCode.DAMAGED)


def _has_control(path: Path) -> bool:
    with path.open("rb") as file:
        while piece := file.read(_PIECE):
            if len(piece.translate(None, _CONTROL)) != len(piece):
                return True
    return False

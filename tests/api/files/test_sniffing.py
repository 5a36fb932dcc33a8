"""What a file is by its content, and which containers no parser ever sees."""

import io
import struct
import time
import zipfile
import zlib
from pathlib import Path

import pytest

from api.extraction.result import FileKind
from api.files.errors import FileRejectedError, RejectionCode
from api.files.preflight import ContainerLimits, check_container
from api.files.sniffing import sniff

TYPES = b'<?xml version="1.0"?><Types/>'
OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 504
PDF = b"%PDF-1.4\n1 0 obj<<>>endobj\ntrailer<<>>\n%%EOF\n"


def _png() -> bytes:
    def chunk(kind: bytes, content: bytes) -> bytes:
        return (
            struct.pack(">I", len(content)) + kind + content + struct.pack(">I", zlib.crc32(kind + content))
        )

    header = chunk(b"IHDR", struct.pack(">IIBBBBB", 1, 1, 8, 0, 0, 0, 0))
    return b"\x89PNG\r\n\x1a\n" + header + chunk(b"IDAT", zlib.compress(b"\0\0")) + chunk(b"IEND", b"")


PNG = _png()
JPG = b"\xff\xd8\xff\xe0\x00\x10JFIF\x00\x01\x01\x00\x00\x01\x00\x01\x00\x00" + b"\xff\xd9"


def container(parts: dict[str, bytes], *, method: int = zipfile.ZIP_DEFLATED) -> bytes:
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", method) as file:
        for name, content in parts.items():
            file.writestr(name, content)
    return made.getvalue()


def docx(**more: bytes) -> bytes:
    parts = {name.replace("__", "/").replace("_xml", ".xml"): content for name, content in more.items()}
    return container({"[Content_Types].xml": TYPES, "word/document.xml": b"<w:document/>"} | parts)


def compound(*names: str) -> bytes:
    return OLE + b"".join((name + "\0").encode("utf-16-le").ljust(128, b"\0") for name in names)


def link() -> bytes:
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w") as file:
        entry = zipfile.ZipInfo("word/document.xml")
        entry.external_attr = 0o120777 << 16
        file.writestr(entry, "/etc/passwd")
        file.writestr("[Content_Types].xml", TYPES)
    return made.getvalue()


def twice() -> bytes:
    """Two entries of one name; renamed afterwards, because `zipfile` warns of them."""
    made = container({"word/document.xml": b"<w/>", "word/document.xmm": b"<w/>"})
    return made.replace(b"word/document.xmm", b"word/document.xml")


def commented() -> bytes:
    """A container whose directory ends far before its own end."""
    made = docx()
    return made[:-2] + struct.pack("<H", 30_000) + b"%%EOF".rjust(30_000)


def encrypted() -> bytes:
    content = bytearray(docx())
    content[6] |= 1
    at = content.find(b"PK\x01\x02")
    content[at + 8] |= 1
    return bytes(content)


def lying() -> bytes:
    """Declare one byte where five million follow."""
    content = bytearray(container({"word/document.xml": b"a" * 5_000_000}))
    at = content.find(b"PK\x01\x02")
    content[at + 24 : at + 28] = struct.pack("<I", 1)
    return bytes(content)


def file(folder: Path, content: bytes) -> Path:
    path = folder / "upload"
    path.write_bytes(content)
    return path


GOOD = {
    "pdf": (PDF, FileKind.PDF),
    "png": (PNG, FileKind.PNG),
    "jpg": (JPG, FileKind.JPG),
    "docx": (docx(), FileKind.DOCX),
    "doc": (compound("Root Entry", "WordDocument", "1Table"), FileKind.DOC),
    "text": (b"Photosynthesis turns light into sugar.\r\n\tTrue?\n", FileKind.TXT),
    "text in UTF-8": ("Größe und Maß".encode(), FileKind.TXT),
    "text in UTF-16": ("Größe und Maß".encode("utf-16"), FileKind.TXT),
    "text in Latin-1": ("Größe und Maß".encode("latin-1"), FileKind.TXT),
    "text about x < y": (b"If x < y and y < z, then x < z.", FileKind.TXT),
}


@pytest.mark.parametrize("name", sorted(GOOD))
def test_a_file_is_what_its_content_is(tmp_path: Path, name: str) -> None:
    content, kind = GOOD[name]
    assert sniff(file(tmp_path, content)) is kind


R = RejectionCode
BAD = {
    "nothing": (b"", R.EMPTY),
    "blanks": (b" \n\t ", R.EMPTY),
    "html": (b"<!DOCTYPE html><script>alert(1)</script>", R.UNSUPPORTED_TYPE),
    "html behind text": (b"Hello <script>alert(1)</script>", R.UNSUPPORTED_TYPE),
    "html in UTF-16": ("<html>".encode("utf-16"), R.UNSUPPORTED_TYPE),
    "svg": (b'<svg xmlns="http://www.w3.org/2000/svg"/>', R.UNSUPPORTED_TYPE),
    "xml": (b"<?xml version='1.0'?><a/>", R.UNSUPPORTED_TYPE),
    "rtf": (rb"{\rtf1\ansi text}", R.UNSUPPORTED_TYPE),
    "script": (b"#!/bin/sh\nrm -rf /\n", R.UNSUPPORTED_TYPE),
    "postscript": (b"%!PS-Adobe-3.0\n", R.UNSUPPORTED_TYPE),
    "windows program": (b"MZ\x90\0", R.UNSUPPORTED_TYPE),
    "linux program": (b"\x7fELF\x02\x01", R.UNSUPPORTED_TYPE),
    "gif": (b"GIF89a" + b"\x01" * 20, R.UNSUPPORTED_TYPE),
    "bytes": (b"text\0text", R.UNSUPPORTED_TYPE),
    "bytes far behind": (b"a" * 200_000 + b"\0", R.UNSUPPORTED_TYPE),
    "half a character": (b"\xff\xfea\0b", R.DAMAGED),
    "cut pdf": (b"%PDF-1.4\n1 0 obj", R.DAMAGED),
    "cut png": (PNG[:-8], R.DAMAGED),
    "pdf with zip": (PDF + docx(), R.POLYGLOT),
    "png with zip": (PNG + docx(), R.POLYGLOT),
    "jpg with zip": (JPG + docx(), R.POLYGLOT),
    "pdf with html": (b"%PDF-1.4\n<script>alert(1)</script>\n%%EOF", R.POLYGLOT),
    "spreadsheet": (
        container({"[Content_Types].xml": TYPES, "xl/workbook.xml": b"<x/>"}),
        R.UNSUPPORTED_TYPE,
    ),
    "pdf with zip and a long comment": (PDF + commented(), R.POLYGLOT),
    "plain zip": (container({"homework.txt": b"text"}), R.UNSUPPORTED_TYPE),
    "cut zip": (docx()[:-30], R.DAMAGED),
    "old spreadsheet": (compound("Root Entry", "Workbook"), R.UNSUPPORTED_TYPE),
    "old macros": (compound("Root Entry", "WordDocument", "Macros", "_VBA_PROJECT"), R.MACROS),
    "encrypted docx": (compound("Root Entry", "EncryptedPackage"), R.ENCRYPTED),
    "encrypted zip": (encrypted(), R.ENCRYPTED),
    "new macros": (docx(**{"word/vbaProject.bin": b"\0"}), R.MACROS),
    "macros under another name": (
        container(
            {
                "[Content_Types].xml": b"application/vnd.ms-word.document.macroEnabled.main+xml",
                "word/document.xml": b"<w/>",
            }
        ),
        R.MACROS,
    ),
    "parent folder": (docx(**{"../../evil": b"a"}), R.ARCHIVE_UNSAFE),
    "parent folder below": (docx(**{"word/../../evil": b"a"}), R.ARCHIVE_UNSAFE),
    "root folder": (docx(**{"/etc/passwd": b"a"}), R.ARCHIVE_UNSAFE),
    "drive": (docx(**{"C:/evil": b"a"}), R.ARCHIVE_UNSAFE),
    "backslash": (docx(**{"..\\evil": b"a"}), R.ARCHIVE_UNSAFE),
    "link": (link(), R.ARCHIVE_UNSAFE),
    "two of a name": (twice(), R.ARCHIVE_UNSAFE),
    "names that differ in case": (docx(**{"WORD/Document.xml": b"a"}), R.ARCHIVE_UNSAFE),
    "zip in zip": (docx(**{"word/media/a.bin": docx()}), R.ARCHIVE_UNSAFE),
    "document type": (docx(**{"word/a.xml": b'<!DOCTYPE a SYSTEM "file:///etc/passwd">'}), R.ARCHIVE_UNSAFE),
    "entities": (docx(**{"word/a.xml": b'<!ENTITY a "aaaa">'}), R.ARCHIVE_UNSAFE),
    "entities in UTF-16": (docx(**{"word/a.xml": '<!ENTITY a "a">'.encode("utf-16")}), R.ARCHIVE_UNSAFE),
    "entities across pieces": (docx(**{"word/a.xml": b"a" * 65_530 + b"<!DOCTYPE a>"}), R.ARCHIVE_UNSAFE),
    "bzip2": (
        container({"[Content_Types].xml": TYPES, "word/document.xml": b"a" * 99}, method=zipfile.ZIP_BZIP2),
        R.ARCHIVE_UNSAFE,
    ),
    "bomb": (docx(**{"word/a.bin": bytes(45_000_000)}), R.ARCHIVE_TOO_LARGE),
    "too much": (docx(**{"word/a.bin": bytes(60_000_000)}), R.ARCHIVE_TOO_LARGE),
    "too many": (docx(**{f"word/{number}": b"" for number in range(2_000)}), R.ARCHIVE_TOO_LARGE),
    "lying": (lying(), R.DAMAGED),
}


@pytest.mark.parametrize("name", sorted(BAD))
def test_what_is_not_clearly_ours_is_rejected_within_two_seconds(tmp_path: Path, name: str) -> None:
    content, code = BAD[name]
    path = file(tmp_path, content)
    started = time.perf_counter()
    with pytest.raises(FileRejectedError) as caught:
        sniff(path)
    assert caught.value.code is code
    assert time.perf_counter() - started < 2


def test_a_container_at_its_limits_is_taken(tmp_path: Path) -> None:
    path = file(tmp_path, container({"a": b"1234", "b": b"56"}))
    assert check_container(path, ContainerLimits(total_bytes=6, entries=2)) == {"a", "b"}
    with pytest.raises(FileRejectedError):
        check_container(path, ContainerLimits(total_bytes=5, entries=2))

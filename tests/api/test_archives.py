"""Zip archives meant to hurt, and what of them is let in: nothing."""

import io
import struct
import zipfile
from collections.abc import Callable

import pytest

from api.archives import ArchiveLimits, UnsafeArchiveError, read_archive

SMALL = ArchiveLimits(entries=10, unpacked=1_000_000, ratio=200)


def packed(files: dict[str, bytes], compression: int = zipfile.ZIP_DEFLATED) -> bytes:
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", compression) as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return target.getvalue()


def with_entry(change: Callable[[zipfile.ZipInfo], None], name: str = "a.csv") -> bytes:
    entry = zipfile.ZipInfo(name)
    change(entry)
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w") as archive:
        archive.writestr(entry, b"content")
    return target.getvalue()


def as_link(entry: zipfile.ZipInfo) -> None:
    entry.create_system = 3
    entry.external_attr = 0o120777 << 16


def with_flag(archive: bytes, flag: int) -> bytes:
    """Set a flag of the first entry, in its own header and in the directory."""
    data = bytearray(archive)
    for signature, offset in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        at = data.index(signature) + offset
        data[at : at + 2] = struct.pack("<H", struct.unpack("<H", data[at : at + 2])[0] | flag)
    return bytes(data)


def lying_about_its_size() -> bytes:
    """A bomb that claims to unpack to one byte."""
    data = bytearray(packed({"a.csv": b"0" * 5_000_000}))
    for signature, offset in ((b"PK\x03\x04", 22), (b"PK\x01\x02", 24)):
        at = data.index(signature) + offset
        data[at : at + 4] = struct.pack("<I", 1)
    return bytes(data)


def twice_the_same_name() -> bytes:
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w") as archive:
        archive.writestr("a.csv", b"first")
        with pytest.warns(UserWarning, match="Duplicate name"):
            archive.writestr("a.csv", b"second")
    return target.getvalue()


def damaged_in_the_middle() -> bytes:
    data = bytearray(packed({"a.csv": bytes(range(256)) * 40}))
    data[60:90] = b"\xff" * 30
    return bytes(data)


def unknown_method() -> bytes:
    data = bytearray(packed({"a.csv": b"content"}))
    for signature, offset in ((b"PK\x03\x04", 8), (b"PK\x01\x02", 10)):
        at = data.index(signature) + offset
        data[at : at + 2] = struct.pack("<H", 97)
    return bytes(data)


HOSTILE: dict[str, Callable[[], bytes]] = {
    "nothing": lambda: b"",
    "not a zip": lambda: b"sourcedId,name\n1,School\n",
    "cut short": lambda: packed({"a.csv": b"content" * 100})[:60],
    "only the end": lambda: packed({"a.csv": b"content"})[-22:] + b"x",
    "damaged": damaged_in_the_middle,
    "unknown method": unknown_method,
    "bomb": lambda: packed({"a.csv": b"0" * 50_000_000}),
    "bomb of many": lambda: packed({f"{number}.csv": b"0" * 900_000 for number in range(9)}),
    "bzip2": lambda: packed({"a.csv": b"content"}, zipfile.ZIP_BZIP2),
    "lzma": lambda: packed({"a.csv": b"content"}, zipfile.ZIP_LZMA),
    "lying size": lying_about_its_size,
    "too many files": lambda: packed({f"{number}.csv": b"x" for number in range(11)}),
    "same name twice": twice_the_same_name,
    "same name in capitals": lambda: packed({"users.csv": b"1", "USERS.csv": b"2"}),
    "parent folder": lambda: packed({"../users.csv": b"1"}),
    "parent further in": lambda: packed({"a/../../users.csv": b"1"}),
    "parent, the other way": lambda: packed({"..\\users.csv": b"1"}),
    "absolute": lambda: packed({"/etc/passwd": b"1"}),
    "drive": lambda: packed({"C:users.csv": b"1"}),
    "link": lambda: with_entry(as_link),
    "encrypted": lambda: with_flag(packed({"a.csv": b"content"}), 1),
}


@pytest.mark.parametrize("name", HOSTILE)
def test_a_hostile_archive_is_refused(name: str) -> None:
    with pytest.raises(UnsafeArchiveError):
        read_archive(HOSTILE[name](), SMALL)


def test_a_harmless_archive_is_read_without_its_folders() -> None:
    assert read_archive(packed({"folder/": b"", "folder/a.csv": b"1", "b.csv": b"2" * 5_000}), SMALL) == {
        "folder/a.csv": b"1",
        "b.csv": b"2" * 5_000,
    }


def test_text_that_compresses_well_is_no_bomb() -> None:
    text = b"sourcedId,status,dateLastModified,name\n" * 20_000
    assert read_archive(packed({"orgs.csv": text}), SMALL) == {"orgs.csv": text}

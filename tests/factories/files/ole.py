"""The container of old Office files ([MS-CFB], version 3), as small as may be: streams in a root, no mini stream."""

import struct

_SECTOR = 512
_END, _FREE, _FAT, _NONE = 0xFFFFFFFE, 0xFFFFFFFF, 0xFFFFFFFD, 0xFFFFFFFF
_SMALLEST = 4096
"""Shorter streams live in the mini stream; ours are filled up instead."""


def compound_file(streams: dict[str, bytes]) -> bytes:
    """Return a container with these streams, each filled up with zeros."""
    padded = {name: data.ljust(_SMALLEST, b"\0") for name, data in sorted(streams.items())}
    sectors: list[bytes] = []
    chain: list[int] = []
    starts = [_append(sectors, chain, data) for data in padded.values()]
    directory = _append(
        sectors, chain, _directory(list(padded), [len(data) for data in padded.values()], starts)
    )
    fat_sectors = _fat_sectors(len(sectors))
    first_fat = len(sectors)
    chain += [_FAT] * fat_sectors
    chain += [_FREE] * (fat_sectors * 128 - len(chain))
    fat = struct.pack(f"<{len(chain)}I", *chain)
    return _header(directory, range(first_fat, first_fat + fat_sectors)) + b"".join(sectors) + fat


def _fat_sectors(sectors: int) -> int:
    count = 1
    while count * 128 < sectors + count:
        count += 1
    return count


def _append(sectors: list[bytes], chain: list[int], data: bytes) -> int:
    start = len(sectors)
    pieces = [data[place : place + _SECTOR].ljust(_SECTOR, b"\0") for place in range(0, len(data), _SECTOR)]
    sectors += pieces
    chain += [*range(start + 1, start + len(pieces)), _END]
    return start


def _header(directory: int, fat: range) -> bytes:
    fixed = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(16)
    fixed += struct.pack("<HHHHH6x", 0x3E, 3, 0xFFFE, 9, 6)
    fixed += struct.pack("<IIIIIIIII", 0, len(fat), directory, 0, _SMALLEST, _END, 0, _END, 0)
    places = [*fat, *([_FREE] * (109 - len(fat)))]
    return fixed + struct.pack("<109I", *places)


def _directory(names: list[str], sizes: list[int], starts: list[int]) -> bytes:
    """Return the root and its streams, each the right neighbour of the one before: a tree, if a thin one."""
    entries = [_entry("Root Entry", 5, child=1 if names else _NONE, start=_END, size=0)]
    for place, name in enumerate(names):
        neighbour = place + 2 if place + 1 < len(names) else _NONE
        entries.append(_entry(name, 2, right=neighbour, start=starts[place], size=sizes[place]))
    return b"".join(entries)


def _entry(name: str, kind: int, *, right: int = _NONE, child: int = _NONE, start: int, size: int) -> bytes:
    letters = (name + "\0").encode("utf-16-le")
    links = struct.pack("<HBBIII", len(letters), kind, 1, _NONE, right, child)
    return letters.ljust(64, b"\0") + links + bytes(36) + struct.pack("<IQ", start, size)

"""Word files of old, written piece by piece as [MS-DOC] describes them: no other program is needed."""

import struct
from dataclasses import dataclass

from tests.factories.files.lesson import STEPS, TABLE, TITLE, UNITS
from tests.factories.files.ole import compound_file

_TEXT_AT = 0x800
_FIB = 0x600
_PAPERS_PER_PAGE = 20
ENCRYPTED = 0x0100
_SECOND_TABLE = 0x0200


@dataclass(frozen=True)
class Paragraph:
    text: str
    style: int = 0
    """1 to 9 are headings."""
    mark: str = "\r"
    ends_row: bool = False


def lesson_paragraphs() -> list[Paragraph]:
    """Return the lesson: headings, a field, a table, a list."""
    found = [Paragraph(TITLE, 1)]
    for unit, texts in UNITS.items():
        found += [Paragraph(unit, 2), *(Paragraph(text) for text in texts)]
    found.append(Paragraph('See \x13 HYPERLINK "http://intranet" \x14the school garden\x15 and Zoë’s notes.'))
    for row in TABLE:
        found += [*(Paragraph(cell, mark="\x07") for cell in row), Paragraph("", mark="\x07", ends_row=True)]
    return [*found, *(Paragraph(f"{number}. {step}") for number, step in enumerate(STEPS, start=1))]


def word_97(
    paragraphs: list[Paragraph] | None = None, *, flags: int = 0, version: int = 0xC1, macros: bool = False
) -> bytes:
    """Return a Word 97 file; every second paragraph is compressed, the others in UTF-16, as Word mixes them."""
    paragraphs = paragraphs if paragraphs is not None else lesson_paragraphs()
    text, pieces, places = _text(paragraphs)
    padding = -(_TEXT_AT + len(text)) % 512
    pages = _paper_pages(paragraphs, places)
    first_page = (_TEXT_AT + len(text) + padding) // 512
    clx, papers = _clx(pieces), _papers(places, len(pages), first_page)
    fib = bytearray(_FIB)
    struct.pack_into("<HH", fib, 0, 0xA5EC, version)
    struct.pack_into("<H", fib, 0x0A, flags | _SECOND_TABLE)
    struct.pack_into("<I", fib, 0x4C, pieces[-1][1])
    struct.pack_into("<II", fib, 0x102, len(clx), len(papers))
    struct.pack_into("<II", fib, 0x1A2, 0, len(clx))
    stream = bytes(fib).ljust(_TEXT_AT, b"\0") + text + bytes(padding) + b"".join(pages)
    streams = {"WordDocument": stream, "1Table": clx + papers}
    return compound_file({**streams, "Macros": b"Sub AutoOpen()"} if macros else streams)


def encrypted_docx() -> bytes:
    """Return what Word writes for a .docx with a password: a container with the document encrypted inside."""
    return compound_file({"EncryptedPackage": bytes(range(256)) * 32, "EncryptionInfo": b"\4\0\4\0"})


def _text(paragraphs: list[Paragraph]) -> tuple[bytes, list[tuple[int, int, int, bool]], list[int]]:
    """Return the bytes, the pieces (first and last character, place, whether compressed) and where each ends."""
    text, pieces, places, first = b"", [], [], 0
    for number, paragraph in enumerate(paragraphs):
        characters = paragraph.text + paragraph.mark
        is_compressed = bool(number % 2)
        text += bytes(len(text) % 2)
        start = _TEXT_AT + len(text)
        text += characters.encode("cp1252" if is_compressed else "utf-16-le")
        pieces.append((first, first + len(characters), start, is_compressed))
        places.append(start)
        first += len(characters)
    places.append(_TEXT_AT + len(text))
    return text, pieces, places


def _clx(pieces: list[tuple[int, int, int, bool]]) -> bytes:
    ends = [piece[0] for piece in pieces] + [pieces[-1][1]]
    plan = struct.pack(f"<{len(ends)}I", *ends)
    for _, _, place, is_compressed in pieces:
        where = place * 2 | 0x40000000 if is_compressed else place
        plan += struct.pack("<HIH", 0, where, 0)
    return b"\x02" + struct.pack("<I", len(plan)) + plan


def _paper_pages(paragraphs: list[Paragraph], places: list[int]) -> list[bytes]:
    """Return the pages with the formats of paragraphs, at most twenty on each."""
    starts = range(0, len(paragraphs), _PAPERS_PER_PAGE)
    return [
        _paper_page(
            paragraphs[start : start + _PAPERS_PER_PAGE], places[start : start + _PAPERS_PER_PAGE + 1]
        )
        for start in starts
    ]


def _paper_page(paragraphs: list[Paragraph], places: list[int]) -> bytes:
    page = bytearray(512)
    struct.pack_into(f"<{len(places)}I", page, 0, *places)
    end = 510
    for number, paragraph in enumerate(paragraphs):
        properties = struct.pack("<H", paragraph.style) + (b"\x17\x24\x01" if paragraph.ends_row else b"")
        properties = properties.ljust(len(properties) + (len(properties) + 1) % 2, b"\0")
        end -= len(properties) + 1
        end -= end % 2
        page[end] = (len(properties) + 1) // 2
        page[end + 1 : end + 1 + len(properties)] = properties
        page[4 * len(places) + 13 * number] = end // 2
    page[511] = len(paragraphs)
    return bytes(page)


def _papers(places: list[int], pages: int, first_page: int) -> bytes:
    starts = [*places[:-1:_PAPERS_PER_PAGE], places[-1]]
    return struct.pack(f"<{len(starts)}I", *starts) + struct.pack(
        f"<{pages}I", *range(first_page, first_page + pages)
    )

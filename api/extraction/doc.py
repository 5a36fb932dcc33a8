"""Word files of old (97 to 2003): our own small reader, because every other one would run far more code on them.

Source: [MS-DOC]. The stream `WordDocument` begins with the FIB, which says where the piece table (CLX) stands in the
table stream; pieces in their order are the text, in UTF-16 or, compressed, in Windows-1252. Styles of paragraphs are
found through formatted disk pages (FKP). Nothing is executed, no object and no picture is opened.
"""

import io
import re
import struct
from bisect import bisect_right
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from api.extraction.limits import Request
from api.extraction.paragraphs import heading_level, list_item
from api.extraction.reader import Reader
from api.extraction.refusals import ExtractionRefusedError, RefusalCode
from api.extraction.result import Block, BlockKind, Extraction

if TYPE_CHECKING:
    import olefile

_MAGIC = 0xA5EC
_WORD_97 = 0xC1
_ENCRYPTED, _SECOND_TABLE, _OBFUSCATED = 0x0100, 0x0200, 0x8000
_TEXT_LENGTH, _PAPERS, _CLX = 0x4C, 0x102, 0x1A2
"""Where the FIB tells the number of characters of the body, and where paragraphs' formats and the CLX stand."""
_COMPRESSED = 0x40000000
_FKP = 512
_END_OF_ROW = b"\x17\x24\x01"
"""sprmPFTtp: this mark ends a row of a table, and no cell."""
_FIELD = re.compile("\x13[^\x13\x14\x15]*\x14([^\x13\x14\x15]*)\x15|\x13[^\x13\x14\x15]*\x15")
"""A field: its code, and after the divider what readers see of it. Innermost first."""
_MOST_NESTED = 20
_UNSEEN = re.compile("[\x00-\x06\x08\x0e-\x1f\x7f]")
_MACROS = ("Macros", "_VBA_PROJECT_CUR", "VBA")


@dataclass(frozen=True, slots=True)
class _Piece:
    first: int
    """Character of the document it begins with."""
    last: int
    offset: int
    """Of its bytes in the stream."""
    width: int
    """Bytes of a character: 1 or 2."""

    def text(self, stream: bytes) -> str:
        """Return its characters."""
        found = stream[self.offset : self.offset + (self.last - self.first) * self.width]
        return found.decode("cp1252" if self.width == 1 else "utf-16-le", "replace")


@dataclass(frozen=True, slots=True)
class _Formats:
    """Styles of paragraphs, by the place in the stream at which each begins."""

    starts: list[int]
    styles: list[tuple[int, bool]]
    """The number of the style, and whether the paragraph ends a row of a table."""

    def at(self, offset: int) -> tuple[int, bool]:
        place = bisect_right(self.starts, offset) - 1
        return self.styles[place] if place >= 0 else (0, False)


def prepare(_request: Request) -> Reader:
    """Return the reader of old Word files."""
    import encodings.cp1252  # noqa: PLC0415 - before files can no longer be opened
    import encodings.utf_16_le  # noqa: F401, PLC0415

    import olefile  # noqa: F401, PLC0415

    return _read


def _read(content: bytes) -> Extraction:
    stream, table = _streams(content)
    fib_at_clx = struct.unpack_from("<II", stream, _CLX)
    pieces = list(_pieces(table[fib_at_clx[0] : fib_at_clx[0] + fib_at_clx[1]]))
    (length,) = struct.unpack_from("<I", stream, _TEXT_LENGTH)
    formats = _formats(stream, table)
    blocks, page = [], 1
    for paragraph in _blocks(_paragraphs(stream, _body(pieces, length), formats)):
        blocks.append(
            paragraph.model_copy(update={"page": page, "text": paragraph.text.replace("\f", "").strip()})
        )
        page += paragraph.text.count("\f")
    return Extraction(blocks=[block for block in blocks if block.text], pages=page)


def _streams(content: bytes) -> tuple[bytes, bytes]:
    """Return the document and its table. Raises ExtractionRefusedError for what is not a readable Word 97 file."""
    import olefile  # noqa: PLC0415

    if not olefile.isOleFile(data=content):
        raise ExtractionRefusedError(RefusalCode.UNSUPPORTED)
    with olefile.OleFileIO(io.BytesIO(content)) as container:
        if container.exists("EncryptedPackage"):
            raise ExtractionRefusedError(RefusalCode.ENCRYPTED)
        if any(container.exists(name) for name in _MACROS) or not container.exists("WordDocument"):
            raise ExtractionRefusedError(RefusalCode.UNSUPPORTED)
        stream = container.openstream("WordDocument").read()
        return stream, _table(container, stream)


def _table(container: "olefile.OleFileIO", stream: bytes) -> bytes:
    magic, version = struct.unpack_from("<HH", stream)
    (flags,) = struct.unpack_from("<H", stream, 0x0A)
    if magic != _MAGIC or version < _WORD_97:
        raise ExtractionRefusedError(RefusalCode.UNSUPPORTED)
    if flags & (_ENCRYPTED | _OBFUSCATED):
        raise ExtractionRefusedError(RefusalCode.ENCRYPTED)
    found: bytes = container.openstream("1Table" if flags & _SECOND_TABLE else "0Table").read()
    return found


def _pieces(clx: bytes) -> Iterator[_Piece]:
    place = 0
    while place < len(clx) and clx[place] == 1:  # exceptions of formatting, which text does not need
        place += 3 + int.from_bytes(clx[place + 1 : place + 3], "little")
    if place >= len(clx) or clx[place] != 2:
        raise ExtractionRefusedError(RefusalCode.DAMAGED)
    plan = clx[place + 5 : place + 5 + int.from_bytes(clx[place + 1 : place + 5], "little")]
    count = (len(plan) - 4) // 12
    firsts = struct.unpack_from(f"<{count + 1}I", plan)
    for number in range(count):
        (where,) = struct.unpack_from("<I", plan, 4 * (count + 1) + 8 * number + 2)
        is_compressed = bool(where & _COMPRESSED)
        offset = (where & ~_COMPRESSED) // 2 if is_compressed else where
        yield _Piece(firsts[number], firsts[number + 1], offset, 1 if is_compressed else 2)


def _body(pieces: list[_Piece], length: int) -> Iterator[_Piece]:
    """Yield the pieces of the body; footnotes, headers and comments come after it."""
    total = 0
    for piece in pieces:
        last = min(piece.last, length)
        total += last - piece.first
        if last <= piece.first or total > length:  # going back would let a small file tell the same forever
            return
        yield _Piece(piece.first, last, piece.offset, piece.width)


def _formats(stream: bytes, table: bytes) -> _Formats:
    """Return the styles of all paragraphs; none of them when their table cannot be understood."""
    where, length = struct.unpack_from("<II", stream, _PAPERS)
    plan = table[where : where + length]
    count = max((len(plan) - 4) // 8, 0)
    found: dict[int, tuple[int, bool]] = {}
    for (number,) in struct.iter_unpack("<I", plan[4 * (count + 1) : 4 * (count + 1) + 4 * count]):
        page = stream[(number & 0x3FFFFF) * _FKP : ((number & 0x3FFFFF) + 1) * _FKP]
        if len(page) == _FKP:
            found.update(_formats_of_page(page))
    starts = sorted(found)
    return _Formats(starts, [found[start] for start in starts])


def _formats_of_page(page: bytes) -> Iterator[tuple[int, tuple[int, bool]]]:
    runs = min(page[-1], (_FKP - 5) // 17)
    starts = struct.unpack_from(f"<{runs + 1}I", page)
    for number in range(runs):
        place = 2 * page[4 * (runs + 1) + 13 * number]
        if place == 0 or place + 4 > _FKP:
            yield starts[number], (0, False)
            continue
        length = 2 * page[place] - 1 if page[place] else 2 * page[place + 1]
        start = place + 1 if page[place] else place + 2
        properties = page[start : start + length]
        style = int.from_bytes(properties[:2], "little")
        yield starts[number], (style, _END_OF_ROW in properties[2:])


def _paragraphs(
    stream: bytes, pieces: Iterator[_Piece], formats: _Formats
) -> Iterator[tuple[str, str, tuple[int, bool]]]:
    """Yield the text of each paragraph or cell, the mark that ends it, and its format."""
    waiting = ""
    for piece in pieces:
        text = piece.text(stream)
        start = 0
        for mark in re.finditer("[\r\x07]", text):
            waiting += text[start : mark.start()]
            start = mark.end()
            if waiting.count("\x13") > waiting.count("\x15"):  # a field goes on in the next paragraph
                waiting += " "
                continue
            yield _seen(waiting), mark[0], formats.at(piece.offset + mark.start() * piece.width)
            waiting = ""
        waiting += text[start:]
    if waiting:
        yield _seen(waiting), "\r", (0, False)


def _seen(text: str) -> str:
    """Return what a reader of the page sees: of fields their result, of marks nothing."""
    for _ in range(_MOST_NESTED):
        text, replaced = _FIELD.subn(lambda field: field[1] or "", text)
        if not replaced:
            break
    text = text.replace("\x0b", " ").replace("\x1e", "-").replace("\t", " ")
    text = _UNSEEN.sub("", text.replace("\x0c", "\f")) if "\f" in text else _UNSEEN.sub("", text)
    return re.sub("[ \xa0]+", " ", text)


def _blocks(paragraphs: Iterator[tuple[str, str, tuple[int, bool]]]) -> Iterator[Block]:
    rows: list[str] = []
    cells: list[str] = []
    for text, mark, (style, ends_row) in paragraphs:
        if mark == "\x07" and not ends_row:
            cells.append(text.strip())
        elif mark == "\x07":
            rows.append(" | ".join(cells))
            cells = []
        else:
            if rows:
                yield _table_block(rows)
                rows = []
            yield _paragraph(text, style)
    if cells:
        rows.append(" | ".join(cells))
    if rows:
        yield _table_block(rows)


def _table_block(rows: list[str]) -> Block:
    return Block(kind=BlockKind.TABLE, text="\n".join(rows))


def _paragraph(text: str, style: int) -> Block:
    """Return a paragraph by the number of its style: 1 to 9 are the headings in every Word file."""
    line = text.replace("\f", "").strip()
    level = style if 1 <= style <= 9 else heading_level(line) if line and style == 0 else None
    if level:
        return Block(kind=BlockKind.HEADING, text=text, level=min(level, 9))
    item = list_item(line)
    if item is not None:
        return Block(kind=BlockKind.LIST_ITEM, text=item)
    return Block(kind=BlockKind.PARAGRAPH, text=text)

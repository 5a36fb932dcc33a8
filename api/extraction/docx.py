"""Word files of today: paragraphs and tables in the order of the document, headings by their style.

python-docx opens the file and its styles; the text is gathered here, because people also write into content controls,
text boxes and tracked insertions, and hide text from readers.
"""

import io
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from api.extraction.limits import Limits, Request
from api.extraction.paragraphs import heading_level, list_item
from api.extraction.reader import Reader
from api.extraction.refusals import ExtractionRefusedError, RefusalCode
from api.extraction.result import Block, BlockKind, Caution, Extraction

_OLE = b"\xd0\xcf\x11\xe0"
_ENCRYPTED = 0x1
_W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
_FALLBACK = "{http://schemas.openxmlformats.org/markup-compatibility/2006}Fallback"
_CONTAINERS = frozenset(
    _W + name
    for name in ("sdt", "sdtContent", "ins", "moveTo", "smartTag", "customXml", "body", "txbxContent")
)
_SIGNS = {_W + "tab": " ", _W + "br": " ", _W + "cr": " ", _W + "noBreakHyphen": "-"}
_MACROS = "vbaProject.bin"


@dataclass
class _Walk:
    """What is known while going through a document."""

    levels: dict[str, int | None]
    """Of headings, by the id of their style."""
    lists: set[str]
    has_pages: bool
    page: int = 1
    has_hidden: bool = False
    boxes: list[Any] = field(default_factory=list)
    """Text boxes met inside the paragraph at hand; they follow it."""

    @property
    def own_page(self) -> int | None:
        return self.page if self.has_pages else None


def prepare(request: Request) -> Reader:
    """Return the reader of Word files."""
    import docx  # noqa: PLC0415 - in the child only

    practice = io.BytesIO()
    document = docx.Document()
    document.add_heading("Practice")
    document.add_table(1, 1).cell(0, 0).text = "Libraries load parts of themselves when first used"
    document.save(practice)
    _read(practice.getvalue(), request.limits)
    return lambda content: _read(content, request.limits)


def _read(content: bytes, limits: Limits) -> Extraction:
    import docx  # noqa: PLC0415

    _check_container(content, limits)
    document = docx.Document(io.BytesIO(content))
    body = document.element.body
    walk = _Walk(
        *_styles(document), has_pages=next(body.iter(_W + "lastRenderedPageBreak"), None) is not None
    )
    blocks = list(_blocks(body, walk))
    warnings = [Caution.HIDDEN_TEXT] if walk.has_hidden else []
    return Extraction(blocks=blocks, pages=walk.page, warnings=warnings)


def _check_container(content: bytes, limits: Limits) -> None:
    """Raises ExtractionRefusedError before anything is unpacked. What entries conceal, zipfile finds: it never reads
    more than they say.
    """
    if content.startswith(_OLE):  # Word wraps an encrypted document in the container of old
        raise ExtractionRefusedError(RefusalCode.ENCRYPTED)
    if not content.startswith(b"PK"):
        raise ExtractionRefusedError(RefusalCode.UNSUPPORTED)
    entries = zipfile.ZipFile(io.BytesIO(content)).infolist()
    if any(entry.flag_bits & _ENCRYPTED for entry in entries):
        raise ExtractionRefusedError(RefusalCode.ENCRYPTED)
    if len(entries) > limits.entries or sum(entry.file_size for entry in entries) > limits.unpacked_bytes:
        raise ExtractionRefusedError(RefusalCode.TOO_LARGE)
    names = [entry.filename for entry in entries]
    if len(set(names)) < len(names) or any(name.startswith("/") or ".." in name.split("/") for name in names):
        raise ExtractionRefusedError(RefusalCode.DAMAGED)
    if "word/document.xml" not in names or any(name.endswith(_MACROS) for name in names):
        raise ExtractionRefusedError(RefusalCode.UNSUPPORTED)


def _styles(document: Any) -> tuple[dict[str, int | None], set[str]]:
    """Return the level of every paragraph style that is one of headings, and the styles of lists."""
    levels: dict[str, int | None] = {}
    lists: set[str] = set()
    for style in document.styles.element.iter(_W + "style"):
        style_id = style.get(_W + "styleId", "")
        name = style.find(_W + "name")
        words = (name.get(_W + "val", "") if name is not None else style_id).lower()
        levels[style_id] = _style_level(words, style)
        if words.startswith("list "):
            lists.add(style_id)
    return levels, lists


def _style_level(name: str, style: Any) -> int | None:
    """Return a heading's level by the style's name, which is English in every Word, or by its outline level."""
    if name == "title":
        return 1
    kind, _, number = name.partition(" ")
    if kind == "heading" and number.isdigit():
        return min(max(int(number), 1), 9)
    outline = style.find(f"{_W}pPr/{_W}outlineLvl")
    return _outline_level(outline)


def _outline_level(outline: Any) -> int | None:
    value = outline.get(_W + "val", "9") if outline is not None else "9"
    return int(value) + 1 if value.isdigit() and int(value) < 9 else None


def _blocks(container: Any, walk: _Walk) -> Iterator[Block]:
    for child in container.iterchildren():
        if child.tag == _W + "p":
            yield from _paragraph(child, walk)
        elif child.tag == _W + "tbl":
            yield from _table(child, walk)
        elif child.tag in _CONTAINERS:
            yield from _blocks(child, walk)


def _paragraph(paragraph: Any, walk: _Walk) -> Iterator[Block]:
    before = walk.own_page
    text = " ".join("".join(_pieces(paragraph, walk)).split())
    boxes, walk.boxes = walk.boxes, []
    if text:
        page = before if walk.page == (before or walk.page) else walk.own_page
        yield _block_of(paragraph, text, walk).model_copy(update={"page": page})
    for box in boxes:
        yield from _blocks(box, walk)


def _block_of(paragraph: Any, text: str, walk: _Walk) -> Block:
    style = paragraph.find(f"{_W}pPr/{_W}pStyle")
    style_id = style.get(_W + "val", "") if style is not None else ""
    level = walk.levels.get(style_id) or _outline_level(paragraph.find(f"{_W}pPr/{_W}outlineLvl"))
    if level is None and _is_bold(paragraph):
        level = heading_level(text)
    if level:
        return Block(kind=BlockKind.HEADING, text=text, level=level)
    item = list_item(text)
    if item or style_id in walk.lists or paragraph.find(f"{_W}pPr/{_W}numPr") is not None:
        return Block(kind=BlockKind.LIST_ITEM, text=item or text)
    return Block(kind=BlockKind.PARAGRAPH, text=text)


def _is_bold(paragraph: Any) -> bool:
    runs = paragraph.findall(_W + "r")
    return bool(runs) and all(run.find(f"{_W}rPr/{_W}b") is not None for run in runs)


def _pieces(element: Any, walk: _Walk) -> Iterator[str]:
    """Yield the text that a reader sees: not what was deleted, is hidden, or is an instruction of a field."""
    for child in element.iterchildren():
        if child.tag == _W + "t":
            yield child.text or ""
        elif child.tag in _SIGNS:
            yield _SIGNS[child.tag]
        elif child.tag == _W + "lastRenderedPageBreak":
            walk.page += 1
        elif child.tag == _W + "txbxContent":
            walk.boxes.append(child)
        elif child.tag == _W + "r" and child.find(f"{_W}rPr/{_W}vanish") is not None:
            walk.has_hidden = True
        elif child.tag not in {_FALLBACK, _W + "del", _W + "moveFrom", _W + "pPr", _W + "rPr"}:
            yield from _pieces(child, walk)


def _table(table: Any, walk: _Walk) -> Iterator[Block]:
    rows = []
    for row in _found(table, _W + "tr"):
        cells = [" ".join(block.text for block in _blocks(cell, walk)) for cell in _found(row, _W + "tc")]
        if any(cells):
            rows.append(" | ".join(cells))
    if rows:
        yield Block(kind=BlockKind.TABLE, text="\n".join(rows), page=walk.own_page)


def _found(container: Any, tag: str) -> Iterator[Any]:
    """Yield rows or cells, also those inside content controls."""
    for child in container.iterchildren():
        if child.tag == tag:
            yield child
        elif child.tag in _CONTAINERS:
            yield from _found(child, tag)

"""Plain text into blocks: by its blank lines, and by how people mark headings and lists without styles."""

import re
from collections.abc import Iterator

from api.extraction.result import Block, BlockKind

_MARKED_HEADING = re.compile(r"^(#{1,6})\s+(\S.*?)\s*#*$")
_UNDERLINE = re.compile(r"^(={3,}|-{3,})$")
_NUMBERED_HEADING = re.compile(
    r"^(?:(?:chapter|unit|lesson|section|part|kapitel|lektion|teil|chapitre|unité|leçon|capítulo|unidad)\s+\w{1,5}\b"
    r"|\d{1,2}(?:\.\d{1,2}){0,3}\.?\s+(?=[^\W\d_]))",
    re.IGNORECASE,
)
_LIST_ITEM = re.compile(r"^\s*(?:[-*•‣◦–·▪●]|\(?(?:\d{1,3}|[a-zA-Z])[.)])\s+(\S.*)$")
_LONGEST_HEADING = 100
_SPACES = re.compile(r"[ \t\u00a0]+")


def blocks_of(text: str, page: int | None = None) -> Iterator[Block]:
    """Yield the blocks of a plain text; a form feed begins a page when there are any."""
    sheets = text.replace("\r\n", "\n").replace("\r", "\n").replace("\x1a", "").split("\f")
    for number, sheet in enumerate(sheets, start=1):
        own_page = number if len(sheets) > 1 else page
        for lines in _paragraphs(sheet):
            yield from _blocks(lines, own_page)


def heading_level(line: str) -> int | None:
    """Return the level of a line that looks like a heading: marked, numbered, or in capitals; none for others."""
    if len(line) > _LONGEST_HEADING:
        return None
    if marked := _MARKED_HEADING.match(line):
        return len(marked[1])
    if line.endswith((".", ",", ";", "?", "!")):
        return None
    if _NUMBERED_HEADING.match(line):
        number = re.match(r"[\d.]+", line)
        return 1 + number[0].strip(".").count(".") if number else 1
    letters = [character for character in line if character.isalpha()]
    return 1 if len(letters) >= 4 and all(letter.isupper() for letter in letters) else None


def list_item(line: str) -> str | None:
    """Return what a line that begins with a bullet or number says; none for others."""
    item = _LIST_ITEM.match(line)
    return item[1].strip() if item else None


def _paragraphs(sheet: str) -> Iterator[list[str]]:
    lines: list[str] = []
    for raw in sheet.split("\n"):
        line = _SPACES.sub(" ", raw).strip()
        if line:
            lines.append(line)
        elif lines:
            yield lines
            lines = []
    if lines:
        yield lines


def _blocks(lines: list[str], page: int | None) -> Iterator[Block]:
    if len(lines) >= 2 and _UNDERLINE.match(lines[1]):
        yield Block(kind=BlockKind.HEADING, text=lines[0], page=page, level=1 if lines[1][0] == "=" else 2)
        lines = lines[2:]
    elif lines and (level := heading_level(lines[0])) and (len(lines) == 1 or lines[0].startswith("#")):
        text = lines[0].strip("# ")
        yield Block(kind=BlockKind.HEADING, text=text, page=page, level=level)
        lines = lines[1:]
    yield from _running_text(lines, page)


def _running_text(lines: list[str], page: int | None) -> Iterator[Block]:
    """Yield list items by themselves, with the lines that continue them, and everything else as one paragraph."""
    kind, collected = BlockKind.PARAGRAPH, list[str]()
    for line in lines:
        item = list_item(line)
        if item is not None:
            if collected:
                yield Block(kind=kind, text=" ".join(collected), page=page)
            kind, collected = BlockKind.LIST_ITEM, [item]
        else:
            collected.append(line)
    if collected:
        yield Block(kind=kind, text=" ".join(collected), page=page)

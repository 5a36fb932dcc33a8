"""What files are made into: sections in teaching order, each with the blocks that it stands on."""

from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from api.extraction.result import Block

MOST_SECTIONS = 100
LONGEST_SECTION = 40_000
"""Characters of a section's own text."""


@dataclass(frozen=True, slots=True)
class SourceFile:
    """A file that was read; the order of files is the teacher's."""

    id: UUID
    name: str
    blocks: list[Block]


@dataclass(frozen=True, slots=True)
class Span:
    """Blocks of one file, first and last included, counted from 0."""

    file_id: UUID
    file_name: str
    first_block: int
    last_block: int
    first_page: int | None
    last_page: int | None


@dataclass(frozen=True, slots=True)
class OutlinedSection:
    """A section; what is not in `source_text` was never said by the teacher's files."""

    unit: str
    title: str
    objectives: list[str]
    concepts: list[str]
    spans: list[Span]
    source_text: str


@dataclass(frozen=True, slots=True)
class Outline:
    """Sections in teaching order, and who found them: `mode` ("ai" or "offline"), `model`, `prompt_version`."""

    sections: list[OutlinedSection]
    origin: dict[str, Any] = field(default_factory=dict)


def is_shown(block: Block) -> bool:
    """Say whether a reader of the page sees a block: what is white was never read from a picture of it."""
    return bool(block.text.strip()) and (not block.is_uncertain or block.confidence is not None)


def span_of(file: SourceFile, first: int, last: int) -> Span:
    """Return where blocks stand, with their pages where the file has some."""
    pages = [block.page for block in file.blocks[first : last + 1] if block.page is not None]
    return Span(file.id, file.name, first, last, min(pages, default=None), max(pages, default=None))


def text_of(file: SourceFile, first: int, last: int) -> str:
    """Return what blocks say to a reader, a blank line between them."""
    return "\n\n".join(block.text.strip() for block in file.blocks[first : last + 1] if is_shown(block))

"""What is read from a file: blocks of text in reading order. Pure data, known to the child and to its parent."""

from enum import StrEnum

from pydantic import BaseModel, ConfigDict, Field


class FileKind(StrEnum):
    PDF = "pdf"
    DOC = "doc"
    DOCX = "docx"
    JPG = "jpg"
    PNG = "png"
    TXT = "txt"


class BlockKind(StrEnum):
    HEADING = "heading"
    PARAGRAPH = "paragraph"
    TABLE = "table"
    LIST_ITEM = "list_item"


class Caution(StrEnum):
    """What a teacher should know of a file that was read all the same."""

    OCR_UNAVAILABLE = "ocr_unavailable"
    """Pages are pictures, and nothing is installed here that reads pictures."""
    PAGES_UNREAD = "pages_unread"
    """Pages are pictures, and there was no time left for all of them: see `unread_pages`."""
    PAGES_DAMAGED = "pages_damaged"
    HIDDEN_TEXT = "hidden_text"
    """Text that a reader of the page does not see; what is white is marked as uncertain, the rest left out."""
    UNCERTAIN_TEXT = "uncertain_text"
    ENCODING_GUESSED = "encoding_guessed"
    TRUNCATED = "truncated"


class Block(BaseModel):
    """A heading, a paragraph, a list item, or a table (a line per row, cells divided by ` | `)."""

    model_config = ConfigDict(frozen=True)

    kind: BlockKind
    text: str
    page: int | None = None
    """Counted from 1; none where the file has no pages of its own."""
    level: int | None = Field(default=None, ge=1, le=9)
    """Of a heading; 1 is the highest."""
    confidence: float | None = Field(default=None, ge=0, le=1)
    """How sure the reader of pictures is; none for text that was text."""
    is_uncertain: bool = False
    """A teacher should look at it."""


class Extraction(BaseModel):
    """The text of one file, in reading order."""

    blocks: list[Block]
    pages: int = Field(default=1, ge=0)
    language: str | None = None
    """ISO 639-1, guessed from the text."""
    warnings: list[Caution] = []
    unread_pages: list[int] = []
    """Pages that are pictures and still wait to be read, in order."""

    def text(self) -> str:
        """Return everything as plain text, a blank line between blocks."""
        return "\n\n".join(block.text for block in self.blocks)

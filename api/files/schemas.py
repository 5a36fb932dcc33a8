from datetime import datetime
from typing import Any, Self
from uuid import UUID

from api.extraction.result import Caution, Extraction, FileKind
from api.schemas import Output
from core.models import FileStatus, UploadedFile

PREVIEW_CHARACTERS = 2_000
MOST_UNCERTAIN = 50


class FileOut(Output):
    """A file somebody sent. Its bytes are gone when they have been read, at the latest a day after the upload."""

    id: UUID
    name: str
    """What its sender calls it."""
    kind: FileKind
    """What it is, by its content."""
    byte_count: int
    sha256: str
    status: FileStatus
    rejection_code: str | None
    """Why it was not read."""
    job_id: UUID
    """Follow it to see the file being read."""
    uploaded_at: datetime
    removed_at: datetime | None
    """When its bytes were removed; what was read stays."""


class UncertainText(Output):
    """A line of a picture that was hard to read: look at it."""

    page: int | None
    text: str
    confidence: float | None


class FileDetail(FileOut):
    """A file with what was read in it."""

    pages: int | None
    language: str | None
    """ISO 639-1, guessed from the text."""
    warnings: list[Caution]
    characters: int
    preview: str
    """The beginning of the text, at most 2,000 characters."""
    uncertain: list[UncertainText]
    """At most 50."""

    @classmethod
    def of(cls, file: UploadedFile) -> Self:
        shown = FileOut.model_validate(file).model_dump()
        return cls(**shown, **_shown_of(file.extraction))


def _shown_of(read: dict[str, Any] | None) -> dict[str, Any]:
    if read is None:
        nothing = {"warnings": [], "characters": 0, "preview": "", "uncertain": []}
        return {"pages": None, "language": None, **nothing}
    extraction = Extraction.model_validate(read)
    text = extraction.text()
    uncertain = [block for block in extraction.blocks if block.is_uncertain][:MOST_UNCERTAIN]
    return {
        "pages": extraction.pages,
        "language": extraction.language,
        "warnings": extraction.warnings,
        "characters": len(text),
        "preview": text[:PREVIEW_CHARACTERS],
        "uncertain": [
            UncertainText(page=block.page, text=block.text, confidence=block.confidence)
            for block in uncertain
        ],
    }

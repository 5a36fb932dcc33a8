"""How much one file may cost, and with which tools it is read."""

import sys
from pathlib import Path

from pydantic import BaseModel, ConfigDict

from api.extraction.result import FileKind

_MIB = 1024 * 1024


class Limits(BaseModel):
    """What a child process may use for one file; the kernel enforces what it can."""

    model_config = ConfigDict(frozen=True)

    memory_bytes: int = 1024 * _MIB
    """Of address space, which libraries fill faster than they fill memory."""
    picture_memory_bytes: int = 1536 * _MIB
    """The same for a child that reads pictures: libraries and models map half of it, at most 750 MiB are in use."""
    cpu_seconds: int = 15
    wall_seconds: float = 30
    """For one call of `extract`, however many children it takes."""
    temporary_bytes: int = 256 * _MIB
    """Of one file in the child's own folder, while libraries load; none once the file is being read."""
    file_bytes: int = 10 * _MIB
    unpacked_bytes: int = 50 * _MIB
    """Of a zip container, by what its entries say; an entry that says less than it holds is damaged."""
    entries: int = 2_000
    pages: int = 300
    pixels: int = 40_000_000
    page_pixels: int = 6_000_000
    """Of a page that is drawn to be read as a picture: A4 at 240 dots per inch has 5.6 million."""
    characters: int = 4_000_000
    """Text beyond is left out, with a warning: a thousand pages have less."""
    result_bytes: int = 32 * _MIB

    @property
    def working_seconds(self) -> float:
        """Processor time after which no further page is begun, so that what was read is still handed over."""
        return self.cpu_seconds * 0.65


class Tools(BaseModel):
    """Where the child finds its Python and its models."""

    model_config = ConfigDict(frozen=True)

    python: str = sys.executable
    """The `ocr` extra may live in an environment of its own."""
    ocr_models: Path | None = None
    """A folder made by `make ocr`; none: the models inside the installed wheel."""


class Request(BaseModel):
    """What the child reads from its standard input."""

    model_config = ConfigDict(frozen=True)

    path: Path
    kind: FileKind
    limits: Limits
    tools: Tools
    picture_pages: list[int] | None = None
    """Read these pages as pictures; none: read the text that is there as text."""

    @property
    def memory_bytes(self) -> int:
        """What this request's child may use."""
        reads_pictures = self.picture_pages is not None or self.kind in {FileKind.JPG, FileKind.PNG}
        return self.limits.picture_memory_bytes if reads_pictures else self.limits.memory_bytes

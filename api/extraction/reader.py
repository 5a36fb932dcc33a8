"""What every reader is: from a file's bytes to its text, or an ExtractionRefusedError."""

from collections.abc import Callable

from api.extraction.result import Extraction

Reader = Callable[[bytes], Extraction]

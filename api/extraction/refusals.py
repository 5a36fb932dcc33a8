"""Why a file is not read: stable codes that end up beside the file and in front of its teacher."""

from enum import StrEnum


class RefusalCode(StrEnum):
    ENCRYPTED = "encrypted"
    DAMAGED = "damaged"
    TOO_MANY_PAGES = "too_many_pages"
    TOO_LARGE = "too_large"
    TIMED_OUT = "timed_out"
    OUT_OF_MEMORY = "out_of_memory"
    NO_TEXT = "no_text"
    UNSUPPORTED = "unsupported"


class ExtractionRefusedError(Exception):
    """The file cannot be read, and trying again would not help."""

    def __init__(self, code: RefusalCode) -> None:
        super().__init__(code.value)
        self.code = code


_WORDS = ("malloc", "bad_alloc", "out of memory", "outofmemory", "insufficient memory")


def is_out_of_memory(error: BaseException) -> bool:
    """Whether memory ran out, which libraries outside Python tell in words of their own."""
    words = str(error).lower()
    return isinstance(error, MemoryError) or any(word in words for word in _WORDS)

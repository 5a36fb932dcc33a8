"""Why a file is not taken: words for the person who sent it, codes for the program that did."""

from enum import StrEnum


class RejectionCode(StrEnum):
    """What stands beside a rejected file, next to the codes of `api.extraction`."""

    EMPTY = "empty"
    UNSUPPORTED_TYPE = "unsupported_type"
    DAMAGED = "damaged"
    ENCRYPTED = "encrypted"
    MACROS = "macros"
    """A document that brings a program along."""
    ARCHIVE_UNSAFE = "archive_unsafe"
    """A container whose names or contents no office program writes."""
    ARCHIVE_TOO_LARGE = "archive_too_large"
    """A container that unfolds into more than a school document ever holds."""
    POLYGLOT = "polyglot"
    """Two kinds of file in one."""
    MALWARE = "malware"


class FileRejectedError(Exception):
    """A file that no reader shall ever see."""

    def __init__(self, code: RejectionCode) -> None:
        super().__init__(code.value)
        self.code = code


class ScannerUnavailableError(Exception):
    """No verdict on a file: the scanner is away, slow, or says what we do not understand."""

"""Why a file is not taken: words for the person who sent it, codes for the program that did."""

from enum import StrEnum

from core.errors import AppError, ConflictError


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


class UnsupportedFileTypeError(AppError):
    """Send a PDF, a Word document, a JPEG, a PNG or a text; what a file is called does not count."""

    status = 415
    code = "unsupported_file_type"


class FileRefusedError(AppError):
    """This file is not taken."""

    status = 422
    code = "file_refused"

    def __init__(self, code: RejectionCode) -> None:
        super().__init__(_WHY[code], field="file")
        self.code = f"file_{code.value}"


_WHY = {
    RejectionCode.EMPTY: "The file is empty.",
    RejectionCode.DAMAGED: "The file is damaged; save it again and send that.",
    RejectionCode.ENCRYPTED: "The file is locked with a password; save it without and send that.",
    RejectionCode.MACROS: "The document brings a program (macros) along; save it without and send that.",
    RejectionCode.ARCHIVE_UNSAFE: "No office program builds a document so; save it again and send that.",
    RejectionCode.ARCHIVE_TOO_LARGE: "The document unfolds into more than we take; send it in parts.",
    RejectionCode.POLYGLOT: "The file is of two kinds at once; save it again and send that.",
    RejectionCode.MALWARE: "The scanner found malware in the file.",
}


def refusal_of(error: FileRejectedError) -> AppError:
    """Return what the sender is answered."""
    if error.code is RejectionCode.UNSUPPORTED_TYPE:
        return UnsupportedFileTypeError(field="file")
    return FileRefusedError(error.code)


class TooManyUploadsError(AppError):
    """You are sending three files already; wait until one has arrived."""

    status = 429
    code = "too_many_uploads"
    retry_after = 5


class UploadQuotaExceededError(AppError):
    """You have sent as much as you may within 24 hours."""

    status = 429
    code = "upload_quota_exceeded"
    retry_after = 3600


class FileNotReadyError(ConflictError):
    """This file has not been read, or could not be."""

    code = "file_not_ready"

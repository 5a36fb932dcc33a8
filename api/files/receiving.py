"""Receive one file of a multipart form: piece by piece onto the disk, counted, never whole in memory."""

import asyncio
import hashlib
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO

from python_multipart.exceptions import FormParserError
from python_multipart.multipart import MultipartParser, parse_options_header
from starlette.requests import ClientDisconnect, Request

from api.scratch import scratch_folder
from core.errors import AppError, InvalidInputError

if TYPE_CHECKING:
    from python_multipart.multipart import MultipartCallbacks

MOST_BYTES = 10 * 1024 * 1024
IDLE_SECONDS = 30.0
FIELD = "file"
_FORM_BYTES = 64 * 1024
"""What boundaries, headers and small fields around the file may take."""
_HEADER_BYTES = 8 * 1024
_LABEL_LENGTH = 255


class FileTooLargeError(AppError):
    """The file is larger than 10 MB."""

    status = 413
    code = "file_too_large"


class UploadTimedOutError(AppError):
    """The upload stood still for too long; send the file again."""

    status = 408
    code = "upload_timed_out"


class UploadInvalidError(InvalidInputError):
    """Send one file, as the field `file` of a multipart form."""

    code = "upload_invalid"


@dataclass(frozen=True, slots=True)
class Received:
    """A whole file on our disk, for as long as the request lasts."""

    path: Path
    label: str
    byte_count: int
    sha256: str


@asynccontextmanager
async def received_file(request: Request, *, idle_seconds: float | None = None) -> AsyncIterator[Received]:
    """Yield the form's file; it is gone afterwards.

    Raises FileTooLargeError with the first byte too many, UploadTimedOutError and UploadInvalidError.
    """
    boundary = _boundary(request)
    if _declared(request) > MOST_BYTES + _FORM_BYTES:
        raise FileTooLargeError
    with scratch_folder() as folder:
        path = folder / "upload"
        with path.open("wb") as target:
            form = _Form(target)
            await _feed(request, MultipartParser(boundary, form.callbacks()), idle_seconds or IDLE_SECONDS)
        if not form.is_complete or form.label is None:
            raise UploadInvalidError(field=FIELD)
        yield Received(path, label_of(form.label), form.byte_count, form.digest.hexdigest())


def label_of(name: str) -> str:
    """Return what a file is called, fit to be shown: the last part of a path, without what steers a terminal."""
    last = name.replace("\\", "/").rpartition("/")[2].replace("%22", '"')  # how browsers spell a quote
    shown = "".join(character for character in last if character.isprintable()).strip()
    return shown[:_LABEL_LENGTH] or "file"


def _boundary(request: Request) -> bytes:
    kind, options = parse_options_header(request.headers.get("content-type"))
    if kind != b"multipart/form-data" or not options.get(b"boundary"):
        raise UploadInvalidError(field=FIELD)
    return options[b"boundary"]


def _declared(request: Request) -> int:
    """What the sender says; believed only when it is too much."""
    length = request.headers.get("content-length", "0")
    return int(length) if length.isascii() and length.isdigit() else 0


async def _feed(request: Request, parser: MultipartParser, idle_seconds: float) -> None:
    left = MOST_BYTES + _FORM_BYTES
    pieces = aiter(request.stream())
    try:
        while True:
            async with asyncio.timeout(idle_seconds):
                piece = await anext(pieces, None)
            if piece is None:
                break
            left -= len(piece)
            if left < 0:
                raise FileTooLargeError
            parser.write(piece)
    except TimeoutError:
        raise UploadTimedOutError from None
    except (FormParserError, ClientDisconnect) as error:
        raise UploadInvalidError(field=FIELD) from error


@dataclass
class _Form:
    """What the parser tells, as it goes along: one file is kept, everything else is passed over."""

    target: BinaryIO
    label: str | None = None
    byte_count: int = 0
    is_complete: bool = False
    digest: "hashlib._Hash" = field(default_factory=hashlib.sha256)
    _name: bytearray = field(default_factory=bytearray)
    _value: bytearray = field(default_factory=bytearray)
    _disposition: bytes = b""
    _is_in_file: bool = False

    def callbacks(self) -> "MultipartCallbacks":
        return {
            "on_part_begin": self._begin,
            "on_header_field": lambda data, start, end: self._add(self._name, data[start:end]),
            "on_header_value": lambda data, start, end: self._add(self._value, data[start:end]),
            "on_header_end": self._header,
            "on_headers_finished": self._headers,
            "on_part_data": self._data,
            "on_end": self._end,
        }

    def _begin(self) -> None:
        self._disposition, self._is_in_file = b"", False

    @staticmethod
    def _add(to: bytearray, piece: bytes) -> None:
        to += piece
        if len(to) > _HEADER_BYTES:
            raise UploadInvalidError(field=FIELD)

    def _header(self) -> None:
        if bytes(self._name).lower() == b"content-disposition":
            self._disposition = bytes(self._value)
        self._name.clear()
        self._value.clear()

    def _headers(self) -> None:
        _, options = parse_options_header(self._disposition)
        if options.get(b"name") != FIELD.encode():
            return
        if self.label is not None:
            raise UploadInvalidError(field=FIELD)  # a second file
        self._is_in_file = True
        self.label = options.get(b"filename", b"").decode("utf-8", errors="replace")

    def _data(self, data: bytes, start: int, end: int) -> None:
        if not self._is_in_file:
            return
        self.byte_count += end - start
        if self.byte_count > MOST_BYTES:
            raise FileTooLargeError
        self.digest.update(data[start:end])
        self.target.write(data[start:end])

    def _end(self) -> None:
        self.is_complete = True

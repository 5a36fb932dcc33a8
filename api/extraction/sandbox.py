"""Read a file in a child process: bounded, alone, without network and secrets, and gone afterwards.

Whatever a file does to its reader, the caller gets an `Extraction` or one `ExtractionRefusedError`, in time.
"""

import asyncio
import contextlib
import os
import signal
import sys
from asyncio.subprocess import DEVNULL, PIPE, Process
from collections.abc import Sequence
from pathlib import Path

from pydantic import BaseModel, ValidationError

from api.extraction.limits import Limits, Request, Tools
from api.extraction.refusals import ExtractionRefusedError, RefusalCode
from api.extraction.result import Caution, Extraction, FileKind
from api.scratch import scratch_folder
from core.config import STATE_DIRECTORY, Settings

CHILD = Path(__file__).with_name("__main__.py")
_TOO_LITTLE_TIME = 2.0
"""Seconds in which no child could start, load its models and read one page."""

_places = asyncio.Semaphore(os.cpu_count() or 1)
"""One child per core: more would only make each other slow, and each may take a gigabyte."""


class Answer(BaseModel):
    """What the child writes: one of both."""

    extraction: Extraction | None = None
    refused: RefusalCode | None = None


def tools_of(settings: Settings) -> Tools:
    """Return the Python and the models that read files on this machine: those named, those of `make ocr`, or ours."""
    own = STATE_DIRECTORY.absolute() / "ocr"
    python = own / "venv" / "bin" / "python"
    models = settings.ocr_models_path or own / "models"
    return Tools(
        python=settings.extraction_python or str(python if python.exists() else sys.executable),
        ocr_models=models.absolute() if models.exists() else None,
    )


async def extract(
    path: Path, kind: FileKind, *, limits: Limits | None = None, tools: Tools | None = None
) -> Extraction:
    """Return the text of a file. Raises ExtractionRefusedError within `limits.wall_seconds` of its turn.

    Pages that are pictures are read as long as there is time; the others stand in `unread_pages`, for `extract_rest`.
    """
    limits = limits or Limits()
    request = _request(path, kind, limits, tools)
    async with _places:
        ends_at = asyncio.get_running_loop().time() + limits.wall_seconds
        so_far = await _read(request, ends_at)
        return _finished(await _with_pictures(request, so_far, ends_at))


async def extract_rest(
    path: Path, so_far: Extraction, *, limits: Limits | None = None, tools: Tools | None = None
) -> Extraction:
    """Return `so_far` with some more of its unread pages; call it again while there are any and they become fewer.

    Pages it could not read at all are given up, so this ends.
    """
    limits = limits or Limits()
    request = _request(path, FileKind.PDF, limits, tools)
    async with _places:
        ends_at = asyncio.get_running_loop().time() + limits.wall_seconds
        return _finished(await _with_pictures(request, so_far, ends_at))


def _request(path: Path, kind: FileKind, limits: Limits, tools: Tools | None) -> Request:
    """Raises FileNotFoundError when there is no file: that is our fault, and no verdict on it."""
    return Request(path=path.resolve(strict=True), kind=FileKind(kind), limits=limits, tools=tools or Tools())


async def _with_pictures(request: Request, so_far: Extraction, ends_at: float) -> Extraction:
    """Read unread pages, child after child, until there are none or the time is over.

    When a child fails, its first page is tried alone, and only a page that fails alone is given up: it must not cost
    the file its other pages.
    """
    now = asyncio.get_running_loop().time
    first, most = so_far.unread_pages, len(so_far.unread_pages)
    while so_far.unread_pages and Caution.OCR_UNAVAILABLE not in so_far.warnings:
        if ends_at - now() < _TOO_LITTLE_TIME:
            break
        wanted, others = so_far.unread_pages[:most], so_far.unread_pages[most:]
        try:
            more = await _read(request.model_copy(update={"picture_pages": wanted}), ends_at)
        except ExtractionRefusedError:
            if len(wanted) > 1:
                most = 1
            elif now() < ends_at or wanted == first:
                so_far = _without_page(so_far, wanted[0])
            continue  # too late for a page among others: the next call has more time for it
        so_far = _merged(so_far, more, others)
        most = len(first)
    return so_far


async def _read(request: Request, ends_at: float) -> Extraction:
    with scratch_folder() as folder:
        child = await _start(request.tools.python, folder)
        try:
            async with asyncio.timeout_at(ends_at):
                written = await _converse(child, request)
                code = await child.wait()
        except TimeoutError:
            raise ExtractionRefusedError(RefusalCode.TIMED_OUT) from None
        finally:
            await _end(child)
    return _understood(written, code)


async def _start(python: str, folder: Path) -> Process:
    return await asyncio.create_subprocess_exec(
        *(python, "-I", "-B", str(CHILD)),
        stdin=PIPE,
        stdout=PIPE,
        stderr=DEVNULL,
        cwd=folder,
        env={},
        start_new_session=True,
    )


async def _converse(child: Process, request: Request) -> bytes:
    """Send the request and read the answer, never more of it than it may have."""
    assert child.stdin is not None  # noqa: S101 - both were asked for
    assert child.stdout is not None  # noqa: S101
    with contextlib.suppress(BrokenPipeError, ConnectionResetError):  # it died; its exit code tells more
        child.stdin.write(request.model_dump_json().encode())
        await child.stdin.drain()
    child.stdin.close()
    written = bytearray()
    while piece := await child.stdout.read(65_536):
        written += piece
        if len(written) > request.limits.result_bytes:
            raise ExtractionRefusedError(RefusalCode.TOO_LARGE)
    return bytes(written)


async def _end(child: Process) -> None:
    """Leave nothing of the child behind, nor of what it may have started."""
    with contextlib.suppress(ProcessLookupError):
        os.killpg(child.pid, signal.SIGKILL)
    await child.wait()


_DEATHS = {
    -signal.SIGXCPU: RefusalCode.TIMED_OUT,
    -signal.SIGKILL: RefusalCode.OUT_OF_MEMORY,  # not by us: the kernel was short of memory, or out of patience
}


def _understood(written: bytes, code: int) -> Extraction:
    if code != 0:
        raise ExtractionRefusedError(_DEATHS.get(code, RefusalCode.DAMAGED))
    try:
        answer = Answer.model_validate_json(written)
    except ValidationError as error:  # whatever has taken over the child, it cannot tell us just anything
        raise ExtractionRefusedError(RefusalCode.DAMAGED) from error
    if answer.extraction is None:
        raise ExtractionRefusedError(answer.refused or RefusalCode.DAMAGED)
    return answer.extraction


def _merged(so_far: Extraction, more: Extraction, others: list[int]) -> Extraction:
    """Return both; `others` are pages that were not asked for."""
    blocks = sorted([*so_far.blocks, *more.blocks], key=lambda block: block.page or 0)
    return so_far.model_copy(
        update={
            "blocks": blocks,
            "unread_pages": [*more.unread_pages, *others],
            "language": so_far.language or more.language,
            "warnings": _cautions(so_far.warnings, more.warnings),
        }
    )


def _without_page(so_far: Extraction, page: int) -> Extraction:
    unread = [each for each in so_far.unread_pages if each != page]
    warnings = _cautions(so_far.warnings, [Caution.PAGES_DAMAGED])
    return so_far.model_copy(update={"unread_pages": unread, "warnings": warnings})


def _finished(extraction: Extraction) -> Extraction:
    """Return it with a word on what is missing. Raises ExtractionRefusedError when nothing was read at all."""
    warnings: list[Caution] = [caution for caution in extraction.warnings if caution != Caution.PAGES_UNREAD]
    if not extraction.blocks:
        raise ExtractionRefusedError(_why_nothing(extraction))
    if extraction.unread_pages and Caution.OCR_UNAVAILABLE not in warnings:
        warnings = _cautions(warnings, [Caution.PAGES_UNREAD])
    return extraction.model_copy(update={"warnings": warnings})


def _why_nothing(extraction: Extraction) -> RefusalCode:
    if Caution.OCR_UNAVAILABLE in extraction.warnings:
        return RefusalCode.UNSUPPORTED
    return RefusalCode.TIMED_OUT if extraction.unread_pages else RefusalCode.NO_TEXT


def _cautions(first: Sequence[Caution], second: Sequence[Caution]) -> list[Caution]:
    return list(dict.fromkeys([*first, *second]))

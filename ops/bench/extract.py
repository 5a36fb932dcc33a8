"""How fast files are read, and what that takes: pages per second and memory of the child, by kind of file.

    python -m ops.bench.extract [FOLDER]

Reads files made here: 100 pages of text as PDF, DOCX and TXT, a scan of 4 pages, a photo of one page; then those of
FOLDER, if one is named (old Word files, for example). Each goes through the sandbox as an upload does, start of the
child included. Without the extra `ocr` (`make ocr`) pictures are left out.
"""

import asyncio
import io
import resource
import sys
import tempfile
import time
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from multiprocessing import get_context
from pathlib import Path

import docx
import psutil
import pymupdf

from api.extraction.refusals import ExtractionRefusedError
from api.extraction.result import FileKind
from api.extraction.sandbox import extract, tools_of
from core.config import Settings
from ops.bench.rounds import Goal, Spread, at_least, at_most, print_goals

ROUNDS = 3
TEXT_PAGES, SCANNED_PAGES = 100, 4
_MIB = 1024 * 1024
_SENTENCE = "Plants turn light into sugar, and at night they breathe as animals do. "
_LINE, _LINES = _SENTENCE + "Water rises.", 44
LEAST_TEXT_PAGES_PER_SECOND = 20
LEAST_PICTURES_PER_SECOND = 0.1
MOST_CHILD_MIB = 1024
MOST_WORKER_MIB = 50


@dataclass(frozen=True)
class Measured:
    """What reading one file once took."""

    pages: int
    seconds: float
    child_mib: float
    worker_mib: float
    """By how much the process grew that had it read."""
    refused: str = ""


def main() -> int:
    """Measure every kind of file; returns the exit code, 1 when a goal was missed."""
    with tempfile.TemporaryDirectory() as folder:
        files = _made(Path(folder))
        if len(sys.argv) > 1:
            files |= {
                path: 0 for path in sorted(Path(sys.argv[1]).iterdir()) if path.suffix[1:] in list(FileKind)
            }
        measured = {
            path.name: [_measure(path, pages) for _ in range(ROUNDS)] for path, pages in files.items()
        }
    print(f"{'file':<16}{'pages':>6}  {'pages/s':<28}{'seconds':<24}MiB of the child")
    for name, rounds in measured.items():
        print(_row(name, rounds))
    return print_goals(_goals([one for rounds in measured.values() for one in rounds if not one.refused]))


def _row(name: str, rounds: Sequence[Measured]) -> str:
    if rounds[0].refused:
        return f"{name:<16}        refused: {rounds[0].refused}"
    speed = Spread.of([one.pages / one.seconds for one in rounds])
    seconds = Spread.of([one.seconds for one in rounds])
    memory = Spread.of([one.child_mib for one in rounds])
    return f"{name:<16}{rounds[0].pages:>6}  {speed!s:<28}{seconds!s:<24}{memory}"


def _goals(measured: Sequence[Measured]) -> list[Goal]:
    goals = [
        at_most(
            "memory of a child at most 1 GiB, in MiB", _worst([m.child_mib for m in measured]), MOST_CHILD_MIB
        ),
        at_most("growth of the worker, in MiB", _worst([m.worker_mib for m in measured]), MOST_WORKER_MIB),
    ]
    texts = [one.pages / one.seconds for one in measured if one.pages == TEXT_PAGES]
    pictures = [one.pages / one.seconds for one in measured if one.pages in {1, SCANNED_PAGES}]
    goals.append(at_least("pages of text per second", Spread.of(texts), LEAST_TEXT_PAGES_PER_SECOND))
    if pictures:
        goals.append(at_least("pictures per second", Spread.of(pictures), LEAST_PICTURES_PER_SECOND))
    return goals


def _worst(values: Sequence[float]) -> Spread:
    return Spread(max(values), min(values), max(values))


def _measure(path: Path, pages: int) -> Measured:
    """Read a file in a process that has read none before: the system tells only the largest child of a process."""
    with ProcessPoolExecutor(max_workers=1, mp_context=get_context("spawn")) as pool:
        return pool.submit(_read, path, pages).result()


def _read(path: Path, pages: int) -> Measured:
    before, started = psutil.Process().memory_info().rss, time.perf_counter()
    refused = ""
    try:
        found = asyncio.run(extract(path, FileKind(path.suffix[1:]), tools=tools_of(Settings())))
        pages = pages or found.pages
    except ExtractionRefusedError as refusal:
        refused = refusal.code
    seconds = time.perf_counter() - started
    child = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024
    return Measured(pages, seconds, child, (psutil.Process().memory_info().rss - before) / _MIB, refused)


def _made(folder: Path) -> dict[Path, int]:
    """Return files and their pages; a text file's page is as much as one of the PDF."""
    printed = _pdf(TEXT_PAGES)
    contents = {
        "text.pdf": (printed.tobytes(), TEXT_PAGES),
        "word.docx": (_docx(TEXT_PAGES), TEXT_PAGES),
        "plain.txt": ("\n\n".join([_LINE] * _LINES * TEXT_PAGES).encode(), TEXT_PAGES),
        "scan.pdf": (_scan(printed), SCANNED_PAGES),
        "photo.jpg": (printed[0].get_pixmap(dpi=200).tobytes("jpeg"), 1),
    }
    made = {}
    for name, (content, pages) in contents.items():
        path = folder / name
        path.write_bytes(content)
        made[path] = pages
    return made


def _pdf(pages: int) -> pymupdf.Document:
    document = pymupdf.open()
    for number in range(pages):
        page = document.new_page()
        page.insert_text((72, 72), f"Lesson {number + 1}", fontsize=18)
        page.insert_text((72, 100), [_LINE] * _LINES, fontsize=11)
    return document


def _scan(printed: pymupdf.Document) -> bytes:
    scan = pymupdf.open()
    for number in range(SCANNED_PAGES):
        page = scan.new_page()
        page.insert_image(page.rect, stream=printed[number].get_pixmap(dpi=200).tobytes("jpeg"))
    return bytes(scan.tobytes())


def _docx(pages: int) -> bytes:
    document = docx.Document()
    for number in range(pages):
        document.add_heading(f"Lesson {number + 1}")
        document.add_paragraph(" ".join([_LINE] * _LINES))
    file = io.BytesIO()
    document.save(file)
    return file.getvalue()


if __name__ == "__main__":
    raise SystemExit(main())

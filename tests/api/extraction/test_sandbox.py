import asyncio
import json
import os
import stat
import sys
import tempfile
import time
from pathlib import Path

import psutil
import pytest

from api.extraction import sandbox
from api.extraction.limits import Limits, Request, Tools
from api.extraction.refusals import ExtractionRefusedError, RefusalCode
from api.extraction.result import Block, BlockKind, Caution, Extraction, FileKind
from api.extraction.sandbox import extract, tools_of
from core.config import Settings
from tests.factories.files.docs import word_97
from tests.factories.files.docxs import lesson_docx
from tests.factories.files.hostile import corpus
from tests.factories.files.lesson import UNITS
from tests.factories.files.pdfs import scanned_pdf, text_pdf
from tests.factories.files.texts import lesson_txt

_BLOCK = Block(kind=BlockKind.PARAGRAPH, text="What was text.", page=1)
_GOOD = {"pdf": text_pdf, "docx": lesson_docx, "doc": word_97, "txt": lesson_txt}


def _saved(folder: Path, kind: str, content: bytes) -> Path:
    path = folder / f"file.{kind}"
    path.write_bytes(content)
    return path


def _python(folder: Path, script: str) -> Tools:
    """Return an interpreter that runs `script` instead of the reader, with what the child is given."""
    program = folder / "python"
    program.write_text(f"#!{sys.executable}\n{script}\n")
    program.chmod(program.stat().st_mode | stat.S_IXUSR)
    return Tools(python=str(program))


async def _refusal(
    path: Path, kind: str, *, limits: Limits | None = None, tools: Tools | None = None
) -> RefusalCode:
    with pytest.raises(ExtractionRefusedError) as refusal:
        await extract(path, FileKind(kind), limits=limits, tools=tools)
    return refusal.value.code


@pytest.mark.parametrize("kind", _GOOD)
async def test_a_good_file_is_read(tmp_path: Path, kind: str) -> None:
    extraction = await extract(_saved(tmp_path, kind, _GOOD[kind]()), FileKind(kind))
    assert all(texts[0] in extraction.text() for texts in UNITS.values())
    assert extraction.language == "en"
    assert extraction.warnings == []


async def test_the_child_gets_no_environment_and_a_folder_of_its_own_that_is_removed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HOMEROOM_OPENAI_API_KEY", "secret")
    told = tmp_path / "told"
    script = "import json, os; open('left-behind', 'w').close()\n"
    script += f"json.dump([os.getcwd(), sorted(os.environ), os.getsid(0)], open({str(told)!r}, 'w'))"
    path = _saved(tmp_path, "txt", b"text")
    assert await _refusal(path, "txt", tools=_python(tmp_path, script)) is RefusalCode.DAMAGED
    folder, environment, session = json.loads(told.read_text())
    assert [name for name in environment if name != "LC_CTYPE"] == []  # Python sets that one itself
    assert folder.startswith(f"{tempfile.gettempdir()}/homeroom-scratch-")
    assert not _is_there(folder)
    assert session != os.getsid(0)


async def test_a_child_that_never_answers_is_killed_with_all_it_started(tmp_path: Path) -> None:
    pids = tmp_path / "pids"
    script = (
        f"import os, time; p = os.fork(); open({str(pids)!r}, 'a').write(f'{{os.getpid()}} '); time.sleep(60)"
    )
    started = time.monotonic()
    path = _saved(tmp_path, "txt", b"text")
    code = await _refusal(path, "txt", limits=Limits(wall_seconds=2), tools=_python(tmp_path, script))
    assert (code, time.monotonic() - started < 4) == (RefusalCode.TIMED_OUT, True)
    await asyncio.sleep(0.2)
    alive = [pid for pid in map(int, pids.read_text().split()) if _is_alive(pid)]
    assert alive == []


def _is_there(folder: str) -> bool:
    return Path(folder).exists()


def _is_alive(pid: int) -> bool:
    return psutil.pid_exists(pid) and psutil.Process(pid).status() != psutil.STATUS_ZOMBIE


@pytest.mark.parametrize(
    ("script", "code"),
    [
        ("import os; os.kill(os.getpid(), 11)", RefusalCode.DAMAGED),
        ("import os; os.kill(os.getpid(), 9)", RefusalCode.OUT_OF_MEMORY),
        (
            "import resource; resource.setrlimit(resource.RLIMIT_CPU, (1, 5))\nwhile True: pass",
            RefusalCode.TIMED_OUT,
        ),
        ("import sys; sys.exit(1)", RefusalCode.DAMAGED),
        ("pass", RefusalCode.DAMAGED),
        ("""print('{"extraction": {"blocks": 7}}')""", RefusalCode.DAMAGED),
        ("import sys\nwhile True: sys.stdout.write('x' * 65536)", RefusalCode.TOO_LARGE),
    ],
    ids=["crash", "killed", "busy", "error", "no-answer", "false-answer", "endless-answer"],
)
async def test_however_a_child_ends_the_caller_is_told_why(
    tmp_path: Path, script: str, code: RefusalCode
) -> None:
    assert await _refusal(_saved(tmp_path, "txt", b"text"), "txt", tools=_python(tmp_path, script)) is code


async def test_memory_is_limited(tmp_path: Path) -> None:
    path = _saved(tmp_path, "txt", lesson_txt())
    limits = Limits(memory_bytes=40 * 1024 * 1024)
    assert await _refusal(path, "txt", limits=limits) in {RefusalCode.OUT_OF_MEMORY, RefusalCode.DAMAGED}


async def test_text_beyond_the_limit_is_left_out_with_a_warning(tmp_path: Path) -> None:
    extraction = await extract(
        _saved(tmp_path, "txt", lesson_txt()), FileKind.TXT, limits=Limits(characters=100)
    )
    assert sum(len(block.text) for block in extraction.blocks) == 100
    assert Caution.TRUNCATED in extraction.warnings


async def test_a_file_that_is_not_there_is_no_verdict_on_it(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        await extract(tmp_path / "gone.txt", FileKind.TXT)


async def test_there_is_never_more_than_one_child_per_core(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sandbox, "_places", asyncio.Semaphore(2))
    running, most = 0, 0
    read = sandbox._read

    async def counted(*arguments: object) -> object:
        nonlocal running, most
        running, most = running + 1, max(most, running + 1)
        try:
            return await read(*arguments)  # type: ignore[arg-type]
        finally:
            running -= 1

    monkeypatch.setattr(sandbox, "_read", counted)
    path = _saved(tmp_path, "txt", lesson_txt())
    await asyncio.gather(*(extract(path, FileKind.TXT) for _ in range(6)))
    assert most == 2


async def test_scans_without_a_reader_of_pictures_are_unsupported_and_mixed_files_are_read(
    tmp_path: Path,
) -> None:
    import pymupdf  # noqa: PLC0415

    if sandbox_can_read_pictures():
        pytest.skip("the extra `ocr` is installed here")
    scan = scanned_pdf(pages=2)
    assert await _refusal(_saved(tmp_path, "pdf", scan), "pdf") is RefusalCode.UNSUPPORTED
    mixed = pymupdf.open(stream=text_pdf(), filetype="pdf")
    mixed.insert_pdf(pymupdf.open(stream=scan, filetype="pdf"))
    extraction = await extract(_saved(tmp_path, "pdf", mixed.tobytes()), FileKind.PDF)
    assert extraction.warnings == [Caution.OCR_UNAVAILABLE]
    assert extraction.unread_pages == [5, 6]


def sandbox_can_read_pictures() -> bool:
    import importlib.util  # noqa: PLC0415

    return importlib.util.find_spec("rapidocr") is not None


@pytest.mark.parametrize(
    "name", ["bomb-60-mib-in-one-entry.docx", "random-after-header.pdf", "forms-ten-to-the-tenth.pdf"]
)
async def test_the_next_good_file_is_read_within_five_seconds(tmp_path: Path, name: str) -> None:
    (bad,) = [file for file in corpus() if file.name == name]
    assert await _refusal(_saved(tmp_path, bad.kind, bad.content), bad.kind) in bad.ends_in
    started = time.monotonic()
    await extract(_saved(tmp_path, "pdf", text_pdf()), FileKind.PDF)
    assert time.monotonic() - started < 5


async def test_a_page_that_kills_its_reader_costs_no_other_page(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[list[int]] = []

    async def read(request: Request, _ends_at: float) -> Extraction:
        pages = request.picture_pages
        if pages is None:
            return Extraction(blocks=[], pages=4, unread_pages=[1, 2, 3, 4])
        asked.append(pages)
        if 2 in pages:
            raise ExtractionRefusedError(RefusalCode.OUT_OF_MEMORY)
        blocks = [Block(kind=BlockKind.PARAGRAPH, text=f"Page {page}", page=page) for page in pages]
        return Extraction(blocks=blocks, pages=4)

    monkeypatch.setattr(sandbox, "_read", read)
    extraction = await extract(_saved(tmp_path, "pdf", text_pdf()), FileKind.PDF)
    assert [block.page for block in extraction.blocks] == [1, 3, 4]
    assert (extraction.unread_pages, extraction.warnings) == ([], [Caution.PAGES_DAMAGED])
    assert len(asked) <= 6


async def test_a_call_that_comes_late_gives_no_page_up(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def read(request: Request, ends_at: float) -> Extraction:
        if request.picture_pages is None:
            return Extraction(blocks=[_BLOCK], pages=2, unread_pages=[1, 2])
        await asyncio.sleep(ends_at - asyncio.get_running_loop().time())
        raise ExtractionRefusedError(RefusalCode.TIMED_OUT)

    monkeypatch.setattr(sandbox, "_read", read)
    path = _saved(tmp_path, "pdf", text_pdf())
    extraction = await extract(path, FileKind.PDF, limits=Limits(wall_seconds=2.1))
    assert (extraction.unread_pages, extraction.warnings) == ([1, 2], [Caution.PAGES_UNREAD])


def test_the_reader_of_pictures_is_the_one_named_the_one_made_here_or_none(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    assert tools_of(Settings()) == Tools(python=sys.executable, ocr_models=None)
    made = tmp_path / ".homeroom" / "ocr"
    for path in (made / "venv" / "bin" / "python", made / "models" / "det.onnx"):
        path.parent.mkdir(parents=True)
        path.touch()
    assert tools_of(Settings()) == Tools(python=str(made / "venv/bin/python"), ocr_models=made / "models")
    named = Settings(extraction_python="/opt/ocr/bin/python", ocr_models_path=tmp_path)
    assert tools_of(named) == Tools(python="/opt/ocr/bin/python", ocr_models=tmp_path)

"""Every file that means harm, through the child: it ends in time, as expected, and costs the worker nothing."""

import time
from pathlib import Path

import psutil
import pytest

from api.extraction.refusals import ExtractionRefusedError
from api.extraction.result import FileKind
from api.extraction.sandbox import extract
from tests.factories.files.hostile import READ, Hostile, corpus

_MIB = 1024 * 1024
_CORPUS = corpus()
_SECRETS = Path("/etc/passwd").read_text().splitlines()[:3]


@pytest.mark.parametrize("file", _CORPUS, ids=lambda file: file.name)
async def test_it_ends_in_time_and_as_expected(file: Hostile, tmp_path: Path) -> None:
    path = tmp_path / "file"
    path.write_bytes(file.content)
    before, started = psutil.Process().memory_info().rss, time.monotonic()
    try:
        extraction = await extract(path, FileKind(file.kind))
    except ExtractionRefusedError as refusal:
        outcome = refusal.code.value
    else:
        outcome = READ
        assert not any(secret in extraction.text() for secret in _SECRETS)
    assert time.monotonic() - started < 31
    assert outcome in file.ends_in
    assert psutil.Process().memory_info().rss - before < 50 * _MIB


def test_the_corpus_is_as_large_as_promised_and_names_are_unique() -> None:
    assert len({file.name for file in _CORPUS}) == len(_CORPUS) >= 40
    assert sum(file.is_for_the_door for file in _CORPUS) >= 20

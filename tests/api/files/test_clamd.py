"""The scanner's client, against the real clamd and against scanners that misbehave."""

import asyncio
import time
from pathlib import Path

import pytest

from api.files.clamd import Scanner
from api.files.errors import ScannerUnavailableError
from tests.api.files.conftest import EICAR, LIMIT_BYTES, says, scanner_that


@pytest.fixture
def letter(tmp_path: Path) -> Path:
    path = tmp_path / "letter"
    path.write_bytes(b"Dear class,")
    return path


async def test_clamd_passes_a_harmless_file(clamd: Scanner, letter: Path) -> None:
    assert await clamd.scan(letter) is None


@pytest.mark.parametrize("before", [0, 1, 65_530, 500_000])
async def test_clamd_finds_the_test_virus_wherever_it_stands(
    clamd: Scanner, tmp_path: Path, before: int
) -> None:
    path = tmp_path / "virus"
    path.write_bytes(b" " * before + EICAR)
    assert await clamd.scan(path) == "Eicar-Test.UNOFFICIAL"


async def test_what_is_longer_than_clamd_takes_has_no_verdict(clamd: Scanner, tmp_path: Path) -> None:
    path = tmp_path / "long"
    path.write_bytes(b" " * (LIMIT_BYTES * 4) + EICAR)
    with pytest.raises(ScannerUnavailableError):
        await clamd.scan(path)


@pytest.mark.parametrize(
    "reply",
    [
        b"",
        b"stream: OK",
        b"OK\0",
        b"stream: OK but\0",
        b"\xff\xfe\0",
        b"INSTREAM size limit exceeded. ERROR\0",
        b"stream: Can't allocate memory ERROR\0",
        b"x" * 100_000,
    ],
    ids=["nothing", "cut off", "no subject", "more words", "bytes", "size", "memory", "endless"],
)
async def test_what_is_no_verdict_passes_no_file(letter: Path, reply: bytes) -> None:
    async with scanner_that(says(reply)) as scanner:
        with pytest.raises(ScannerUnavailableError):
            await scanner.scan(letter)


async def test_a_slow_scanner_is_not_waited_for(letter: Path) -> None:
    async def sleep(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read(-1)
        writer.close()

    started = time.monotonic()
    async with scanner_that(sleep, scan_seconds=0.2) as scanner:
        with pytest.raises(ScannerUnavailableError):
            await scanner.scan(letter)
    assert time.monotonic() - started < 3


@pytest.mark.parametrize("url", ["tcp://127.0.0.1:1", "unix:///nowhere/clamd.ctl", "http://127.0.0.1:1"])
async def test_a_scanner_that_is_away_gives_no_verdict(letter: Path, url: str) -> None:
    with pytest.raises(ScannerUnavailableError):
        await Scanner(url=url).scan(letter)

"""Readers as the child uses them, but in the test's own process: what they read, not what they may."""

import importlib.util
import os
import sys
from pathlib import Path

import pytest

from api.extraction.limits import Limits, Request, Tools
from api.extraction.reading import prepare
from api.extraction.result import Block, BlockKind, Extraction, FileKind
from tests.architecture.source import ROOT

NOWHERE = Path("/nowhere")
OCR_MODELS = ROOT / ".homeroom" / "ocr" / "models"
OCR_PYTHON = OCR_MODELS.parent / "venv" / "bin" / "python"
"""Where `make ocr` puts it."""


def read(content: bytes, kind: str, *, limits: Limits | None = None) -> Extraction:
    """Return what a reader makes of a file."""
    request = Request(path=NOWHERE, kind=FileKind(kind), limits=limits or Limits(), tools=Tools())
    return prepare(request, content)(content)


def texts(extraction: Extraction, kind: BlockKind) -> list[str]:
    """Return the texts of one kind of blocks, in their order."""
    return [block.text for block in extraction.blocks if block.kind is kind]


def outline(extraction: Extraction) -> list[tuple[int | None, str]]:
    """Return the headings with their levels."""
    return [(block.level, block.text) for block in extraction.blocks if block.kind is BlockKind.HEADING]


def block_with(extraction: Extraction, words: str) -> Block:
    """Return the one block that contains these words."""
    (found,) = [block for block in extraction.blocks if words in block.text]
    return found


def ocr_tools() -> Tools:
    """Return the Python that has the extra `ocr`: this one, or the one a machine names. Skips where there is none."""
    named = os.environ.get("HOMEROOM_TEST_OCR_PYTHON")
    if named:
        return Tools(python=named)
    if OCR_PYTHON.exists():
        return Tools(python=str(OCR_PYTHON), ocr_models=OCR_MODELS)
    if importlib.util.find_spec("rapidocr") is None:
        pytest.skip("nothing here reads pictures: run make ocr, or name a Python in HOMEROOM_TEST_OCR_PYTHON")
    return Tools(python=sys.executable)

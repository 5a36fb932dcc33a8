"""The rooms import what they may, and the API carries nothing heavy."""

import subprocess
import sys
import tomllib

import pytest

from tests.architecture.source import ROOMS, ROOT

HEAVY = [
    *("dagster", "great_expectations", "pandas", "altair", "matplotlib"),
    *(
        "paddleocr",
        "rapidocr",
        "onnxruntime",
        "cv2",
        "fitz",
        "pymupdf",
        "docx",
        "olefile",
        "api.extraction.reading",
    ),
]


def test_import_contracts_are_kept() -> None:
    result = subprocess.run(
        [sys.executable, "-c", "from importlinter.cli import lint_imports_command; lint_imports_command()"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert result.returncode == 0, result.stdout + result.stderr


def test_the_contracts_cover_every_room() -> None:
    contracts = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["importlinter"]
    assert set(ROOMS) <= set(contracts["root_packages"])


@pytest.mark.parametrize("program", ["api.main", "realtime.main"])
def test_a_lean_program_imports_nothing_heavy(program: str) -> None:
    code = f"import sys, {program}; print([name for name in {HEAVY!r} if name in sys.modules])"
    result = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True
    )
    assert result.stdout.splitlines()[-1] == "[]"


def test_the_command_line_starts_without_anything_heavy() -> None:
    code = f"import sys, ops.main; print([name for name in {HEAVY!r} if name in sys.modules])"
    result = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True
    )
    assert result.stdout.splitlines()[-1] == "[]"


def test_the_sandbox_of_uploads_starts_readers_and_imports_none() -> None:
    code = f"import sys, api.extraction.sandbox; print([name for name in {HEAVY!r} if name in sys.modules])"
    result = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True
    )
    assert result.stdout.splitlines()[-1] == "[]"

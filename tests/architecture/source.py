"""The product's own source files, parsed once."""

import ast
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

ROOT = Path(__file__).parents[2]
ROOMS = ("core", "warehouse", "api", "realtime", "pipelines", "ops", "migrations")


@dataclass(frozen=True)
class SourceFile:
    path: str
    """Relative to the project, with forward slashes."""
    text: str

    @property
    def tree(self) -> ast.Module:
        return _parsed(self.text)

    @property
    def room(self) -> str:
        return self.path.split("/", 1)[0]

    def functions(self) -> Iterator[ast.FunctionDef | ast.AsyncFunctionDef]:
        for node in ast.walk(self.tree):
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
                yield node

    def calls(self) -> Iterator[ast.Call]:
        for node in ast.walk(self.tree):
            if isinstance(node, ast.Call):
                yield node


@cache
def _parsed(text: str) -> ast.Module:
    return ast.parse(text)


@cache
def product_files() -> tuple[SourceFile, ...]:
    return _files(ROOMS)


@cache
def test_files() -> tuple[SourceFile, ...]:
    return _files(("tests",))


test_files.__test__ = False  # type: ignore[attr-defined]


def _files(folders: tuple[str, ...]) -> tuple[SourceFile, ...]:
    paths = sorted(
        path
        for folder in folders
        for path in (ROOT / folder).rglob("*.py")
        if "node_modules" not in path.parts
    )
    return tuple(SourceFile(path.relative_to(ROOT).as_posix(), path.read_text()) for path in paths)


def source(path: str, text: str) -> SourceFile:
    """A file that does not exist, to show that a rule finds what it is there for."""
    return SourceFile(path, text)

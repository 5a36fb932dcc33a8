"""An oracle that shared code with the pipeline would share its mistakes."""

import ast
from pathlib import Path

import pytest

HERE = Path(__file__).parent
ORACLE = sorted([*HERE.glob("oracle*.py"), HERE / "facts.py"])
ALLOWED = {"psycopg", "tests"}
STANDARD = {
    "collections",
    "dataclasses",
    "datetime",
    "decimal",
    "fractions",
    "json",
    "math",
    "re",
    "statistics",
}
STANDARD |= {"typing"}


@pytest.mark.parametrize("module", ORACLE, ids=lambda path: path.name)
def test_the_oracle_imports_nothing_of_ours_and_no_engine(module: Path) -> None:
    imported = {
        name
        for node in ast.walk(ast.parse(module.read_text()))
        for name in (
            [node.module or ""]
            if isinstance(node, ast.ImportFrom)
            else [alias.name for alias in node.names]
            if isinstance(node, ast.Import)
            else []
        )
    }
    assert {name.split(".")[0] for name in imported} <= STANDARD | ALLOWED
    ours = {name for name in imported if name.startswith("tests.")}
    assert all(name.startswith("tests.oracle.oracle") or name == "tests.oracle.facts" for name in ours)

"""STYLE and ARCHITECTURE as functions from a source file to the lines that break them."""

import ast
import re
from collections.abc import Callable, Iterator

from core import models
from tests.architecture.source import SourceFile

MOST_LINES_OF_A_FILE = 400
MOST_LINES_OF_A_FUNCTION = 60
WORDLESS_NAMES = {"utils", "util", "helpers", "helper", "common", "misc", "manager", "managers"}

TENANT_TABLES = {
    name
    for name in dir(models)
    if hasattr(getattr(models, name), "__table__") and "district_id" in getattr(models, name).__table__.c
}
MAY_SELECT = ("migrations/", "ops/", "core/")
"""No rooms with a `queries.py` there; core's statements stand beside the one step that uses them."""

MAY_COMMIT = ("core/db.py", "ops/", "migrations/")

Rule = Callable[[SourceFile], Iterator[str]]


def too_long_files(file: SourceFile) -> Iterator[str]:
    lines = len(file.text.splitlines())
    is_generated_order_of_tables = file.path.startswith("migrations/versions/")
    if lines > MOST_LINES_OF_A_FILE and not is_generated_order_of_tables:
        yield f"{file.path} has {lines} lines"


def too_long_functions(file: SourceFile) -> Iterator[str]:
    if file.path.startswith("migrations/versions/"):
        return
    for function in file.functions():
        lines = (function.end_lineno or 0) - function.lineno + 1
        if lines > MOST_LINES_OF_A_FUNCTION:
            yield f"{file.path}:{function.lineno} {function.name} has {lines} lines"


def wordless_names(file: SourceFile) -> Iterator[str]:
    parts = {part.removesuffix(".py") for part in file.path.split("/")}
    if parts & WORDLESS_NAMES:
        yield file.path


def tenants_named_elsewhere(file: SourceFile) -> Iterator[str]:
    """The first wall: `TenantId(` stands in core/tenancy.py only."""
    if file.path == "core/tenancy.py":
        return
    for call in file.calls():
        if _called_name(call) == "TenantId":
            yield f"{file.path}:{call.lineno} TenantId("


def selects_outside_queries(file: SourceFile) -> Iterator[str]:
    """The second wall: statements over tenants' tables are built in queries.py."""
    if file.path.startswith(MAY_SELECT) or file.path.endswith("/queries.py"):
        return
    for call in file.calls():
        if _called_name(call) == "select" and any(_mentions_tenant_table(argument) for argument in call.args):
            yield f"{file.path}:{call.lineno} select("


def commits_elsewhere(file: SourceFile) -> Iterator[str]:
    if file.path.startswith(MAY_COMMIT):
        return
    for call in file.calls():
        if isinstance(call.func, ast.Attribute) and call.func.attr == "commit":
            yield f"{file.path}:{call.lineno} .commit("


_SESSION_SETTING = re.compile(r"\bSET\s+(?:SESSION\s+)?app\.", re.IGNORECASE)
_SESSION_CONFIG = re.compile(r"set_config\('app\.\w+',[^)]*,\s*(?!true)\w+\)", re.IGNORECASE)


def context_for_a_whole_session(file: SourceFile) -> Iterator[str]:
    """A session-level SET leaks through pools."""
    for node in ast.walk(file.tree):
        text = node.value if isinstance(node, ast.Constant) and isinstance(node.value, str) else ""
        if _SESSION_SETTING.search(text) or _SESSION_CONFIG.search(text):
            yield f"{file.path}:{getattr(node, 'lineno', 0)} sets the tenant for a session"


def futures_in_pipelines(file: SourceFile) -> Iterator[str]:
    """Dagster reads context annotations at run time."""
    if file.room == "pipelines" and "from __future__ import annotations" in file.text:
        yield file.path


def sleeping_errors(file: SourceFile) -> Iterator[str]:
    for node in ast.walk(file.tree):
        if isinstance(node, ast.ExceptHandler) and all(isinstance(step, ast.Pass) for step in node.body):
            yield f"{file.path}:{node.lineno} swallows an error"


def clocks_in_the_pure_heart(file: SourceFile) -> Iterator[str]:
    """`core/domain` takes time as a parameter and does no I/O."""
    if not file.path.startswith("core/domain/"):
        return
    forbidden = {"now", "utcnow", "today", "time", "monotonic", "open", "print", "read_text", "getenv"}
    for call in file.calls():
        if _called_name(call) in forbidden:
            yield f"{file.path}:{call.lineno} {_called_name(call)}("


def undocumented_rules(file: SourceFile) -> Iterator[str]:
    """A rule of the domain says what it computes, in which unit and where it comes from."""
    if not file.path.startswith("core/domain/"):
        return
    for node in file.tree.body:
        if isinstance(node, ast.FunctionDef | ast.ClassDef) and not node.name.startswith("_"):
            is_a_list_of_names = isinstance(node, ast.ClassDef) and "StrEnum" in ast.unparse(node)
            if not ast.get_docstring(node) and not is_a_list_of_names:
                yield f"{file.path}:{node.lineno} {node.name}"


def _called_name(call: ast.Call) -> str:
    if isinstance(call.func, ast.Name):
        return call.func.id
    return call.func.attr if isinstance(call.func, ast.Attribute) else ""


def _mentions_tenant_table(node: ast.AST) -> bool:
    names = {part.id for part in ast.walk(node) if isinstance(part, ast.Name)}
    return bool(names & (TENANT_TABLES | {"tenant_interaction_events"}))


RULES: list[Rule] = [
    too_long_files,
    too_long_functions,
    wordless_names,
    tenants_named_elsewhere,
    selects_outside_queries,
    commits_elsewhere,
    context_for_a_whole_session,
    futures_in_pipelines,
    sleeping_errors,
    clocks_in_the_pure_heart,
    undocumented_rules,
]

"""Every source file obeys every rule, and every rule finds the mistake it is there for."""

import pytest

from tests.architecture.source import product_files, source, test_files
from tests.architecture.source_lint import RULES, Rule, too_long_files, too_long_functions, wordless_names

MISTAKES = {
    "too_long_files": ("api/x.py", "x = 1\n" * 401),
    "too_long_functions": ("api/x.py", "def long():\n" + "    x = 1\n" * 60),
    "wordless_names": ("api/grades/utils.py", ""),
    "tenants_named_elsewhere": ("api/x.py", "tenancy.TenantId(body.district_id)"),
    "selects_outside_queries": ("api/grades/service.py", "select(Grade.id).where(Grade.id == 1)"),
    "commits_elsewhere": ("api/grades/service.py", "session.commit()"),
    "context_for_a_whole_session": ("core/x.py", 'text("SET app.district_id = 1")'),
    "futures_in_pipelines": ("pipelines/x.py", "from __future__ import annotations"),
    "sleeping_errors": ("core/x.py", "try:\n    x()\nexcept ValueError:\n    pass"),
    "undocumented_rules": ("core/domain/x.py", "def level(points: int) -> int:\n    return points"),
    "clocks_in_the_pure_heart": ("core/domain/x.py", "datetime.now(UTC)"),
}


def _name(rule: Rule) -> str:
    return rule.__name__


@pytest.mark.parametrize("rule", RULES, ids=_name)
def test_no_file_breaks_the_rule(rule: Rule) -> None:
    assert [found for file in product_files() for found in rule(file)] == []


@pytest.mark.parametrize("rule", RULES, ids=_name)
def test_the_rule_finds_its_mistake(rule: Rule) -> None:
    assert list(rule(source(*MISTAKES[rule.__name__]))) != []


@pytest.mark.parametrize("rule", [too_long_files, too_long_functions, wordless_names], ids=_name)
def test_tests_are_kept_as_small_as_the_product(rule: Rule) -> None:
    assert [found for file in test_files() for found in rule(file)] == []


@pytest.mark.parametrize(
    "text",
    [
        "text(\"SELECT set_config('app.district_id', :d, false)\")",
        'text("set session app.scope to 1")',
    ],
)
def test_a_session_wide_context_is_found_in_every_spelling(text: str) -> None:
    rule = next(rule for rule in RULES if rule.__name__ == "context_for_a_whole_session")
    assert list(rule(source("core/x.py", text))) != []


def test_the_median_function_is_short() -> None:
    lengths = sorted(
        (function.end_lineno or 0) - function.lineno + 1
        for file in product_files()
        if not file.path.startswith("migrations/versions/")
        for function in file.functions()
    )
    assert lengths[len(lengths) // 2] <= 12

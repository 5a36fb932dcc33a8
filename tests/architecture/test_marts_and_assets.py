"""Every mart has owner, grain and suite; every asset is short, described, owned, partitioned and checked."""

import ast

import pytest
from dagster import AssetsDefinition

from pipelines.definitions import ASSETS, CHECKS
from pipelines.districts.partitions import DISTRICTS
from pipelines.suites import suite_of
from tests.architecture.source import SourceFile, product_files
from warehouse.catalog import MARTS

MOST_LINES_OF_AN_ASSET = 40

by_mart = pytest.mark.parametrize("name", MARTS)
by_asset = pytest.mark.parametrize("asset", ASSETS, ids=lambda asset: asset.key.to_user_string())


@by_mart
def test_a_mart_has_an_owner_a_grain_and_a_described_column_for_everything(name: str) -> None:
    mart = MARTS[name]
    assert mart.owner
    assert mart.grain
    assert all(column.description and column.sensitivity for column in mart.columns)
    assert mart.columns[0].name == "district_id"


@by_mart
@pytest.mark.filterwarnings("ignore::DeprecationWarning")  # Great Expectations' own imports
def test_a_mart_has_a_suite_that_guards_its_key_and_its_required_columns(name: str) -> None:
    expected = {type(expectation).__name__ for expectation in suite_of(MARTS[name]).expectations}
    assert "ExpectColumnValuesToNotBeNull" in expected
    assert len(suite_of(MARTS[name]).expectations) >= len(MARTS[name].required_columns) // 2


@by_asset
def test_an_asset_is_described_owned_partitioned_and_checked(asset: AssetsDefinition) -> None:
    spec = asset.get_asset_spec()
    assert spec.description
    assert spec.owners
    assert spec.partitions_def == DISTRICTS
    assert [check for check in CHECKS for key in check.check_keys if key.asset_key == asset.key]


def test_no_asset_hides_a_rule_in_its_length() -> None:
    long = [
        f"{file.path}:{function.name}"
        for file in product_files()
        if file.path.startswith("pipelines/") and file.path.endswith("/assets.py")
        for function in file.functions()
        if _is_asset(function) and _length(function) > MOST_LINES_OF_AN_ASSET
    ]
    assert long == []


def test_pipelines_do_nothing_at_import() -> None:
    """Behaviour at import time would run in every process that looks at the definitions."""
    acting = [
        f"{file.path}:{node.lineno}"
        for file in product_files()
        if file.room == "pipelines"
        for node in file.tree.body
        if isinstance(node, ast.Expr) and isinstance(node.value, ast.Call)
    ]
    assert acting == []


def _is_asset(function: ast.FunctionDef | ast.AsyncFunctionDef) -> bool:
    return any("asset" in ast.unparse(decorator) for decorator in function.decorator_list)


def _length(function: ast.FunctionDef | ast.AsyncFunctionDef) -> int:
    return (function.end_lineno or 0) - function.lineno + 1


def test_the_length_rule_counts_what_it_should() -> None:
    text = "@asset\ndef wide():\n" + "    x = 1\n" * 41
    (function,) = SourceFile("pipelines/x/assets.py", text).functions()
    assert _is_asset(function)
    assert _length(function) > MOST_LINES_OF_AN_ASSET

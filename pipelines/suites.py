"""Great Expectations suites, built from the catalogue, run as blocking asset checks.

Great Expectations takes six seconds to import and has no Polars engine: it is imported when the first check runs,
and gets the columns it can judge as pandas.
"""

import os
import warnings
from collections.abc import Iterator
from typing import Any

import polars as pl
from dagster import (
    AssetCheckExecutionContext,
    AssetCheckResult,
    AssetChecksDefinition,
    AssetCheckSpec,
    AssetsDefinition,
    MetadataValue,
    multi_asset_check,
)
from polars import selectors

from pipelines.failures import classified
from pipelines.resources import WarehouseResource
from pipelines.steps import step_of
from warehouse.mart import Expectation, InSet, Mart, Ordered


def mart_checks(asset: AssetsDefinition, mart: Mart) -> list[AssetChecksDefinition]:
    """Return the checks every mart has: its suite, and that its files hold one district. One step reads the rows."""
    suite, one_district = f"{mart.name}_suite", f"{mart.name}_has_one_district"
    promised = f"Great Expectations: what the catalogue promises of {mart.name}."
    owned = "Every row of every file belongs to the partition's district."

    @multi_asset_check(
        name=f"{mart.name}_checks",
        specs=[
            AssetCheckSpec(suite, asset=asset, blocking=True, description=promised),
            AssetCheckSpec(one_district, asset=asset, blocking=True, description=owned),
        ],
    )
    def check(
        context: AssetCheckExecutionContext, warehouse: WarehouseResource
    ) -> Iterator[AssetCheckResult]:
        with classified():
            step = step_of(context, warehouse)
            rows = step.written(mart).select(judged_columns(mart)).collect()
        found = set(rows["district_id"].unique())
        yield AssetCheckResult(
            check_name=one_district,
            passed=found <= {str(step.tenant)},
            metadata={"districts": len(found)},
        )
        failures = failures_of(mart, rows)
        yield AssetCheckResult(
            check_name=suite,
            passed=not failures,
            metadata={"rows": rows.height, "failures": MetadataValue.md("\n".join(failures) or "none")},
        )

    return [check]


def failures_of(mart: Mart, rows: pl.DataFrame) -> list[str]:
    """Run the mart's suite over rows and return a sentence per failed expectation."""
    context = _great_expectations().get_context(mode="ephemeral")
    context.variables.progress_bars = {"globally": False}
    batch = (
        context.data_sources.add_pandas("memory")
        .add_dataframe_asset(mart.name)
        .add_batch_definition_whole_dataframe("rows")
        .get_batch({"dataframe": _as_pandas(rows)})
    )
    result = batch.validate(suite_of(mart), result_format="SUMMARY")
    return [_sentence(outcome) for outcome in result.results if not outcome.success]


def suite_of(mart: Mart) -> Any:
    """Return the Great Expectations suite of a mart: empty values, key, and what the catalogue promises beyond."""
    expectations = _great_expectations().expectations
    required = [name for name in mart.required_columns if name in judged_columns(mart)]
    parts = [expectations.ExpectColumnValuesToNotBeNull(column=name) for name in required]
    parts.append(_unique_key(mart))
    parts += [_expectation(promise) for promise in mart.expectations]
    return _great_expectations().ExpectationSuite(name=mart.name, expectations=parts)


def judged_columns(mart: Mart) -> list[str]:
    """Return the columns pandas can hold as plain values: lists are left to the writer's own checks."""
    return [column.name for column in mart.columns if not isinstance(column.dtype, pl.List)]


def _great_expectations() -> Any:
    os.environ["GX_ANALYTICS_ENABLED"] = "false"
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # it imports modules that Python has deprecated
        import great_expectations  # noqa: PLC0415 - six seconds, only for runs
    return great_expectations


def _as_pandas(rows: pl.DataFrame) -> Any:
    """Decimals become floats, for the suite compares ranges, never money; times lose their zone, which is UTC."""
    return rows.with_columns(
        pl.col(pl.Decimal).cast(pl.Float64), selectors.datetime().dt.replace_time_zone(None)
    ).to_pandas()


def _unique_key(mart: Mart) -> Any:
    expectations = _great_expectations().expectations
    if len(mart.sort_key) == 1:
        return expectations.ExpectColumnValuesToBeUnique(column=mart.sort_key[0])
    return expectations.ExpectCompoundColumnsToBeUnique(column_list=list(mart.sort_key))


def _expectation(promise: Expectation) -> Any:
    expectations = _great_expectations().expectations
    if isinstance(promise, InSet):
        return expectations.ExpectColumnValuesToBeInSet(column=promise.column, value_set=list(promise.values))
    if isinstance(promise, Ordered):
        return expectations.ExpectColumnPairValuesAToBeGreaterThanB(
            column_A=promise.larger,
            column_B=promise.smaller,
            or_equal=True,
            ignore_row_if="either_value_is_missing",
        )
    return expectations.ExpectColumnValuesToBeBetween(
        column=promise.column, min_value=promise.minimum, max_value=promise.maximum
    )


def _sentence(outcome: Any) -> str:
    config = outcome.expectation_config
    subject = config.kwargs.get("column") or config.kwargs.get("column_list") or config.kwargs.get("column_A")
    return f"{subject}: {config.type.removeprefix('expect_')} failed ({outcome.result.get('unexpected_count')} rows)"

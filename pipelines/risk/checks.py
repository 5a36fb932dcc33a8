"""Checks of students at risk and of their flags."""

import polars as pl
from dagster import AssetCheckExecutionContext, AssetCheckResult, asset_check

from core.domain import risk_batch
from core.domain.risk import HYSTERESIS, LEVELS
from pipelines.failures import classified
from pipelines.reconciliation import reconciles_with_postgres
from pipelines.resources import PostgresResource, WarehouseResource
from pipelines.risk.assets import risk_flag_rows, students_at_risk
from pipelines.risk.queries import counted_standing_flags
from pipelines.risk.rows import LEVEL_NAMES
from pipelines.steps import step_of
from pipelines.suites import mart_checks
from warehouse.risk import STUDENTS_AT_RISK

_TOLERANCE = 1e-12  # an exponential may differ in its last bits from one machine to the next


@asset_check(
    asset=students_at_risk,
    blocking=True,
    description="Whoever is flagged has an absolute reason and a probability the level allows.",
)
def flags_have_an_absolute_reason(
    context: AssetCheckExecutionContext, warehouse: WarehouseResource
) -> AssetCheckResult:
    with classified():
        rows = step_of(context, warehouse).read(STUDENTS_AT_RISK)
        flagged = rows.filter(pl.col("level").is_in(LEVEL_NAMES))
        baseless = baseless_flags(flagged)
    return AssetCheckResult(
        passed=baseless.is_empty(), metadata={"flags": flagged.height, "baseless": baseless.height}
    )


@asset_check(
    asset=students_at_risk,
    blocking=True,
    description="Probability and reasons follow from the signals beside them, once more.",
)
def reasons_match_the_signals(
    context: AssetCheckExecutionContext, warehouse: WarehouseResource
) -> AssetCheckResult:
    with classified():
        rows = step_of(context, warehouse).read(STUDENTS_AT_RISK)
        wrong = contradictions(rows)
    return AssetCheckResult(
        passed=wrong.is_empty(), metadata={"students": rows.height, "contradictions": wrong.height}
    )


@asset_check(
    asset=risk_flag_rows,
    blocking=True,
    description="PostgreSQL has as many standing flags as the mart has flagged students.",
)
def standing_flags_equal_the_mart(
    context: AssetCheckExecutionContext, postgres: PostgresResource, warehouse: WarehouseResource
) -> AssetCheckResult:
    with classified():
        step = step_of(context, warehouse)
        is_flagged = pl.col("level").is_in(LEVEL_NAMES)
        flagged = int(step.scan(STUDENTS_AT_RISK).select(is_flagged.sum()).collect().item())
        with postgres.snapshot(step.tenant) as moment:
            standing = moment.value(counted_standing_flags(step.tenant))
    return AssetCheckResult(passed=standing == flagged, metadata={"postgres": standing, "mart": flagged})


def baseless_flags(flagged: pl.DataFrame) -> pl.DataFrame:
    """Return flags without an absolute reason, without a sentence, or below what their level at least needs."""
    least = pl.col("level").replace_strict(dict(LEVELS), return_dtype=pl.Float64) - HYSTERESIS
    share = pl.col("missing_assignments") / pl.col("counted_assignments")
    has_basis = (
        risk_batch.has_absolute_reason()
        & (pl.col("reasons").list.len() > 0)
        & (pl.col("probability") >= least)
    )
    return flagged.with_columns(missing_share=share).filter(~has_basis.fill_null(value=False))


def contradictions(rows: pl.DataFrame) -> pl.DataFrame:
    """Return rows whose probability or reasons their own signals do not give; the level rests on the one before."""
    again = risk_batch.assess(rows.with_columns(previous_level="level", told="reasons", stated="probability"))
    is_as_stated = (pl.col("probability") - pl.col("stated")).abs().fill_null(0.0) < _TOLERANCE
    is_known = pl.col("probability").is_null() == pl.col("stated").is_null()
    return again.filter(pl.col("told").ne(pl.col("reasons")) | ~is_as_stated | ~is_known)


checks = [
    *mart_checks(students_at_risk, STUDENTS_AT_RISK),
    reconciles_with_postgres(students_at_risk, STUDENTS_AT_RISK),
    flags_have_an_absolute_reason,
    reasons_match_the_signals,
    standing_flags_equal_the_mart,
]

"""Checks of grades and overall grades."""

import polars as pl
from dagster import (
    AssetCheckExecutionContext,
    AssetCheckResult,
    AssetCheckSeverity,
    MetadataValue,
    asset_check,
)

from pipelines.failures import classified
from pipelines.gradebook.assets import class_grades, gradebook
from pipelines.gradebook.recomputation import differences
from pipelines.reconciliation import reconciles_with_postgres
from pipelines.resources import PostgresResource, WarehouseResource
from pipelines.steps import as_markdown, step_of
from pipelines.suites import mart_checks
from warehouse.gradebook import CLASS_GRADES, GRADEBOOK

_SHOWN = 5


@asset_check(
    asset=class_grades,
    blocking=True,
    description="As many rows as PostgreSQL counted, and every percent has its letter.",
)
def class_grades_are_whole(
    context: AssetCheckExecutionContext, warehouse: WarehouseResource
) -> AssetCheckResult:
    with classified():
        step = step_of(context, warehouse)
        entry = step.entry(CLASS_GRADES)
        rows = step.read(CLASS_GRADES)
        runs = ("current", "final", "all_current", "all_final")
        half = pl.any_horizontal(
            pl.col(f"{run}_percent").is_null() != pl.col(f"{run}_letter").is_null() for run in runs
        )
        without_letter = rows.filter(half)
    return AssetCheckResult(
        passed=entry.is_reconciled and without_letter.is_empty(),
        metadata={"mart": entry.rows, "postgres": entry.source_rows, "halves": without_letter.height},
    )


@asset_check(
    asset=class_grades,
    description="Every overall grade follows from the lines of the gradebook by the rules that settle it.",
)
def overall_grades_recompute(
    context: AssetCheckExecutionContext, postgres: PostgresResource, warehouse: WarehouseResource
) -> AssetCheckResult:
    """Warn, and serve all the same: a grade that was settled in between is no mistake of the mart."""
    with classified():
        step = step_of(context, warehouse)
        rows = step.read(CLASS_GRADES)
        with postgres.snapshot(step.tenant) as moment:
            found = list(differences(moment.connection, step.tenant, rows))
    return AssetCheckResult(
        passed=not found,
        severity=AssetCheckSeverity.WARN,
        metadata={
            "grades": rows.height,
            "differences": len(found),
            "first": MetadataValue.md("\n".join(f"- {one}" for one in found[:_SHOWN]) or "none"),
        },
    )


@asset_check(
    asset=gradebook,
    blocking=True,
    description="A score is the override, or what was entered less the deduction; no percent without a score.",
)
def grades_recompute(context: AssetCheckExecutionContext, warehouse: WarehouseResource) -> AssetCheckResult:
    with classified():
        rows = step_of(context, warehouse).read(GRADEBOOK)
        earned = pl.col("entered_score") - pl.col("deduction")
        wrong = rows.filter(
            pl.col("score").ne_missing(pl.coalesce("override_score", earned))
            | (pl.col("score").is_null() & pl.col("percent").is_not_null())
        )
    named = wrong.select(
        "assignment_id", "student_id", "entered_score", "deduction", "override_score", "score"
    )
    return AssetCheckResult(
        passed=wrong.is_empty(),
        metadata={
            "grades": rows.height,
            "wrong": wrong.height,
            "first": MetadataValue.md(as_markdown(named.head(_SHOWN))),
        },
    )


checks = [
    *mart_checks(class_grades, CLASS_GRADES),
    class_grades_are_whole,
    overall_grades_recompute,
    *mart_checks(gradebook, GRADEBOOK),
    reconciles_with_postgres(gradebook, GRADEBOOK),
    grades_recompute,
]

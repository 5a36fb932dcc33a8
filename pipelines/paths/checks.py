"""Checks of the learning paths."""

import polars as pl
from dagster import (
    AssetCheckExecutionContext,
    AssetCheckResult,
    AssetCheckSeverity,
    MetadataValue,
    asset_check,
)

from core.domain.paths import LONGEST_PATH
from core.domain.prerequisites import find_cycle
from pipelines.copying import copy_frame
from pipelines.failures import classified
from pipelines.paths import queries
from pipelines.paths.assets import learning_paths
from pipelines.resources import PostgresResource, WarehouseResource
from pipelines.steps import step_of
from pipelines.suites import mart_checks
from warehouse.progress import LEARNING_PATHS


@asset_check(
    asset=learning_paths,
    description="The graph of concepts has no circle, and every prerequisite stands before what builds on it.",
)
def paths_follow_the_graph(
    context: AssetCheckExecutionContext, postgres: PostgresResource, warehouse: WarehouseResource
) -> AssetCheckResult:
    """Warn, and serve all the same: paths are advice, and the graph may have changed since they were made."""
    with classified():
        step = step_of(context, warehouse)
        with postgres.snapshot(step.tenant) as moment:
            edges = copy_frame(moment.connection, queries.prerequisite_edges(step.tenant), queries.EDGES)
        circle: list[str] | None = find_cycle(edges.iter_rows())
        astray = steps_before_their_prerequisites(step.read(LEARNING_PATHS), edges)
    return AssetCheckResult(
        passed=circle is None and astray.is_empty(),
        severity=AssetCheckSeverity.WARN,
        metadata={
            "circle": MetadataValue.text(" → ".join(circle or ()) or "none"),
            "steps before their prerequisites": astray.height,
        },
    )


@asset_check(
    asset=learning_paths,
    blocking=True,
    description="Steps are numbered from 1 without a gap, at most ten, and nothing secure is among them.",
)
def paths_are_whole(context: AssetCheckExecutionContext, warehouse: WarehouseResource) -> AssetCheckResult:
    with classified():
        rows = step_of(context, warehouse).read(LEARNING_PATHS)
        broken = broken_paths(rows)
    return AssetCheckResult(
        passed=broken.is_empty(), metadata={"steps": rows.height, "broken paths": broken.height}
    )


@asset_check(
    asset=learning_paths,
    blocking=True,
    description="Every question suggested is one of a bank of the district.",
)
def suggested_questions_exist(
    context: AssetCheckExecutionContext, postgres: PostgresResource, warehouse: WarehouseResource
) -> AssetCheckResult:
    with classified():
        step = step_of(context, warehouse)
        named = step.read(LEARNING_PATHS)["question_ids"].explode(empty_as_null=False).unique().sort()
        with postgres.snapshot(step.tenant) as moment:
            found = moment.value(queries.counted_questions(step.tenant, named.to_list()))
    return AssetCheckResult(passed=found == named.len(), metadata={"named": named.len(), "postgres": found})


def steps_before_their_prerequisites(paths: pl.DataFrame, edges: pl.DataFrame) -> pl.DataFrame:
    """Return pairs of steps of one path of which the later is a prerequisite of the earlier."""
    steps = paths.select("class_id", "student_id", "rank", "concept_id")
    before = steps.rename({"concept_id": "prerequisite_id", "rank": "prerequisite_rank"})
    pairs = steps.join(edges, on="concept_id").join(before, on=["class_id", "student_id", "prerequisite_id"])
    return pairs.filter(pl.col("prerequisite_rank") > pl.col("rank"))


def broken_paths(paths: pl.DataFrame) -> pl.DataFrame:
    """Return class_id and student_id of paths that are too long, have a gap, or name a concept twice."""
    counted = paths.group_by("class_id", "student_id").agg(
        pl.len().alias("steps"),
        pl.col("rank").max().alias("last"),
        pl.col("concept_id").n_unique().alias("concepts"),
    )
    return counted.filter(
        (pl.col("steps") != pl.col("last"))
        | (pl.col("steps") != pl.col("concepts"))
        | (pl.col("steps") > LONGEST_PATH)
    )


checks = [
    *mart_checks(learning_paths, LEARNING_PATHS),
    paths_are_whole,
    suggested_questions_exist,
    paths_follow_the_graph,
]

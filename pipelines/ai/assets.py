"""Assets: what models were asked, and how far their scores agree with teachers."""

from dagster import AssetExecutionContext, MaterializeResult, asset

from pipelines.ai.agreement import agreement_by_assignment
from pipelines.ai.queries import PROPOSALS, counted_interactions, interaction_rows, proposal_rows
from pipelines.copying import copy_frame
from pipelines.districts.partitions import DISTRICTS
from pipelines.failures import classified
from pipelines.resources import PostgresResource, WarehouseResource
from pipelines.steps import step_of
from warehouse.ai import AI_GRADING_AGREEMENT, AI_INTERACTIONS


@asset(
    partitions_def=DISTRICTS,
    group_name="ai",
    owners=["team:data-platform"],
    kinds={"postgres", "parquet"},
    description=(
        "Grain: one row per question asked of a model. Freshness: within a minute of an answer by a student. "
        "Consumer: who pays for it, and who asks which model answered what."
    ),
)
def ai_interactions(
    context: AssetExecutionContext, postgres: PostgresResource, warehouse: WarehouseResource
) -> MaterializeResult[None]:
    """Copy purpose, model, tokens, cost and time of every call; the role cannot read what was said."""
    with classified():
        step = step_of(context, warehouse)
        with postgres.snapshot(step.tenant) as moment:
            rows = copy_frame(moment.connection, interaction_rows(step.tenant), AI_INTERACTIONS.schema)
            source_rows = moment.value(counted_interactions(step.tenant))
        return step.write(AI_INTERACTIONS, rows, as_of=moment.as_of, source_rows=source_rows)


@asset(
    partitions_def=DISTRICTS,
    group_name="ai",
    owners=["team:learning-science"],
    kinds={"postgres", "parquet"},
    description=(
        "Grain: one row per assignment with scores a model proposed. Freshness: within a minute of a review. "
        "Consumer: who decides from which confidence on a model's score may count."
    ),
)
def ai_grading_agreement(
    context: AssetExecutionContext, postgres: PostgresResource, warehouse: WarehouseResource
) -> MaterializeResult[None]:
    """Compare proposals with decisions by `core.domain.agreement`, as the review pages do."""
    with classified():
        step = step_of(context, warehouse)
        with postgres.snapshot(step.tenant) as moment:
            proposals = copy_frame(moment.connection, proposal_rows(step.tenant), PROPOSALS)
        return step.write(AI_GRADING_AGREEMENT, agreement_by_assignment(proposals), as_of=moment.as_of)

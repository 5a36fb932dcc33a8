"""Asset: how each question behaves."""

from dagster import AssetExecutionContext, MaterializeResult, asset

from core.domain import items
from pipelines.answers.assets import answers
from pipelines.answers.facts import first_graded
from pipelines.districts.partitions import DISTRICTS
from pipelines.failures import classified
from pipelines.resources import WarehouseResource
from pipelines.steps import step_of
from warehouse.answers import ANSWERS
from warehouse.items import QUESTION_STATISTICS


@asset(
    partitions_def=DISTRICTS,
    deps=[answers],
    group_name="items",
    owners=["team:learning-science"],
    kinds={"polars", "parquet"},
    description=(
        "Grain: one row per question with a graded answer. Freshness: within a minute of an answer. "
        "Consumer: the question page of the teacher's dashboard."
    ),
)
def question_statistics(
    context: AssetExecutionContext, warehouse: WarehouseResource
) -> MaterializeResult[None]:
    """Describe each question by `core.domain.items`, with the place it was asked in."""
    with classified():
        step = step_of(context, warehouse)
        facts = first_graded(step.scan(ANSWERS))
        statistics = items.question_statistics(facts)
        places = facts.select(
            "question_id", "school_id", "class_id", "assignment_id", "question_kind", "concept_ids"
        ).unique("question_id", keep="first", maintain_order=True)
        rows = statistics.join(places, on="question_id", how="left")
        return step.write(QUESTION_STATISTICS, rows, as_of=step.entry(ANSWERS).as_of)

"""Asset: the concepts each student needs help with."""

from dagster import AssetExecutionContext, MaterializeResult, asset

from core.domain import struggling
from pipelines.districts.partitions import DISTRICTS
from pipelines.failures import classified
from pipelines.mastery.assets import concept_mastery
from pipelines.resources import WarehouseResource
from pipelines.steps import step_of
from warehouse.mastery import CONCEPT_MASTERY
from warehouse.struggling import STRUGGLING_FLAGS


@asset(
    partitions_def=DISTRICTS,
    deps=[concept_mastery],
    group_name="struggling",
    owners=["team:learning-science"],
    kinds={"polars", "parquet"},
    description=(
        "Grain: one row per student and concept flagged, the worst few per student. Freshness: within a minute of "
        "an answer. Consumer: the struggling list of the teacher's dashboard."
    ),
)
def struggling_flags(context: AssetExecutionContext, warehouse: WarehouseResource) -> MaterializeResult[None]:
    """Flag with reasons, by `core.domain.struggling`."""
    with classified():
        step = step_of(context, warehouse)
        mastery = step.read(CONCEPT_MASTERY)
        schools = mastery.select("student_id", "concept_id", "school_id")
        flags = struggling.struggling_flags(mastery).join(
            schools, on=["student_id", "concept_id"], how="left"
        )
        return step.write(STRUGGLING_FLAGS, flags, as_of=step.entry(CONCEPT_MASTERY).as_of)

"""The one job: everything of one district, in one process."""

from dagster import AssetSelection, define_asset_job

district_refresh = define_asset_job(
    name="district_refresh",
    selection=AssetSelection.all(),
    description="Lake, marts, checks, publication and export of one district.",
)

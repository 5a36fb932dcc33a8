from datetime import datetime
from typing import Annotated
from uuid import UUID

from pydantic import AfterValidator, Field
from pydantic_core import PydanticCustomError

from api.schemas import Input, Output
from core.models import ExportFormat, ExportProfile, ExportState
from warehouse.exports import DATASETS

BUNDLE = "bundle"
DATASET_NAMES = sorted({BUNDLE, *(name for datasets in DATASETS.values() for name in datasets)})


def _known(value: str) -> str:
    if value not in DATASET_NAMES:
        raise PydanticCustomError("dataset", "There is no dataset of this name.")
    return value


DatasetName = Annotated[
    str, AfterValidator(_known), Field(examples=["gradebook"], json_schema_extra={"enum": [*DATASET_NAMES]})
]


class ExportCreate(Input):
    dataset: DatasetName
    """A mart, a summary, or `bundle`: everything, as the district receives it."""
    class_id: Annotated[UUID | None, Field(examples=["01a205a9-3b04-744d-afed-1dca955d52f1"])] = None
    """Left out: all classes of a teacher, a school or the district."""
    format: ExportFormat = ExportFormat.CSV
    """Bundles are zip archives of Parquet files, whatever is said here."""
    profile: ExportProfile | None = None
    """Left out: named for teachers, record (students under keys) for administrators."""


class ExportStarted(Output):
    job_id: UUID
    export_id: UUID


class ExportOut(Output):
    id: UUID
    dataset: str
    class_id: UUID | None
    format: ExportFormat
    profile: ExportProfile
    state: ExportState
    job_id: UUID | None
    file_name: str | None
    row_count: int | None
    byte_count: int | None
    sha256: str | None
    as_of: datetime | None
    """The data is complete through this moment (UTC)."""
    expires_at: datetime | None
    """When the file is removed."""
    error_code: str | None
    created_at: datetime

from typing import Annotated
from uuid import UUID

from pydantic import Field

from api.schemas import Output


class FileReport(Output):
    """What becomes of one file's lines; `linked` are rows made here that the roster now names."""

    file: Annotated[str, Field(examples=["users"])]
    created: int
    linked: int
    updated: int
    unchanged: int
    deactivated: int
    skipped: int


class ProblemOut(Output):
    """A line that was not taken, or not wholly."""

    file: str
    line: int
    sourced_id: str
    code: str
    message: str


class RosterReport(Output):
    """What an import does, or would do."""

    version: str
    files: list[FileReport]
    problems: list[ProblemOut]
    """The first 1,000, by file and line."""
    problem_count: int


class RosterImportOut(Output):
    """`report` is what the import will do as things stand; the job's own result says what it did."""

    job_id: UUID | None = None
    """Null for a rehearsal."""
    report: RosterReport

"""What goes over the wire when a teacher keeps a roster."""

from enum import StrEnum
from typing import Annotated, Self
from uuid import UUID

from pydantic import Field, model_validator

from api.schemas import Input, MailAddress, Output, PersonName


class RosterEntry(Input):
    """One student: a `student_id` of the school, or an `email`."""

    student_id: Annotated[UUID | None, Field(examples=["01a04a63-0b00-7ba3-8fc3-0ab95ac10f9a"])] = None
    email: MailAddress | None = None
    name: PersonName | None = None
    """How the mail greets them, should one be sent."""

    @model_validator(mode="after")
    def _names_one(self) -> Self:
        if (self.student_id is None) == (self.email is None):
            raise ValueError("needs either student_id or email")
        return self


class RosterOutcome(StrEnum):
    ADDED = "added"
    """They have a place from now on."""
    ALREADY = "already"
    INVITED = "invited"
    """No student of the school has this address; a mail with the class code goes to it."""
    DUPLICATE = "duplicate"
    """The file names them in an earlier row."""
    ERROR = "error"


class RosterAddition(Output):
    outcome: RosterOutcome
    student_id: UUID | None = None
    """Null: invited."""


class ImportedRow(Output):
    line: int
    """Where the row begins in the file; the first line is 1."""
    outcome: RosterOutcome
    email: str | None
    """As the file names it; with a leading apostrophe where a spreadsheet would take it for a formula."""
    student_id: UUID | None = None
    code: str | None = None
    """Of an error: `invalid_email`, `invalid_name`, `invalid_grade_level`, `invalid_sourced_id`, `missing_email`,
    `two_students`, `unknown_sourced_id` or `class_code_ended`."""
    message: str | None = None


class RosterReport(Output):
    dry_run: bool
    """Nothing was written; the same file now does exactly what this says."""
    counts: dict[RosterOutcome, int]
    rows: list[ImportedRow]
    """In the order of the file."""

"""Class lists as CSV files: read strictly, row by row, without looking at the database.

The first line names the columns (`email`, `name`, `grade_level`, `sourced_id`; others are left aside). Commas,
semicolons and tabs separate, as spreadsheets of different countries write them. A file that cannot be read as a
whole is refused as a whole; a row that makes no sense is an error of that row.
"""

import csv
import io
from collections.abc import Iterator
from dataclasses import dataclass

from pydantic import ValidationError

from api.schemas import GradeLevel, Input, Line, MailAddress, PersonName
from core.errors import InvalidInputError

COLUMNS = ("email", "name", "grade_level", "sourced_id")
MOST_ROWS = 500
"""A class list; whole schools come by OneRoster."""
_SEPARATORS = ",;\t"
_FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r")


class MalformedClassListError(InvalidInputError):
    """This is not a class list that we can read."""

    code = "malformed_class_list"


class _Listed(Input):
    email: MailAddress | None = None
    name: PersonName | None = None
    grade_level: GradeLevel | None = None
    sourced_id: Line | None = None


_MISTAKES = {
    "email": ("invalid_email", "This is not an e-mail address."),
    "name": ("invalid_name", "The name is not one of at most 200 characters without addresses or links."),
    "grade_level": ("invalid_grade_level", "The grade level is a number from 0 (kindergarten) to 12."),
    "sourced_id": ("invalid_sourced_id", "The sourced id is longer than 200 characters."),
}
_NOBODY = ("missing_email", "The row names neither an e-mail address nor a sourced id.")


@dataclass(frozen=True, slots=True)
class Mistake:
    """Why a row was not taken: a stable code and a sentence."""

    code: str
    message: str


@dataclass(frozen=True, slots=True)
class ListedStudent:
    """A row: where it begins, whom it names, or the mistake in it. Addresses are in lower case."""

    line: int
    email: str | None = None
    name: str | None = None
    sourced_id: str | None = None
    mistake: Mistake | None = None


def read_class_list(content: bytes) -> list[ListedStudent]:
    """Return the rows of a file. Raises MalformedClassListError when it is not one, or holds too many."""
    text = _decoded(content)
    records = _records(text)
    header = _header(next(records, (1, []))[1])
    listed = [_student(line, _cells(line, header, record)) for line, record in records]
    if not listed:
        raise MalformedClassListError("The file names no students.", field="file")
    return listed


def harmless(text: str) -> str:
    """Return a cell that no spreadsheet takes for a formula: `=1+1` becomes `'=1+1`."""
    return f"'{text}" if text.startswith(_FORMULA_STARTS) else text


def _decoded(content: bytes) -> str:
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise MalformedClassListError("The file is not UTF-8 text.", field="file") from error
    if "\x00" in text:
        raise MalformedClassListError("The file holds bytes that are not text.", field="file")
    return text


def _records(text: str) -> Iterator[tuple[int, list[str]]]:
    """Yield each record that is not blank with the line it begins in."""
    first_line = text.partition("\n")[0]
    separator = max(_SEPARATORS, key=first_line.count)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=separator, strict=True)
    line, count = 1, 0
    try:
        for record in reader:
            if any(cell.strip() for cell in record):
                yield line, record
                count += 1
            if count > MOST_ROWS + 1:
                raise MalformedClassListError(f"The file holds more than {MOST_ROWS} rows.", field="file")
            line = reader.line_num + 1
    except csv.Error as error:
        raise MalformedClassListError(f"Line {line} is not well-formed CSV.", field="file") from error


def _header(record: list[str]) -> list[str]:
    """Return the columns' names, the unknown ones too."""
    names = ["_".join(cell.lower().replace("-", " ").split()) for cell in record]
    known = [name for name in names if name in COLUMNS]
    if not {"email", "sourced_id"} & set(known):
        raise MalformedClassListError(
            "The first line must name the columns, one of them email or sourced_id.", field="file"
        )
    if len(set(known)) != len(known):
        raise MalformedClassListError("The first line names a column twice.", field="file")
    return names


def _cells(line: int, header: list[str], record: list[str]) -> dict[str, str]:
    """Return the cells that are ours and not empty, by column. Raises MalformedClassListError."""
    if any(cell.strip() for cell in record[len(header) :]):
        message = f"Line {line} has {len(record)} cells, the first line only {len(header)}."
        raise MalformedClassListError(message, field="file")
    cells = zip(header, record, strict=False)
    return {name: cell.strip() for name, cell in cells if name in COLUMNS and cell.strip()}


def _student(line: int, cells: dict[str, str]) -> ListedStudent:
    try:
        listed = _Listed.model_validate(cells)
    except ValidationError as error:
        column = str(error.errors()[0]["loc"][0])
        return ListedStudent(line, email=cells.get("email"), mistake=Mistake(*_MISTAKES[column]))
    if listed.email is None and listed.sourced_id is None:
        return ListedStudent(line, name=listed.name, mistake=Mistake(*_NOBODY))
    email = None if listed.email is None else listed.email.lower()
    return ListedStudent(line, email, listed.name, listed.sourced_id)

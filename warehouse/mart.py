"""The vocabulary in which a mart is declared: columns, types, grain and expectations. No I/O."""

import hashlib
import json
from dataclasses import dataclass
from enum import StrEnum

import polars as pl

ID = pl.String()
TEXT = pl.String()
TIME = pl.Datetime("us", "UTC")
COUNT = pl.Int64()
REAL = pl.Float64()
FLAG = pl.Boolean()
POINTS = pl.Decimal(10, 4)
EXACT = pl.Decimal(38, 10)
"""Scores and percents as the gradebook stores them: rounded nowhere before the tenth place."""
DOLLARS = pl.Decimal(14, 8)
DAY = pl.Date()
IDS = pl.List(pl.String())

COUNTS = pl.List(pl.Int64())

_TYPE_NAMES: dict[pl.DataType, str] = {
    ID: "text",
    TIME: "timestamp (microseconds, UTC)",
    COUNT: "integer (64 bit)",
    REAL: "real (64 bit)",
    FLAG: "boolean",
    POINTS: "decimal (10, 4)",
    EXACT: "decimal (38, 10)",
    DOLLARS: "decimal (14, 8)",
    DAY: "date (UTC)",
    IDS: "list of text",
    COUNTS: "list of integer (64 bit)",
}
"""Names of our own, because the hash of a schema must survive an upgrade of Polars."""


class Sensitivity(StrEnum):
    """How carefully a column must be handled once it leaves the installation."""

    REFERENCE = "reference"
    """Ids and facts about teaching material; says nothing about a person."""
    PERSONAL = "personal"
    """A pseudonymous id or a fact of one student's education record (FERPA)."""
    AGGREGATE = "aggregate"
    """A number about a group; small groups are suppressed where it leaves a class."""


@dataclass(frozen=True, slots=True)
class Column:
    """One column. `null_meaning` says what an empty value stands for; None forbids empty values."""

    name: str
    dtype: pl.DataType
    description: str
    sensitivity: Sensitivity
    unit: str = "-"
    null_meaning: str | None = None

    @property
    def type_name(self) -> str:
        return _TYPE_NAMES[self.dtype]


@dataclass(frozen=True, slots=True)
class Between:
    """Every value lies within the closed range; an open end is None."""

    column: str
    minimum: float | None
    maximum: float | None


@dataclass(frozen=True, slots=True)
class InSet:
    """Every value is one of these."""

    column: str
    values: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Ordered:
    """In every row the first column is at most the second."""

    smaller: str
    larger: str


Expectation = Between | InSet | Ordered


@dataclass(frozen=True, slots=True)
class Mart:
    """What one table of the warehouse is.

    `sort_key` identifies a row: the writer sorts by it and refuses a repeat. Not-null and uniqueness
    expectations follow from the columns and the key; `expectations` holds what the data must satisfy beyond.
    `version` rises with each change of meaning, so that older files are recomputed instead of misread.
    """

    name: str
    grain: str
    description: str
    columns: tuple[Column, ...]
    sort_key: tuple[str, ...]
    owner: str
    version: int
    expectations: tuple[Expectation, ...]

    @property
    def schema(self) -> pl.Schema:
        return pl.Schema({column.name: column.dtype for column in self.columns})

    @property
    def required_columns(self) -> tuple[str, ...]:
        return tuple(column.name for column in self.columns if column.null_meaning is None)

    @property
    def schema_hash(self) -> str:
        """SHA-256 over names, types and version: two files with one hash may be read together."""
        layout = [self.name, self.version, [[column.name, column.type_name] for column in self.columns]]
        return hashlib.sha256(json.dumps(layout).encode()).hexdigest()

    def empty(self) -> pl.DataFrame:
        return self.schema.to_frame()


DISTRICT = Column("district_id", ID, "The district the row belongs to.", Sensitivity.REFERENCE)
"""In every mart, first: a file found alone still says whose it is."""

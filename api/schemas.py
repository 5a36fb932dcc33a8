"""Field types that several rooms share."""

import re
from datetime import UTC, datetime
from decimal import Decimal
from typing import Annotated

from email_validator import validate_email
from pydantic import (
    AfterValidator,
    AwareDatetime,
    BaseModel,
    ConfigDict,
    EmailStr,
    Field,
    PlainSerializer,
    StringConstraints,
)
from pydantic_core import PydanticCustomError

_ILLEGIBLE = re.compile("[\\x00-\\x08\\x0b\\x0c\\x0e-\\x1f\\x7f\\ufffe\\uffff]")
"""What neither PostgreSQL nor XML can hold or a person can read; tab and line breaks stay."""


_NOT_IN_NAMES = re.compile(
    r"[\n\t\x80-\x9f\u2028\u2029\u200b\u202a-\u202e\u2060-\u2069\ufeff@\uff20<>]"  # lines, tricks of writing
    r"|//|\\\\|www\.|\.\w+/"
    r"|[\w-]{3,}[.\u3002\uff0e\uff61][^\W\d_]{2,}",  # a site: "evil.example", but not "St.John" or "J.R. Smith"
    re.IGNORECASE,
)
"""Mail programs turn even a bare site into a link."""


def legible(value: str) -> str:
    """Return a text from a file without what `Line` refuses, and without halves of signs (lone surrogates)."""
    return _ILLEGIBLE.sub("", value.encode(errors="ignore").decode())


def _legible(value: str) -> str:
    """Refuse control characters, and write every line break the same way (a line feed)."""
    if _ILLEGIBLE.search(value):
        raise ValueError("must not contain control characters")
    return value.replace("\r\n", "\n").replace("\r", "\n")


Line = Annotated[
    str,
    StringConstraints(strip_whitespace=True, min_length=1, max_length=200),
    AfterValidator(_legible),
]
"""One line a person typed: 1-200 characters."""


def _of_a_person(value: str) -> str:
    """Refuse what turns a name into a message of a stranger's: our mails greet people by name."""
    if _NOT_IN_NAMES.search(value):
        raise PydanticCustomError("person_name", "A name is one line, without addresses or links.")
    return value


PersonName = Annotated[Line, AfterValidator(_of_a_person), Field(examples=["Ada Lovelace"])]
"""A person's name: one line that leads nowhere."""


def _of_one_mailbox(address: str) -> str:
    """Refuse addresses that look like another's ("\u017fam" is not "sam"); domains travel in their ASCII form."""
    in_ascii = validate_email(address, check_deliverability=False).ascii_email
    if in_ascii is None:
        raise PydanticCustomError(
            "mail_address", "An address has only plain letters, digits and signs before the @."
        )
    return in_ascii


MailAddress = Annotated[
    EmailStr, Field(max_length=254, examples=["ada@school.example"]), AfterValidator(_of_one_mailbox)
]

SearchText = Annotated[
    str,
    StringConstraints(strip_whitespace=True, max_length=200),
    AfterValidator(_legible),
]
"""What a person looks for: up to 200 characters; empty finds everything in reach."""

Paragraphs = Annotated[
    str,
    StringConstraints(strip_whitespace=True, min_length=1, max_length=20_000),
    AfterValidator(_legible),
]
"""Longer text a person typed: 1-20,000 characters."""

Document = Annotated[str, AfterValidator(_legible)]
"""A text of any length, as a person keeps one; whoever takes it says how much."""

Points = Annotated[Decimal, Field(gt=0, le=1000, max_digits=8, decimal_places=4, allow_inf_nan=False)]
"""Points of a question: an exact decimal, sent and received as a string."""


def exact(value: Decimal) -> str:
    """Write all the digits there are, and never fewer than two after the point."""
    exponent = value.normalize().as_tuple().exponent
    places = -exponent if isinstance(exponent, int) else 0
    return f"{value:.{max(2, places)}f}"


ExactDecimal = Annotated[Decimal, PlainSerializer(exact, return_type=str)]
"""Points and percents go out as exact strings ("87.50")."""


LATEST_YEAR = 2999
"""Room for what is added to a date: at the calendar's last day a student's extra hour had no answer but a fault."""


def _in_utc(value: datetime) -> datetime:
    try:
        moment = value.astimezone(UTC)
    except OverflowError as error:
        raise ValueError("must be a time that exists in UTC") from error
    if moment.year > LATEST_YEAR:
        raise ValueError(f"must not be after the year {LATEST_YEAR}")
    return moment


Moment = Annotated[AwareDatetime, AfterValidator(_in_utc)]
"""A time with its zone; kept and answered in UTC."""

GradeLevel = Annotated[int, Field(ge=0, le=12, description="0 is kindergarten", examples=[9])]


class Input(BaseModel):
    """A body from outside: unknown fields are refused, so nobody smuggles a role or a district in."""

    model_config = ConfigDict(extra="forbid", use_attribute_docstrings=True)


class Output(BaseModel):
    model_config = ConfigDict(from_attributes=True, use_attribute_docstrings=True)

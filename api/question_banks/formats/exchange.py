"""What travels between our banks and other programs' files, whatever the format."""

import html
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal, InvalidOperation
from typing import Any

import nh3
from pydantic import TypeAdapter, ValidationError

from api.questions.schemas import FreeResponseIn, MultipleChoiceIn, QuestionIn
from api.schemas import legible
from core.errors import InvalidInputError

QuestionBody = MultipleChoiceIn | FreeResponseIn
_QUESTION: TypeAdapter[QuestionBody] = TypeAdapter(QuestionIn)

_HIDDEN_COLUMNS = ("difficulty", "points", "source_quote", "model_answer", "rubric", "partial_credit")
"""What most formats have no place for."""
_MOST_TAGS = 1_000
"""Of one text: 200,000 nested ones kept the cleaner busy for three minutes, and with it everybody else."""
_MOST_ZEROS = 20
"""Of a number: written out, 1e999999 is a megabyte."""
_BREAKS = re.compile(r"(?i)<br\s*/?>|</(p|div|li|h[1-6]|tr)>")
_MEDIA = re.compile(r"(?i)<(img|object|video|audio|iframe|svg|math)\b|@@PLUGINFILE@@")


class UnreadableFileError(InvalidInputError):
    """This file is not in the format it was said to be."""

    code = "unreadable_file"


class UnsafeXmlError(InvalidInputError):
    """XML with a document type or entities is refused: it can hide bombs and reach for other files."""

    code = "unsafe_xml"


class SkipItemError(Exception):
    """One item cannot become one of our questions; the others can."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code


@dataclass(frozen=True, slots=True)
class ConceptName:
    """A concept as districts name it; ids mean nothing elsewhere."""

    subject: str
    name: str


@dataclass(frozen=True, slots=True)
class ExchangedQuestion:
    """A question without anything of its district: its body carries no concept ids."""

    body: QuestionBody
    name: str | None = None
    concepts: tuple[ConceptName, ...] = ()


@dataclass(frozen=True, slots=True)
class SkippedItem:
    """An item of a file that was not taken, and why; `item` counts from 1."""

    item: int
    name: str | None
    code: str
    message: str


@dataclass(slots=True)
class ReadBank:
    """What a file holds."""

    questions: list[ExchangedQuestion] = field(default_factory=list)
    skipped: list[SkippedItem] = field(default_factory=list)

    @property
    def items(self) -> int:
        return len(self.questions) + len(self.skipped)

    def skip(self, name: str | None, error: SkipItemError) -> None:
        self.skipped.append(SkippedItem(self.items + 1, name, error.code, str(error)))


def hidden_parts(question: ExchangedQuestion) -> str:
    """Return, as one line of JSON, what a format has no place for: other programs skip it, we read it back."""
    parts = question.body.model_dump(mode="json", include=set(_HIDDEN_COLUMNS))
    concepts = [[concept.subject, concept.name] for concept in question.concepts]
    return json.dumps({**parts, "name": question.name, "concepts": concepts}, ensure_ascii=True)


def read_hidden_parts(line: str | bytes | None) -> dict[str, Any]:
    """Return what `hidden_parts` wrote; nothing for a file of another program, or one that was tampered with."""
    try:
        parts = json.loads(line or "{}")
    except (ValueError, RecursionError):  # brackets within brackets without end
        return {}
    return parts if isinstance(parts, dict) else {}


def exchanged(visible: Mapping[str, Any], hidden: Mapping[str, Any]) -> ExchangedQuestion:
    """Put a question together; what the format itself says wins. Raises SkipItemError."""
    allowed = MultipleChoiceIn if "options" in visible else FreeResponseIn
    known = {key: hidden[key] for key in _HIDDEN_COLUMNS if key in hidden and key in allowed.model_fields}
    known.setdefault("points", "1")
    columns = {key: value for key, value in visible.items() if key != "name"}
    try:
        body = _QUESTION.validate_python({**known, **columns})
    except ValidationError as error:
        raise SkipItemError("invalid_question", _first_fault(error)) from error
    name = hidden["name"] if "name" in hidden else visible.get("name")
    return ExchangedQuestion(body, _short(name), _concepts(hidden.get("concepts")))


def multiple_choice(options: list[dict[str, Any]]) -> dict[str, Any]:
    """Return the options of a multiple-choice question. Raises SkipItemError unless it is of our kind."""
    if len(options) != 4:
        raise SkipItemError("not_four_options", f"It has {len(options)} options; we take exactly four.")
    if sum(option["is_correct"] for option in options) != 1:
        raise SkipItemError("not_one_correct", "It does not have exactly one correct option.")
    return {"kind": "multiple_choice", "options": options}


def plain_text(markup: str) -> str:
    """Return the text of an HTML fragment. Raises SkipItemError where a picture would be lost."""
    if _MEDIA.search(markup):
        raise SkipItemError("has_media", "It shows pictures or formulas, which this import would lose.")
    if markup.count("<") > _MOST_TAGS:
        raise SkipItemError("too_much_markup", f"One of its texts has more than {_MOST_TAGS} tags.")
    broken = _BREAKS.sub("\n", markup)
    lines = html.unescape(nh3.clean(broken, tags=set())).replace("\xa0", " ").split("\n")
    return re.sub(r"\n{3,}", "\n\n", "\n".join(line.strip() for line in lines)).strip()


def decimal_text(number: str) -> str:
    """Return a decimal without the zeros programs pad it with ("2.0000000"). Raises SkipItemError."""
    try:
        value = Decimal(number.strip())
    except (InvalidOperation, ValueError) as error:
        raise SkipItemError("invalid_number", "It is worth something that is not a number.") from error
    if not value.is_finite() or abs(value.adjusted()) > _MOST_ZEROS:
        raise SkipItemError("invalid_number", "It is worth something that is not a number of points.")
    return f"{value.normalize():f}"


def _first_fault(error: ValidationError) -> str:
    fault = error.errors(include_url=False, include_input=False)[0]
    place = ".".join(str(part) for part in fault["loc"][1:])
    return f"{place}: {fault['msg']}" if place else fault["msg"]


def _short(name: object) -> str | None:
    return legible(name).strip()[:200].strip() or None if isinstance(name, str) else None


def _concepts(listed: object) -> tuple[ConceptName, ...]:
    pairs = listed if isinstance(listed, list) else []
    return tuple(
        ConceptName(legible(pair[0]), legible(pair[1]))
        for pair in pairs[:10]
        if isinstance(pair, list) and len(pair) == 2 and all(isinstance(part, str) for part in pair)
    )

"""Moodle XML (docs.moodle.org/en/Moodle_XML_format): multichoice and essay.

What it has no place for (difficulty, rubric, …) stands in an element of our own, which Moodle skips.
"""

from collections.abc import Iterable
from decimal import Decimal
from typing import Any
from xml.etree.ElementTree import Element

from api.question_banks.formats.exchange import (
    ExchangedQuestion,
    ReadBank,
    SkipItemError,
    UnreadableFileError,
    decimal_text,
    exchanged,
    hidden_parts,
    multiple_choice,
    plain_text,
    read_hidden_parts,
)
from api.question_banks.formats.xml import added, parsed, written

_HIDDEN = "homeroom"
_PLAIN = "plain_text"


def write_moodle_xml(questions: Iterable[ExchangedQuestion]) -> bytes:
    """Return a Moodle XML file."""
    quiz = Element("quiz")
    for number, question in enumerate(questions, start=1):
        _add_question(quiz, question, number)
    return written(quiz)


def _add_question(quiz: Element, question: ExchangedQuestion, number: int) -> None:
    body = question.body
    options = getattr(body, "options", None)
    item = added(quiz, "question", type="multichoice" if options else "essay")
    added(added(item, "name"), "text", question.name or f"Question {number}")
    _add_text(item, "questiontext", body.prompt)
    _add_text(item, "generalfeedback", body.explanation)
    added(item, "defaultgrade", str(body.points))
    if options:
        _add_options(item, options)
    else:
        added(item, "responseformat", "editor")
        _add_text(item, "graderinfo", getattr(body, "model_answer", None))
    tags = added(item, "tags")
    for concept in question.concepts:
        added(added(tags, "tag"), "text", concept.name)
    added(item, _HIDDEN, hidden_parts(question))


def _add_options(item: Element, options: list[Any]) -> None:
    added(item, "single", "true")
    added(item, "shuffleanswers", "true")
    added(item, "answernumbering", "abc")
    for option in options:
        answer = added(item, "answer", fraction="100" if option.is_correct else "0", format=_PLAIN)
        added(answer, "text", option.text)
        _add_text(answer, "feedback", option.feedback)


def _add_text(parent: Element, tag: str, text: str | None) -> None:
    added(added(parent, tag, format=_PLAIN), "text", text or "")


def read_moodle_xml(content: bytes) -> ReadBank:
    """Read a Moodle XML file; items that are not of our two kinds are reported.

    Raises UnsafeXmlError or UnreadableFileError.
    """
    quiz = parsed(content)
    if quiz.tag != "quiz":
        raise UnreadableFileError("A Moodle XML file begins with <quiz>.", field="file")
    bank = ReadBank()
    for item in quiz.iter("question"):
        if item.get("type") == "category":
            continue
        name = (item.findtext("name/text") or "").strip() or None
        try:
            hidden = read_hidden_parts(item.findtext(_HIDDEN))
            bank.questions.append(exchanged({"name": name, **_parts(item)}, hidden))
        except SkipItemError as error:
            bank.skip(name, error)
    return bank


def _parts(item: Element) -> dict[str, Any]:
    shared = {"prompt": _text(item, "questiontext"), "explanation": _text(item, "generalfeedback") or None}
    points = decimal_text(item.findtext("defaultgrade") or "1")
    match item.get("type"):
        case "multichoice":
            return {**shared, "points": points, **_multiple_choice(item)}
        case "essay":
            answer = _text(item, "graderinfo") or None
            return {**shared, "points": points, "kind": "free_response", "model_answer": answer}
    raise SkipItemError(
        "unsupported_type", f"Its type, {item.get('type')}, is neither multichoice nor essay."
    )


def _multiple_choice(item: Element) -> dict[str, Any]:
    if (item.findtext("single") or "true").strip() not in {"true", "1"}:
        raise SkipItemError("not_one_correct", "It takes several options as correct.")
    return multiple_choice([_option(answer) for answer in item.findall("answer")])


def _option(answer: Element) -> dict[str, Any]:
    fraction = Decimal(decimal_text(answer.get("fraction") or "0"))
    if 0 < fraction < 100:
        raise SkipItemError("not_one_correct", "Several of its options are partly correct.")
    text = _in_plain(answer.findtext("text"), answer.get("format"))
    return {"text": text, "is_correct": fraction == 100, "feedback": _text(answer, "feedback") or None}


def _text(parent: Element, tag: str) -> str:
    holder = parent.find(tag)
    return "" if holder is None else _in_plain(holder.findtext("text"), holder.get("format"))


def _in_plain(text: str | None, markup: str | None) -> str:
    """Moodle writes HTML unless a text says otherwise."""
    return (text or "").strip() if markup == _PLAIN else plain_text(text or "")

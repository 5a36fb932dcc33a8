"""QTI 2.1 content packages (imsglobal.org/question): choiceInteraction and extendedTextInteraction, a file per item.

What QTI has no place for stands in a JSON file of our own beside each item.
"""

import io
import zipfile
from collections.abc import Iterable, Iterator
from pathlib import PurePosixPath
from typing import Any
from xml.etree.ElementTree import Element, register_namespace

from api.archives import ArchiveLimits, read_archive
from api.question_banks.formats.exchange import (
    ExchangedQuestion,
    ReadBank,
    SkipItemError,
    UnreadableFileError,
    decimal_text,
    exchanged,
    hidden_parts,
    multiple_choice,
    read_hidden_parts,
)
from api.question_banks.formats.xml import added, local_name, parsed, written
from api.questions.schemas import OPTION_IDS

_QTI = "http://www.imsglobal.org/xsd/imsqti_v2p1"
_PACKAGE = "http://www.imsglobal.org/xsd/imscp_v1p1"
_SCHEMA_INSTANCE = "http://www.w3.org/2001/XMLSchema-instance"
_MANIFEST = "imsmanifest.xml"
_LIMITS = ArchiveLimits(entries=50_000, unpacked=100 * 1024 * 1024)
_BLOCKS = {"p", "div", "li", "pre", "blockquote", "h1", "h2", "h3", "h4", "h5", "h6"}
_MEDIA = {"img", "object", "math", "media", "video", "audio"}

register_namespace("xsi", _SCHEMA_INSTANCE)


def write_qti(questions: Iterable[ExchangedQuestion]) -> bytes:
    """Return a zipped content package."""
    packed = io.BytesIO()
    stems: list[str] = []
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        for number, question in enumerate(questions, start=1):
            stem = f"question-{number:05}"
            archive.writestr(f"items/{stem}.xml", _item(question, stem, number))
            archive.writestr(f"homeroom/{stem}.json", hidden_parts(question))
            stems.append(stem)
        archive.writestr(_MANIFEST, _manifest(stems))
    return packed.getvalue()


def _manifest(stems: list[str]) -> bytes:
    root = Element("manifest", {"xmlns": _PACKAGE, "identifier": "homeroom-question-bank"})
    metadata = added(root, "metadata")
    added(metadata, "schema", "QTIv2.1 Package")
    added(metadata, "schemaversion", "1.0.0")
    added(root, "organizations")
    resources = added(root, "resources")
    for stem in stems:
        path = f"items/{stem}.xml"
        resource = added(resources, "resource", identifier=stem, type="imsqti_item_xmlv2p1", href=path)
        added(resource, "file", href=path)
        added(resource, "file", href=f"homeroom/{stem}.json")
    return written(root)


def _item(question: ExchangedQuestion, stem: str, number: int) -> bytes:
    body = question.body
    options = getattr(body, "options", None)
    title = question.name or f"Question {number}"
    root = Element("assessmentItem", {"xmlns": _QTI, "identifier": stem, "title": title})
    root.attrib |= {"adaptive": "false", "timeDependent": "false"}
    _add_declarations(root, question, options)
    item_body = added(root, "itemBody")
    if options:
        _add_choice(item_body, body.prompt, options)
    else:
        _add_essay(item_body, body.prompt, getattr(body, "model_answer", None))
    if options:
        _add_processing(root)
        for identifier, option in zip(OPTION_IDS, options, strict=True):
            _add_feedback(root, identifier, option.feedback)
    _add_feedback(root, "explanation", body.explanation)
    return written(root)


def _add_declarations(root: Element, question: ExchangedQuestion, options: list[Any] | None) -> None:
    kind = "identifier" if options else "string"
    response = added(root, "responseDeclaration", identifier="RESPONSE", cardinality="single", baseType=kind)
    if options:
        right = next(name for name, option in zip(OPTION_IDS, options, strict=True) if option.is_correct)
        added(added(response, "correctResponse"), "value", right)
    for identifier, value in (("SCORE", "0"), ("MAXSCORE", str(question.body.points))):
        outcome = added(
            root, "outcomeDeclaration", identifier=identifier, cardinality="single", baseType="float"
        )
        added(added(outcome, "defaultValue"), "value", value)
    added(root, "outcomeDeclaration", identifier="FEEDBACK", cardinality="single", baseType="identifier")


def _add_choice(item_body: Element, prompt: str, options: list[Any]) -> None:
    interaction = added(
        item_body, "choiceInteraction", responseIdentifier="RESPONSE", shuffle="false", maxChoices="1"
    )
    _add_lines(added(interaction, "prompt"), prompt)
    for identifier, option in zip(OPTION_IDS, options, strict=True):
        _add_lines(added(interaction, "simpleChoice", identifier=identifier), option.text)


def _add_essay(item_body: Element, prompt: str, model_answer: str | None) -> None:
    if model_answer:
        _add_lines(added(added(item_body, "rubricBlock", view="scorer"), "p"), model_answer)
    interaction = added(item_body, "extendedTextInteraction", responseIdentifier="RESPONSE")
    _add_lines(added(interaction, "prompt"), prompt)


def _add_processing(root: Element) -> None:
    processing = added(root, "responseProcessing")
    condition = added(added(processing, "responseCondition"), "responseIf")
    match = added(condition, "match")
    added(match, "variable", identifier="RESPONSE")
    added(match, "correct", identifier="RESPONSE")
    score = added(condition, "setOutcomeValue", identifier="SCORE")
    added(score, "variable", identifier="MAXSCORE")
    feedback = added(processing, "setOutcomeValue", identifier="FEEDBACK")
    added(feedback, "variable", identifier="RESPONSE")


def _add_feedback(root: Element, identifier: str, text: str | None) -> None:
    if text:
        feedback = added(root, "modalFeedback", outcomeIdentifier="FEEDBACK", showHide="show")
        feedback.set("identifier", identifier)
        _add_lines(feedback, text)


def _add_lines(parent: Element, text: str) -> None:
    first, *rest = text.split("\n")
    parent.text = first
    for line in rest:
        added(parent, "br").tail = line


def read_qti(packed: bytes) -> ReadBank:
    """Read a content package; items that are not of our two kinds are reported.

    Raises UnsafeArchiveError, UnsafeXmlError or UnreadableFileError.
    """
    files = read_archive(packed, _LIMITS)
    bank = ReadBank()
    for path, root in _item_documents(files):
        name = (root.get("title") or "").strip() or None
        hidden = read_hidden_parts(files.get(f"homeroom/{PurePosixPath(path).stem}.json"))
        try:
            bank.questions.append(exchanged({"name": name, **_parts(root)}, hidden))
        except SkipItemError as error:
            bank.skip(name, error)
    return bank


def _item_documents(files: dict[str, bytes]) -> Iterator[tuple[str, Element]]:
    """Yield the items in the manifest's order."""
    if _MANIFEST not in files:
        raise UnreadableFileError("A QTI package has an imsmanifest.xml at its top.", field="file")
    resources = [element for element in parsed(files[_MANIFEST]).iter() if local_name(element) == "resource"]
    paths = [resource.get("href") or "" for resource in resources]
    for path in dict.fromkeys(path for path in paths if path in files and path.endswith(".xml")):
        root = parsed(files[path])
        if local_name(root) == "assessmentItem":
            yield path, root


def _parts(root: Element) -> dict[str, Any]:
    item_body = _first(root, "itemBody")
    if item_body is None:
        raise SkipItemError("no_answers", "It has no body.")
    interactions = [element for element in item_body.iter() if local_name(element).endswith("Interaction")]
    if len(interactions) != 1:
        raise SkipItemError("unsupported_type", "It has not exactly one interaction.")
    if any(local_name(element) in _MEDIA for element in item_body.iter()):
        raise SkipItemError("has_media", "It shows pictures or formulas, which this import would lose.")
    feedback = {element.get("identifier"): _text(element) or None for element in _all(root, "modalFeedback")}
    shared = {
        "prompt": _prompt(item_body, interactions[0]),
        "explanation": feedback.get("explanation"),
        **_points(root),
    }
    match local_name(interactions[0]):
        case "choiceInteraction":
            return {**shared, **_choice(root, interactions[0], feedback)}
        case "extendedTextInteraction":
            answers = "\n\n".join(_text(block) for block in _all(item_body, "rubricBlock"))
            return {**shared, "kind": "free_response", "model_answer": answers or None}
    raise SkipItemError("unsupported_type", "Its interaction is neither a choice nor an extended text.")


def _choice(root: Element, interaction: Element, feedback: dict[str | None, str | None]) -> dict[str, Any]:
    right = {
        (value.text or "").strip()
        for response in _all(root, "correctResponse")
        for value in _all(response, "value")
    }
    options = [
        {
            "text": _text(choice),
            "is_correct": choice.get("identifier") in right,
            "feedback": feedback.get(choice.get("identifier")) or _inline_feedback(choice),
        }
        for choice in _all(interaction, "simpleChoice")
    ]
    return multiple_choice(options)


def _inline_feedback(choice: Element) -> str | None:
    found = _first(choice, "feedbackInline")
    return None if found is None else _text(found) or None


def _points(root: Element) -> dict[str, str]:
    for outcome in _all(root, "outcomeDeclaration"):
        value = _first(outcome, "value")
        if outcome.get("identifier") == "MAXSCORE" and value is not None:
            return {"points": decimal_text(value.text or "1")}
    return {}


def _prompt(item_body: Element, interaction: Element) -> str:
    """Return what stands before the interaction and what it asks itself."""
    prompt = _first(interaction, "prompt")
    without = frozenset(map(id, (interaction, *_all(item_body, "rubricBlock"))))
    before = _text(item_body, without)
    return "\n\n".join(part for part in (before, "" if prompt is None else _text(prompt)) if part)


def _all(parent: Element, name: str) -> list[Element]:
    return [element for element in parent.iter() if local_name(element) == name]


def _first(parent: Element, name: str) -> Element | None:
    return next(iter(_all(parent, name)), None)


def _text(element: Element, without: frozenset[int] = frozenset()) -> str:
    """Return what an element says; `without` are the ids of elements to leave out."""
    return "".join(_pieces(element, without)).strip()


def _pieces(element: Element, without: frozenset[int]) -> Iterator[str]:
    yield _unfolded(element.text)
    for child in element:
        name = local_name(child)
        if name == "br":
            yield "\n"
        elif id(child) not in without and name != "feedbackInline":
            yield from _pieces(child, without)
            yield "\n\n" if name in _BLOCKS else ""
        yield _unfolded(child.tail)


def _unfolded(text: str | None) -> str:
    """Take out line breaks that only lay the file out; breaks that are meant are elements."""
    first, *others = (text or "").split(
        "\n"
    )  # a pattern of blanks around a break takes hours for a million blanks
    if not others:
        return first
    middle = [line.strip() for line in others[:-1] if line.strip()]
    return " ".join([first.rstrip(), *middle, others[-1].lstrip()])

"""GIFT, Moodle's text format (docs.moodle.org/en/GIFT_format): one question between blank lines.

What GIFT has no place for (points, rubric, …) stands in a comment before the question, which others skip.
"""

import re
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from api.question_banks.formats.exchange import (
    ExchangedQuestion,
    ReadBank,
    SkipItemError,
    UnreadableFileError,
    exchanged,
    hidden_parts,
    multiple_choice,
    plain_text,
    read_hidden_parts,
)

_HIDDEN = "// homeroom: "
_SPECIAL = re.compile(r"([\\~=#{}:])")
_TOKEN = re.compile(r"\\.|.", re.DOTALL)
_MARKUP = re.compile(r"\[(html|moodle|plain|markdown)\]")
_WEIGHT = re.compile(r"\s*%(-?\d+(?:\.\d+)?)%")
_TRUTHS = {"T", "TRUE", "F", "FALSE"}

Tokens = Sequence[str]
"""Single signs, and escaped ones with their backslash."""


def write_gift(questions: Iterable[ExchangedQuestion]) -> str:
    """Return a GIFT file."""
    return "\n".join(_written(question) for question in questions)


def _written(question: ExchangedQuestion) -> str:
    body = question.body
    title = f"::{_escaped(question.name)}::" if question.name else ""
    answers = "".join(f"\n\t{_option(option)}" for option in getattr(body, "options", ()))
    explanation = f"\n\t####{_escaped(body.explanation)}" if body.explanation else ""
    closing = "\n}" if answers or explanation else "}"
    comment = f"{_HIDDEN}{hidden_parts(question)}"
    return f"{comment}\n{title}[plain]{_escaped(body.prompt)} {{{answers}{explanation}{closing}\n"


def _option(option: Any) -> str:
    mark, weight = ("=", "%100%") if option.is_correct else ("~", "%0%")
    text = _escaped(option.text)
    shielded = (
        weight + text if text.startswith("%") else text
    )  # else its own beginning would be read as a weight
    return f"{mark}{shielded}" + (f"#{_escaped(option.feedback)}" if option.feedback else "")


def _escaped(text: str) -> str:
    return _SPECIAL.sub(r"\\\1", text).replace("\n", "\\n")


def read_gift(content: bytes) -> ReadBank:
    """Read a GIFT file; items that are not of our two kinds are reported. Raises UnreadableFileError."""
    try:
        text = content.decode("utf-8-sig").replace("\r\n", "\n").replace("\r", "\n")
    except UnicodeDecodeError as error:
        raise UnreadableFileError("A GIFT file must be UTF-8 text.", field="file") from error
    bank = ReadBank()
    for hidden, item in _items(text.split("\n")):
        tokens = _TOKEN.findall(item)
        name, rest = _name(tokens)
        try:
            bank.questions.append(exchanged({"name": name, **_parts(rest)}, read_hidden_parts(hidden)))
        except SkipItemError as error:
            bank.skip(name, error)
    return bank


def _items(lines: Sequence[str]) -> Iterator[tuple[str | None, str]]:
    """Yield each question's text with our comment before it; a blank line inside braces ends nothing."""
    hidden: str | None = None
    collected: list[str] = []
    depth = 0
    for line in lines:
        starts_anew = line.startswith(("//", "::"))
        if collected and ((not line.strip() and depth <= 0) or (starts_anew and not collected[-1].strip())):
            yield hidden, "\n".join(collected)
            hidden, collected, depth = None, [], 0
        if line.startswith(_HIDDEN):
            hidden = line.removeprefix(_HIDDEN)
        elif not line.startswith(("//", "$CATEGORY:")) and (collected or line.strip()):
            collected.append(line)
            depth += _TOKEN.findall(line).count("{") - _TOKEN.findall(line).count("}")
    if collected:
        yield hidden, "\n".join(collected)


def _name(tokens: Tokens) -> tuple[str | None, Tokens]:
    if list(tokens[:2]) != [":", ":"]:
        return None, tokens
    end = next((at for at in range(2, len(tokens) - 1) if tokens[at] == tokens[at + 1] == ":"), None)
    return (None, tokens) if end is None else (_text(tokens[2:end]), tokens[end + 2 :])


def _parts(tokens: Tokens) -> dict[str, Any]:
    """Return what the item says of itself."""
    if "{" not in tokens or "}" not in tokens:
        raise SkipItemError("no_answers", "It has no answers: a description, or a damaged item.")
    start = tokens.index("{")
    end = tokens.index("}", start) if "}" in tokens[start:] else len(tokens)
    markup, before = _markup(tokens[:start])
    after = _text(tokens[end + 1 :])
    prompt = f"{before} _____ {after}" if after else before
    answers, explanation = _without_explanation(tokens[start + 1 : end])
    read = plain_text if markup == "html" else str
    parts = _answers(answers, read)
    return {**parts, "prompt": read(prompt), "explanation": read(explanation) or None}


def _markup(tokens: Tokens) -> tuple[str | None, str]:
    text = _text(tokens)
    found = _MARKUP.match(text)
    return (found.group(1), text[found.end() :].strip()) if found else (None, text)


def _without_explanation(tokens: Tokens) -> tuple[Tokens, str]:
    """Split the general feedback ("####…") from the answers."""
    marks = (at for at in range(len(tokens) - 3) if list(tokens[at : at + 4]) == ["#"] * 4)
    at = next(marks, None)
    return (tokens, "") if at is None else (tokens[:at], _text(tokens[at + 4 :]))


def _answers(tokens: Tokens, read: Any) -> dict[str, Any]:
    text = _text(tokens)
    if not text:
        return {"kind": "free_response"}
    first = text.partition("#")[0].strip().upper()
    if text.startswith("#") or first in _TRUTHS or "~" not in tokens:
        raise SkipItemError("unsupported_type", "It is neither multiple choice nor an essay.")
    return multiple_choice([_read_option(part, read) for part in _split_options(tokens)])


def _split_options(tokens: Tokens) -> list[Tokens]:
    starts = [at for at, token in enumerate(tokens) if token in {"=", "~"}]
    return [tokens[start:end] for start, end in zip(starts, [*starts[1:], len(tokens)], strict=True)]


def _read_option(tokens: Tokens, read: Any) -> dict[str, Any]:
    at = tokens.index("#") if "#" in tokens else len(tokens)
    raw, is_correct = "".join(tokens[1:at]), tokens[0] == "="
    weight = _WEIGHT.match(raw)
    if weight:
        raw, is_correct = raw[weight.end() :], float(weight.group(1)) == 100
        if 0 < float(weight.group(1)) < 100:
            raise SkipItemError("not_one_correct", "Several of its options are partly correct.")
    text = read(_text(_TOKEN.findall(raw)))
    return {"text": text, "is_correct": is_correct, "feedback": read(_text(tokens[at + 1 :])) or None}


def _text(tokens: Tokens) -> str:
    return "".join(_unescaped(token) for token in tokens).strip()


def _unescaped(sign: str) -> str:
    if sign == "\\n":
        return "\n"
    return sign[1] if _SPECIAL.fullmatch(sign[1:]) else sign

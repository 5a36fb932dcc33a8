"""What the provider does next: a queue of behaviours, and a record of everything it was asked."""

import json
from collections import deque
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any

from ops.fake_openai.author import answer

Reply = dict[str, Any]


@dataclass(frozen=True, kw_only=True)
class Behaviour:
    """One behaviour, for `times` calls (None: from now on), for prompts of one schema where `schema` is given.

    `kind` is `author` (a good reply by rule), `reply` (this `text`), `status` (this HTTP `status`, with `code` and
    `retry_after`), `stall` (`seconds` of silence, then a good reply), `drip` (a byte a second, without end), `drop`
    (the connection ends in the middle), `refuse`, `page` (HTML with status 200), or one of `EDITS`: a good reply
    spoilt.
    """

    kind: str = "author"
    text: str = ""
    status: int = 500
    code: str = "server_error"
    retry_after: float | None = None
    seconds: float = 0.0
    times: int | None = 1
    schema: str | None = None


@dataclass
class Call:
    """One request as it arrived."""

    headers: dict[str, str]
    body: dict[str, Any]
    behaviour: str
    is_repeated: bool = False

    @property
    def schema(self) -> str:
        name = self.body.get("response_format", {}).get("json_schema", {}).get("name", "")
        return str(name)

    @property
    def data(self) -> dict[str, Any]:
        """The JSON of the last message that holds any: what the prompt was asked about."""
        return data_of(self.body)

    def as_json(self) -> dict[str, Any]:
        return asdict(self) | {"schema": self.schema}


@dataclass
class Script:
    """The provider's memory. Without behaviours it is a good author."""

    waiting: deque[Behaviour] = field(default_factory=deque)
    calls: list[Call] = field(default_factory=list)
    answered: dict[str, dict[str, Any]] = field(default_factory=dict)
    """Completions by idempotency key: who asks again gets the same one, unbilled."""

    def then(self, kind: str = "author", **how: Any) -> "Script":
        """Add a behaviour after those that wait."""
        self.waiting.append(Behaviour(kind=kind, **how))
        return self

    def reset(self) -> None:
        self.waiting.clear()
        self.calls.clear()
        self.answered.clear()

    def next_for(self, schema: str) -> Behaviour:
        """Take the first behaviour that is meant for this schema."""
        for index, behaviour in enumerate(self.waiting):
            if behaviour.schema in {None, schema}:
                self._use_up(index, behaviour)
                return behaviour
        return Behaviour()

    def _use_up(self, index: int, behaviour: Behaviour) -> None:
        if behaviour.times is None:
            return
        if behaviour.times <= 1:
            del self.waiting[index]
        else:
            self.waiting[index] = Behaviour(**(asdict(behaviour) | {"times": behaviour.times - 1}))


def data_of(body: Mapping[str, Any]) -> dict[str, Any]:
    """Return the JSON object of the last user message that holds one (a repair follows it). Raises ValueError."""
    for message in reversed(body["messages"]):
        content = str(message["content"])
        if message["role"] == "user" and "{" in content:
            found: dict[str, Any] = json.loads(content[content.index("{") : content.rindex("}") + 1])
            return found
    raise ValueError("no message holds data")


def in_prose(reply: Reply) -> str:
    return f"Sure! Here is your JSON:\n```json\n{json.dumps(reply)}\n```\nI hope it helps."


def cut_off(reply: Reply) -> str:
    text = json.dumps(reply)
    return text[: len(text) // 2]


def five_options(reply: Reply) -> str:
    for question in reply.get("questions", []):
        if question["options"]:
            question["options"].append({"text": "Something else", "feedback": "No."})
    return json.dumps(reply)


def wrong_key(reply: Reply) -> str:
    for question in reply.get("questions", []):
        question["correct_index"] = (question["correct_index"] + 1) % 4
    return json.dumps(reply)


def foreign_evidence(reply: Reply) -> str:
    for question in reply.get("questions", []):
        question["evidence"] = "This sentence stands in no passage that anybody was given."
    return json.dumps(reply)


EDITS = {
    "prose": in_prose,
    "truncate": cut_off,
    "five_options": five_options,
    "wrong_key": wrong_key,
    "foreign_evidence": foreign_evidence,
}


def reply_text(behaviour: Behaviour, schema: str, body: Mapping[str, Any]) -> str:
    """Return what the message says under this behaviour. Raises KeyError or ValueError for what nobody knows."""
    if behaviour.kind == "reply":
        return behaviour.text
    reply = answer(schema, data_of(body))
    edit = EDITS.get(behaviour.kind)
    return json.dumps(reply, ensure_ascii=False) if edit is None else edit(reply)

"""Prompts are files with a version: `core/prompts/<name>/<version>.toml`, the newest one counts."""

import tomllib
from dataclasses import dataclass
from functools import cache
from pathlib import Path

FOLDER = Path(__file__).parents[1] / "prompts"


@dataclass(frozen=True, slots=True)
class Example:
    """A few-shot example: what the model is given, and what it should answer; both JSON."""

    data: str
    reply: str


@dataclass(frozen=True, slots=True)
class Prompt:
    name: str
    version: int
    system: str
    examples: tuple[Example, ...]

    @property
    def label(self) -> str:
        """As ledgers and provenance name it: "write_questions/1"."""
        return f"{self.name}/{self.version}"


@cache
def load_prompt(name: str) -> Prompt:
    """Return the newest version of a prompt. Raises FileNotFoundError."""
    versions = sorted((int(path.stem), path) for path in (FOLDER / name).glob("*.toml"))
    if not versions:
        raise FileNotFoundError(f"no prompt {name}")
    version, path = versions[-1]
    content = tomllib.loads(path.read_text(encoding="utf-8"))
    examples = tuple(Example(entry["data"], entry["reply"]) for entry in content.get("examples", []))
    return Prompt(name, version, content["system"].strip(), examples)

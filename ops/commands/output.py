"""What a command prints: a small table for people, JSON for scripts."""

import json
from collections.abc import Mapping
from typing import Annotated

import typer
from rich.console import Console

AsJson = Annotated[bool, typer.Option("--json", help="Print JSON.")]


def show(facts: Mapping[str, object], *, as_json: bool) -> None:
    if as_json:
        typer.echo(json.dumps(facts, default=str))
        return
    width = max(len(name) for name in facts)
    for name, value in facts.items():
        Console().print(f"{name:<{width}}  {value}", highlight=False, soft_wrap=True, markup=False)

"""Prompts are files; the newest version counts."""

from pathlib import Path

import pytest

from core.ai import prompts
from core.ai.prompts import load_prompt


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(prompts, "FOLDER", tmp_path)
    load_prompt.cache_clear()
    yield tmp_path  # type: ignore[misc]
    load_prompt.cache_clear()


def test_the_newest_version_counts(folder: Path) -> None:
    (folder / "greet").mkdir()
    for version in (2, 10, 9):
        (folder / "greet" / f"{version}.toml").write_text(f'system = "This is {version}."')
    loaded = load_prompt("greet")
    assert (loaded.label, loaded.system, loaded.examples) == ("greet/10", "This is 10.", ())


def test_a_prompt_that_does_not_exist_is_said_so(folder: Path) -> None:
    with pytest.raises(FileNotFoundError):
        load_prompt("nothing")


@pytest.mark.parametrize("name", ["write_questions", "solve_questions"])
def test_our_prompts_say_that_material_is_no_instruction(name: str) -> None:
    prompt = load_prompt(name)
    assert "never instructions" in prompt.system
    assert prompt.examples

"""What the hand-written pages name exists: files, settings, make targets, commands, and nothing is lost in a link."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
import typer

from core.config import Settings
from ops.main import app

ROOT = Path(__file__).parents[2]
PAGES = sorted([ROOT / "README.md", *(ROOT / "docs").rglob("*.md")])
NOT_SETTINGS = {"HOMEROOM_MASTERY_DATA", "HOMEROOM_DEBIAN_MIRROR"}
"""Read by a benchmark and by `make tools`; variables of the tests start as in `OF_TESTS`."""
OF_TESTS = ("HOMEROOM_TEST_", "HOMEROOM_E2E_", "HOMEROOM_TIMESCALE_")
_EACH_PAGE = pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))


def headings(page: Path) -> set[str]:
    """Return the anchors of a page's headings, as GitHub makes them."""
    titles = re.findall(r"^#+ (.+)$", page.read_text(encoding="utf-8"), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", title.lower()).replace(" ", "-") for title in titles}


def words_of_code(page: Path) -> str:
    """Return everything of a page that stands in backticks or in a block of shell."""
    text = page.read_text(encoding="utf-8")
    blocks = re.findall(r"```sh\n(.*?)```", text, re.DOTALL)
    return "\n".join([*blocks, *re.findall(r"`([^`\n]+)`", text)])


def commands(group: typer.Typer, before: str = "") -> Iterator[str]:
    for command in group.registered_commands:
        yield before + (command.name or getattr(command.callback, "__name__", ""))
    for inner in group.registered_groups:
        yield f"{before}{inner.name}"
        yield from commands(inner.typer_instance or typer.Typer(), f"{before}{inner.name} ")


@_EACH_PAGE
def test_every_link_between_pages_leads_somewhere(page: Path) -> None:
    links = re.findall(r"\]\((?!https?:)([^)#]*)(?:#([^)]+))?\)", page.read_text(encoding="utf-8"))
    for target, anchor in links:
        linked = (page.parent / target).resolve() if target else page
        assert linked.exists(), f"{target} does not exist"
        assert not anchor or anchor in headings(linked), f"{target} has no heading {anchor}"


@_EACH_PAGE
def test_every_path_that_a_page_names_exists(page: Path) -> None:
    rooms = "core|api|realtime|pipelines|warehouse|ops|migrations|tests|docs"
    named = re.findall(rf"^(?:{rooms})/[\w/.-]+$", words_of_code(page), re.MULTILINE)
    assert [path for path in named if not (ROOT / path).exists()] == []


@_EACH_PAGE
def test_every_setting_that_a_page_names_exists(page: Path) -> None:
    named = set(re.findall(r"HOMEROOM_[A-Z_]+[A-Z]", page.read_text(encoding="utf-8")))
    known = {f"HOMEROOM_{name.upper()}" for name in Settings.model_fields} | NOT_SETTINGS
    assert {name for name in named - known if not name.startswith(OF_TESTS)} == set()


@_EACH_PAGE
def test_every_command_that_a_page_names_exists(page: Path) -> None:
    known = set(commands(app)) | {f"bench {path.stem}" for path in (ROOT / "ops" / "bench").glob("*.py")}
    named = re.findall(r"^homeroom ([a-z][a-z-]*)(?: ([a-z][a-z_-]*))?", words_of_code(page), re.MULTILINE)
    unknown = [
        pair for pair in named if pair[0] not in known or (pair[1] and f"{pair[0]} {pair[1]}" not in known)
    ]
    assert unknown == []


@_EACH_PAGE
def test_every_make_target_that_a_page_names_exists(page: Path) -> None:
    targets = set(re.findall(r"^([a-z]+):", (ROOT / "Makefile").read_text(encoding="utf-8"), re.MULTILINE))
    named = set(re.findall(r"^make ([a-z]+)", words_of_code(page), re.MULTILINE))
    assert named <= targets


def test_every_decision_is_in_the_list_and_has_its_four_parts() -> None:
    folder = ROOT / "docs" / "decisions"
    listed = re.findall(r"\]\((\d{4}-[\w-]+\.md)\)", (folder / "README.md").read_text(encoding="utf-8"))
    assert listed == sorted(path.name for path in folder.glob("0*.md"))
    for name in listed:
        parts = re.findall(r"^\*\*(\w+)\.\*\*", (folder / name).read_text(encoding="utf-8"), re.MULTILINE)
        assert parts == ["Context", "Decision", "Consequences", "Alternatives"], name

"""What is generated from the code is what the pages say."""

import re

import pytest

from core.config import Settings
from ops.reference import (
    ERRORS_PAGE,
    ROOT,
    SETTINGS_PAGE,
    errors_page,
    public_errors,
    readme_with_settings,
    settings_table,
)


def test_the_readme_lists_every_setting() -> None:
    assert settings_table() in (ROOT / SETTINGS_PAGE).read_text(), "run `python -m ops.reference`"


@pytest.mark.parametrize("name", Settings.model_fields)
def test_a_setting_says_what_it_is(name: str) -> None:
    assert (Settings.model_fields[name].description or "").strip()
    assert f"`HOMEROOM_{name.upper()}`" in settings_table()


def test_the_error_page_lists_every_code() -> None:
    page = (ROOT / ERRORS_PAGE).read_text()
    assert page == errors_page(), "run `python -m ops.reference`"
    assert {error.code for error in public_errors()} <= set(re.findall(r"^\| `(\w+)`", page, re.MULTILINE))


@pytest.mark.parametrize("error", public_errors(), ids=lambda error: error.__name__)
def test_an_error_is_one_plain_sentence_with_a_stable_code(error: type) -> None:
    sentence = (error.__doc__ or "").split("\n")[0]
    assert sentence.endswith(".")
    assert re.fullmatch(r"[a-z]+(_[a-z]+)*", error.code)
    assert 400 <= error.status <= 599


def test_an_error_code_has_one_status() -> None:
    statuses: dict[str, set[int]] = {}
    for error in public_errors():
        statuses.setdefault(error.code, set()).add(error.status)
    assert {code: found for code, found in statuses.items() if len(found) > 1} == {}


def test_a_renewed_readme_keeps_everything_else() -> None:
    written = readme_with_settings("# Homeroom\n\nBefore.\n")
    assert written.startswith("# Homeroom\n\nBefore.")
    stale = written.replace("HOMEROOM_LOG_LEVEL", "HOMEROOM_GONE") + "\nAfter.\n"
    renewed = readme_with_settings(stale)
    assert "HOMEROOM_GONE" not in renewed
    assert renewed.endswith("\nAfter.\n")
    assert readme_with_settings(renewed) == renewed

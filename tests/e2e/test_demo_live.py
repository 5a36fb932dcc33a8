"""The demo's live page in a real browser: what the teacher does, the student sees, without asking for it."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.e2e.browser import Page, opened, require_chromium

pytestmark = [pytest.mark.e2e, pytest.mark.timeout(180)]

_PANE = "document.querySelector('.pane[data-role={role}]')"


class Half:
    """One person's half of the page."""

    def __init__(self, page: Page, role: str) -> None:
        self._page = page
        self._pane = _PANE.format(role=role)

    def _all(self, selector: str) -> str:
        """A script for every such thing in the pane; none while the pane is not there yet."""
        return f"[...({self._pane}?.querySelectorAll('{selector}') ?? [])]"

    def sees(self, selector: str, text: str) -> None:
        """Wait until something in the pane holds a text."""
        script = f"{self._all(selector)}.some(each => each.textContent.includes('{text}'))"
        self._page.wait_for(script, f"{text!r} in {selector}")

    def chooses(self, conversation: str) -> None:
        rows = self._all(".conversations button")
        self._page.wait_for(
            f"(row => row && (row.click(), true))({rows}.find(row => row.textContent.includes('{conversation}')))",
            conversation,
        )
        self.sees(".title", conversation)

    def conversations(self, named: str) -> list[str]:
        """Return the names in the list that begin so."""
        rows = self._all(".conversations button span:first-child")
        names: list[str] = self._page.run(f"{rows}.map(row => row.textContent)")
        return [name for name in names if name.startswith(named)]

    def unread_of(self, conversation: str) -> int:
        """Return the count beside a conversation's name."""
        row = (
            f"{self._all('.conversations button')}.find(row => row.textContent.startsWith('{conversation}'))"
        )
        return int(self._page.run(f"{row}.lastElementChild.textContent") or 0)

    def types(self, text: str) -> None:
        self._page.run(
            f"(input => {{ input.value = '{text}';"
            f" input.dispatchEvent(new Event('input', {{bubbles: true}})); }})({self._pane}.querySelector('.body'))"
        )

    def writes(self, text: str) -> None:
        self.types(text)
        self._page.run(f"{self._pane}.querySelector('.writer').requestSubmit()")


@pytest.fixture(scope="module")
def page(stack: dict[str, Any], tmp_path_factory: pytest.TempPathFactory) -> Iterator[Page]:
    require_chromium()
    with opened(f"{stack['base_url']}/demo/live/", tmp_path_factory.mktemp("chromium")) as page:
        yield page


def test_what_one_does_the_other_sees(page: Page, tmp_path: Path) -> None:
    teacher, student = Half(page, "teacher"), Half(page, "student")
    for half in (teacher, student):
        half.sees(".state", "live")
        half.sees(".messages li", "Wednesday after class")
    page.wait_for(
        f"{_PANE.format(role='student')}.querySelector('.dot').dataset.state === 'online'", "presence"
    )

    teacher.types("Well")
    student.sees(".typing", "is writing")
    teacher.writes("Well done on <b>chapter</b> four")
    student.sees(".messages li", "Well done on <b>chapter</b> four")
    teacher.sees(".messages small", "read")

    student.writes("Thank you")
    teacher.sees(".messages li", "Thank you")

    announcements = min(
        set(teacher.conversations("Announcements")) & set(student.conversations("Announcements"))
    )
    unread = student.unread_of(announcements)
    teacher.chooses(announcements)
    teacher.writes("No school on Friday")
    student.sees(".notifications li", "announcement")
    student.sees(".conversations button", f"{announcements}{unread + 1}")
    student.chooses(announcements)
    student.sees(".messages li", "No school on Friday")
    assert page.run(f"{_PANE.format(role='student')}.querySelector('.body').disabled") is True

    picture = tmp_path / "live.png"
    page.photograph(picture)
    assert picture.stat().st_size > 20_000

"""`homeroom outbox` shows what was mailed where there is no mail server."""

import json
from email.message import EmailMessage
from pathlib import Path

import pytest
from typer.testing import CliRunner

from core.config import get_settings
from core.ids import new_id
from ops.main import app

LINK = "https://homeroom.example/verify-email#token=abc"


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("HOMEROOM_OUTBOX_PATH", str(tmp_path))
    get_settings.cache_clear()
    return tmp_path


def put(folder: Path, subject: str, body: str) -> None:
    message = EmailMessage()
    message["To"], message["Subject"], message["Date"] = "ana@school.example", subject, "Sun, 22 Nov 2026"
    message.set_content(body)
    (folder / f"{new_id()}.eml").write_bytes(message.as_bytes())


def test_mails_are_listed_newest_first_with_their_links(folder: Path) -> None:
    put(folder, "Older", "Nothing to click.")
    put(folder, "Newer", f"Click:\n\n{LINK}\n")
    (folder / "half-written.part").write_text("no mail")
    mails = json.loads(CliRunner().invoke(app, ["outbox", "--json"]).stdout)
    assert [(mail["subject"], mail["link"]) for mail in mails] == [("Newer", LINK), ("Older", "")]
    assert mails[0]["to"] == "ana@school.example"
    shown = CliRunner().invoke(app, ["outbox", "--limit", "1"]).stdout
    assert LINK in shown
    assert "Older" not in shown


def test_an_empty_outbox_says_where_it_is(folder: Path) -> None:
    assert str(folder) in CliRunner().invoke(app, ["outbox"]).stdout.replace("\n", "")

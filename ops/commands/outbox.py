"""`homeroom outbox`: the mails of an installation that has no mail server."""

import email
import email.policy
import json
import re
from collections.abc import Iterator
from email.message import EmailMessage
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from ops.commands.output import AsJson
from ops.commands.settings import current_settings

_LINK = re.compile(r"https?://\S+")


def register(app: typer.Typer) -> None:
    app.command()(outbox)


def outbox(
    limit: Annotated[int, typer.Option(min=1, help="How many of the newest.")] = 20,
    as_json: AsJson = False,
) -> None:
    """List the mails that were written to the outbox folder, newest first, with their links."""
    settings = current_settings()
    mails = list(_newest(settings.outbox_path, limit))
    if as_json:
        typer.echo(json.dumps(mails))
        return
    console = Console()
    if settings.smtp_url:
        console.print("mails go to a mail server; these are older")
    for mail in mails:
        lines = [f"{mail['date']}  {mail['to']}", f"  {mail['subject']}", f"  {mail['link'] or '(no link)'}"]
        for line in lines:
            console.print(line, highlight=False, markup=False, soft_wrap=True)
    if not mails:
        console.print(f"no mails in {settings.outbox_path}", highlight=False, soft_wrap=True)


def _newest(folder: Path, limit: int) -> Iterator[dict[str, str]]:
    """Yield the newest mails; a file's name begins with the time of its mail's cause."""
    for path in sorted(folder.glob("*.eml"), reverse=True)[:limit]:
        message = email.message_from_bytes(path.read_bytes(), policy=email.policy.default)
        if isinstance(message, EmailMessage):
            yield _facts(message, path)


def _facts(message: EmailMessage, path: Path) -> dict[str, str]:
    body = message.get_body(("plain",))
    link = _LINK.search(body.get_content() if body else "")
    return {
        "date": str(message["Date"]),
        "to": str(message["To"]),
        "subject": str(message["Subject"]).strip(),
        "link": link.group() if link else "",
        "path": str(path),
    }

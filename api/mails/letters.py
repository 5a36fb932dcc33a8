"""What a mail says: a text template, whose first line is the subject, and the same words in HTML around it."""

from dataclasses import dataclass
from datetime import datetime
from email.message import EmailMessage
from email.utils import format_datetime, parseaddr
from functools import cache
from pathlib import Path
from uuid import UUID

from jinja2 import Environment, FileSystemLoader, StrictUndefined, select_autoescape

from core.config import Settings

TEMPLATES = Path(__file__).parent / "templates"

_OF_OUR_OWN_WORDS = {"notice", "decisions", "news"}
"""What may have several lines: no person's words are in it but names and titles, on one line each."""


@dataclass(frozen=True)
class Letter:
    """A mail's words."""

    subject: str
    text: str
    html: str


@cache
def _environment() -> Environment:
    """Names from people are escaped in HTML and stay as they are in text; a forgotten value is an error."""
    return Environment(
        loader=FileSystemLoader(TEMPLATES),
        autoescape=select_autoescape(["html.jinja"], default=False),
        undefined=StrictUndefined,
        trim_blocks=True,
        keep_trailing_newline=True,
    )


def write_letter(template: str, content: dict[str, str], web_url: str) -> Letter:
    """Fill in a template. Raises jinja2.UndefinedError when `content` lacks something."""
    content = {name: _shown(name, value) for name, value in content.items()}
    environment = _environment()
    web_url = web_url.rstrip("/")
    rendered = environment.get_template(f"{template}.txt.jinja").render(content, web_url=web_url)
    first, _, body = rendered.partition("\n")
    subject = " ".join(first.split())  # whatever a name holds, a header is one line
    paragraphs = [part.split("\n") for part in body.strip().split("\n\n")]
    layout = environment.get_template("layout.html.jinja")
    html = layout.render(subject=subject, paragraphs=paragraphs, web_url=web_url)
    return Letter(subject, body.strip() + "\n", html)


def _shown(name: str, value: str) -> str:
    """Put people's words on one line, so that no name of a person or class becomes a paragraph of our mail."""
    return value if name in _OF_OUR_OWN_WORDS else " ".join(value.split())


def compose(
    letter: Letter, address: str, settings: Settings, *, mail_id: UUID, now: datetime
) -> EmailMessage:
    """Return the message. Its Message-ID comes from the row, so that a repeat is recognised as one."""
    message = EmailMessage()
    message["From"] = settings.mail_from
    message["To"] = address
    message["Subject"] = letter.subject
    message["Date"] = format_datetime(now)
    message["Message-ID"] = f"<{mail_id}@{_domain(settings.mail_from)}>"
    message["Auto-Submitted"] = "auto-generated"
    message.set_content(letter.text)
    message.add_alternative(letter.html, subtype="html")
    return message


def _domain(sender: str) -> str:
    return parseaddr(sender)[1].rpartition("@")[2] or "localhost"

"""How mails leave: a mail server, or a folder of .eml files where none is set."""

import asyncio
import os
from email.message import EmailMessage
from ipaddress import ip_address
from pathlib import Path
from typing import Protocol
from urllib.parse import unquote, urlsplit

import aiosmtplib

from core.config import Settings

SMTP_SECONDS = 20.0
"""Longest wait for one step of a mail server."""
_PORTS = {"smtp": 587, "smtps": 465}
_PERMANENT = 500


class MailNotSentError(Exception):
    """The mail server is away or busy; a later try may succeed. Says nothing about whom the mail is for."""


class MailRefusedError(Exception):
    """The mail server will never take this mail. Says nothing about whom the mail is for."""


class Transport(Protocol):
    async def send(self, message: EmailMessage) -> None:
        """Hand a message over. Raises MailNotSentError or MailRefusedError."""


def transport_of(settings: Settings) -> Transport:
    """Return the way out that the settings name."""
    return MailServer(settings.smtp_url) if settings.smtp_url else Outbox(settings.outbox_path)


class MailServer:
    """SMTP: `smtps` is encrypted from the start, `smtp` by STARTTLS; in plain only to this machine itself."""

    def __init__(self, url: str) -> None:
        parts = urlsplit(url)
        if parts.scheme not in _PORTS or not parts.hostname:
            raise ValueError("HOMEROOM_SMTP_URL must look like smtp://user:password@host:587 or smtps://…")
        self.host = parts.hostname
        self.port = parts.port or _PORTS[parts.scheme]
        self.is_encrypted = parts.scheme == "smtps"
        self.needs_starttls = not self.is_encrypted and not _is_this_machine(parts.hostname)
        self._user = unquote(parts.username) if parts.username else None
        self._password = unquote(parts.password) if parts.password else None

    async def send(self, message: EmailMessage) -> None:
        """Hand a message over. Raises MailNotSentError or MailRefusedError."""
        try:
            await aiosmtplib.send(
                message,
                hostname=self.host,
                port=self.port,
                username=self._user,
                password=self._password,
                use_tls=self.is_encrypted,
                start_tls=self.needs_starttls,
                timeout=SMTP_SECONDS,
            )
        except (aiosmtplib.SMTPException, OSError) as error:
            reason = f"{type(error).__name__} {_status_of(error) or ''}".strip()
            # "from None": the library's own errors quote the address, and errors are logged.
            raise (MailRefusedError if _is_final(error) else MailNotSentError)(reason) from None


class Outbox:
    """A folder of .eml files, readable by their owner only; a repeated mail replaces itself."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    async def send(self, message: EmailMessage) -> None:
        """Write a message down. Raises MailNotSentError when the folder cannot be written."""
        try:
            await asyncio.to_thread(self._write, message.as_bytes(), self._folder / _file_name(message))
        except OSError as error:
            raise MailNotSentError(type(error).__name__) from error

    def _write(self, content: bytes, path: Path) -> None:
        self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        scratch = path.with_suffix(".part")
        scratch.unlink(missing_ok=True)
        with os.fdopen(os.open(scratch, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
            file.write(content)
        scratch.replace(path)


def _file_name(message: EmailMessage) -> str:
    """The part of the Message-ID that is the row's id: files sort by the time of their cause."""
    return f"{message['Message-ID'].strip('<>').partition('@')[0]}.eml"


def _is_this_machine(host: str) -> bool:
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def _is_final(error: Exception) -> bool:
    """A recipient or a text that was refused stays refused; a wrong password of ours is mended by somebody."""
    if isinstance(error, aiosmtplib.SMTPRecipientsRefused | aiosmtplib.SMTPRecipientRefused):
        return (_status_of(error) or 0) >= _PERMANENT
    return isinstance(error, aiosmtplib.SMTPDataError) and error.code >= _PERMANENT


def _status_of(error: Exception) -> int | None:
    if isinstance(error, aiosmtplib.SMTPRecipientsRefused):
        return min(refusal.code for refusal in error.recipients)
    return error.code if isinstance(error, aiosmtplib.SMTPResponseException) else None

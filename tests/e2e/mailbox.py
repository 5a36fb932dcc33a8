"""A mail server of the test's own: real SMTP on loopback, each message a file; or the outbox of a running stack."""

import email
import email.policy
import re
import socket
import time
from collections.abc import Iterator
from contextlib import contextmanager
from email.message import EmailMessage
from pathlib import Path
from typing import Any

from aiosmtpd.controller import Controller

DELIVERY_SECONDS = 30
_TOKEN = re.compile(r"#token=([\w.~-]+)")


class _Folder:
    """Keeps what arrives as .eml files, in the order of arrival."""

    def __init__(self, path: Path) -> None:
        self.path = path

    async def handle_DATA(self, _server: Any, _session: Any, envelope: Any) -> str:  # noqa: N802 - the library's name
        number = len(list(self.path.glob("*.eml")))
        (self.path / f"{number:05}.eml").write_bytes(envelope.content)
        return "250 kept"


@contextmanager
def start_mail_server(folder: Path) -> Iterator[int]:
    """Run an SMTP server on a free loopback port while the caller is inside; its port."""
    folder.mkdir(parents=True, exist_ok=True)
    controller = Controller(_Folder(folder), hostname="127.0.0.1", port=free_port())
    controller.start()
    try:
        yield controller.port
    finally:
        controller.stop()


def free_port() -> int:
    """Return a port of this machine that the system says is free."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


class Mailbox:
    """What has been mailed, by address."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def messages(self, address: str) -> list[EmailMessage]:
        """Return the messages to `address`, oldest first."""
        files = sorted(self._folder.glob("*.eml"), key=lambda path: (path.stat().st_mtime_ns, path.name))
        read = [email.message_from_bytes(path.read_bytes(), policy=email.policy.default) for path in files]
        return [message for message in read if address in str(message["To"])]

    def wait(self, address: str, count: int = 1) -> EmailMessage:
        """Return the `count`th message to `address`. Raises TimeoutError when it does not come."""
        deadline = time.monotonic() + DELIVERY_SECONDS
        while time.monotonic() < deadline:
            found = self.messages(address)
            if len(found) >= count:
                return found[count - 1]
            time.sleep(0.2)
        subjects = [message["Subject"] for message in self.messages(address)]
        raise TimeoutError(f"mail {count} to {address} did not come; there are {subjects}")

    def token(self, address: str, count: int = 1) -> str:
        """Return the token of the link in the `count`th message to `address`."""
        body = self.wait(address, count).get_body(("plain",))
        assert body is not None
        found = _TOKEN.search(body.get_content())
        assert found is not None, body.get_content()
        return found.group(1)

"""A client as a stranger would write it: HTTP and sockets, with nothing of ours imported."""

import time
from collections.abc import Callable
from typing import Any, TypeVar

import httpx2
import pytest
import socketio

POLL_SECONDS = 2.0
"""A client may ask 100 times a minute; whoever waits stays far below it."""
GLANCE_SECONDS = 0.05
"""What is in our own memory costs nothing to look at."""

T = TypeVar("T")


class Client:
    """A signed-in person at the REST door."""

    def __init__(self, base_url: str, token: str = "") -> None:
        headers = {"Authorization": f"Bearer {token}"} if token else {}
        self.token = token
        self._http = httpx2.Client(base_url=f"{base_url}/api/v1", headers=headers, timeout=30)

    def send(
        self,
        method: str,
        path: str,
        body: dict[str, Any] | None = None,
        *,
        headers: dict[str, str] | None = None,
    ) -> Any:
        """Return the `data` of a success; show the answer of anything else."""
        answer = self._http.request(method, path, json=body, headers=headers)
        assert answer.is_success, f"{method} {path}: {answer.status_code} {answer.text}"
        content = answer.json()
        assert content["success"] is True
        return content["data"]

    def upload(self, path: str, name: str, content: bytes) -> Any:
        """Send a file as a browser's form does; return the `data` of a success."""
        answer = self._http.post(path, files={"file": (name, content)})
        assert answer.is_success, f"{path} {name}: {answer.status_code} {answer.text}"
        return answer.json()["data"]

    def text(self, path: str) -> str:
        """Return a file as it arrives."""
        answer = self._http.get(path)
        assert answer.is_success, f"{path}: {answer.status_code} {answer.text}"
        return answer.text

    def refused(self, method: str, path: str, body: dict[str, Any] | None = None) -> str:
        """Return the code of a refusal."""
        answer = self._http.request(method, path, json=body)
        assert not answer.is_success, f"{method} {path}: {answer.text}"
        code: str = answer.json()["errors"][0]["code"]
        return code

    def close(self) -> None:
        self._http.close()


def sign_in(stack: dict[str, Any], email: str, password: str) -> Client:
    visitor = Client(stack["base_url"])
    tokens = visitor.send("POST", "/auth/login", {"email": email, "password": password})
    visitor.close()
    return Client(stack["base_url"], tokens["access_token"])


def eventually(probe: Callable[[], T | None], seconds: float, what: str, *, pause: float = POLL_SECONDS) -> T:
    """Return the first answer that is not None. Fails after `seconds`."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        if (found := probe()) is not None:
            return found
        time.sleep(pause)
    pytest.fail(f"{what} did not happen within {seconds:.0f} s")


class Socket:
    """A student's browser tab: remembers every hint it receives."""

    def __init__(self, url: str, token: str) -> None:
        self.received: list[tuple[str, dict[str, Any]]] = []
        self._socket = socketio.Client()
        self._socket.on("*", lambda name, data: self.received.append((name, data)))
        self._socket.connect(url, auth={"token": token}, transports=["websocket"])

    def call(self, event: str, data: dict[str, Any]) -> dict[str, Any]:
        """Send an event and return its acknowledgement."""
        answer: dict[str, Any] = self._socket.call(event, data)
        return answer

    def all(self, name: str) -> list[dict[str, Any]]:
        return [data for heard, data in self.received if heard == name]

    def wait_for(self, name: str, seconds: float = 20, **fields: Any) -> dict[str, Any]:
        """Return the first event of this name with these fields, waiting for it when it has not come yet."""

        def found() -> dict[str, Any] | None:
            return next((data for data in self.all(name) if fields.items() <= data.items()), None)

        return eventually(found, seconds, f"{name} {fields}", pause=GLANCE_SECONDS)

    def sync(self, after_seq: int) -> dict[str, Any]:
        answer = self.call("sync", {"after_seq": after_seq})
        assert answer["ok"] is True, answer
        data: dict[str, Any] = answer["data"]
        return data

    @property
    def is_connected(self) -> bool:
        return bool(self._socket.connected)

    def close(self) -> None:
        self._socket.disconnect()


class Browser:
    """Keeps cookies whatever their flags: localhost counts as secure, which the client library does not know."""

    def __init__(self, base_url: str) -> None:
        self.http = httpx2.Client(base_url=base_url, timeout=30, follow_redirects=False)
        self.cookies: dict[str, str] = {}

    def send(self, method: str, url: str, **what: Any) -> httpx2.Response:
        carried = "; ".join(f"{name}={value}" for name, value in self.cookies.items())
        headers = {**what.pop("headers", {}), **({"Cookie": carried} if carried else {})}
        answer = self.http.request(method, url, headers=headers, **what)
        for line in answer.headers.get_list("set-cookie"):
            name, _, value = line.partition(";")[0].partition("=")
            self.cookies[name] = value
        return answer

    def close(self) -> None:
        self.http.close()

"""The official JavaScript client in a process of its own, driven by lines of JSON (see tests/client/listener.mjs)."""

import itertools
import json
import subprocess
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

import pytest

T = TypeVar("T")
_SCRIPT = Path(__file__).parents[1] / "client" / "listener.mjs"
_SECONDS = 20.0


class Listener:
    """One person's tab: `heard` is what their page was shown, in that order; `raw` what came over the wire."""

    def __init__(
        self, url: str, *tokens: str, wanted: str = "synced", last_seq: int = 0, **options: Any
    ) -> None:
        """Connect with the first token, refresh with the next, and wait for the `wanted` state.

        `last_seq` is the last number of an earlier visit; `options` are those of the Socket.IO client.
        """
        self.heard: list[tuple[str, dict[str, Any]]] = []
        self.raw: list[tuple[str, int]] = []
        self.states: list[tuple[str, dict[str, Any]]] = []
        self._answers: dict[int, dict[str, Any]] = {}
        self._ids = itertools.count(1)
        self._news = threading.Condition()
        self._process = subprocess.Popen(
            ["node", str(_SCRIPT)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()
        self._do("connect", url=url, tokens=tokens, last_seq=last_seq, options=options)
        try:
            self.wait_for_state(wanted)
        except BaseException:
            self.close()
            raise

    def ask(self, event: str, data: Any) -> dict[str, Any]:
        """Send an event and return its acknowledgement."""
        answer: dict[str, Any] = self._do("ask", event=event, data=data)
        return answer

    def send_message(self, conversation_id: str, body: str, client_id: str) -> dict[str, Any]:
        """Send a message as the client does that never gives up."""
        message = {"conversation_id": conversation_id, "body": body, "client_id": client_id}
        answer: dict[str, Any] = self._do("send", **message)
        return answer

    def cut(self) -> None:
        """Lose the connection without a farewell."""
        self._do("cut")

    def wait_for(self, name: str, **fields: Any) -> dict[str, Any]:
        """Return the first event of this name with these fields, waiting for it when it has not come yet."""

        def found() -> dict[str, Any] | None:
            return next((data for data in self.all(name) if fields.items() <= data.items()), None)

        return self._wait(found, f"{name} {fields}")

    def all(self, name: str) -> list[dict[str, Any]]:
        return [data for heard, data in self.heard if heard == name]

    @property
    def numbers(self) -> list[int]:
        """The `seq` of each lasting event the page was shown, in that order."""
        return [data["seq"] for _, data in self.heard if "seq" in data]

    def wait_for_state(self, wanted: str, *, after: int = 0, seconds: float = _SECONDS) -> dict[str, Any]:
        """Return the detail of a state reached since the first `after` states."""

        def found() -> dict[str, Any] | None:
            return next((detail for state, detail in self.states[after:] if state == wanted), None)

        return self._wait(found, f"the state {wanted!r}", seconds)

    def close(self) -> None:
        """End the tab; a process that does not is killed."""
        assert self._process.stdin is not None
        self._process.stdin.close()
        try:
            self._process.wait(5)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        self._reader.join()
        assert self._process.stdout is not None
        self._process.stdout.close()

    def _do(self, deed: str, **line: Any) -> Any:
        number = next(self._ids)
        assert self._process.stdin is not None
        self._process.stdin.write(json.dumps({"id": number, "do": deed, **line}) + "\n")
        self._process.stdin.flush()
        outcome = self._wait(lambda: self._answers.pop(number, None), f"an answer to {deed} {line}", 60)
        assert "failed" not in outcome, f"{deed} {line}: {outcome['failed']}"
        return outcome["answer"]

    def _wait(self, probe: Callable[[], T | None], what: str, seconds: float = _SECONDS) -> T:
        deadline = time.monotonic() + seconds
        with self._news:
            while (found := probe()) is None:
                if not self._news.wait(deadline - time.monotonic()):
                    pytest.fail(f"{what} did not come; states {self.states}, heard {self.heard[-20:]}")
            return found

    def _read(self) -> None:
        assert self._process.stdout is not None
        for text in self._process.stdout:
            with self._news:
                self._take(json.loads(text))
                self._news.notify_all()

    def _take(self, line: dict[str, Any]) -> None:
        if "heard" in line:
            self.heard.append((line["heard"], line["data"]))
        elif "raw" in line:
            self.raw.append((line["raw"], line["seq"]))
        elif "state" in line:
            self.states.append((line["state"], line["detail"]))
        else:
            self._answers[line["id"]] = line

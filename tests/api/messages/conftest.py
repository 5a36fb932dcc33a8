"""A class that talks: its people's clients, and what a test asks of them again and again."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from uuid import UUID

import httpx2
import pytest

from core.ids import new_id
from core.models import User
from tests.factories.world import SchoolBench
from tests.fixtures.web import Api, StandingClock


@dataclass
class Talker:
    """One signed-in person at the door of messages."""

    user: User
    client: httpx2.AsyncClient

    async def ask(self, method: str, path: str, body: Any = None) -> httpx2.Response:
        return await self.client.request(method, f"/api/v1/messages{path}", json=body)

    async def get(self, path: str) -> Any:
        """Return the `data` of a page that must be there."""
        answer = await self.ask("GET", path)
        assert answer.status_code == 200, answer.text
        return answer.json()["data"]

    async def open(self, **whom: UUID) -> str:
        """Return the id of a conversation."""
        answer = await self.ask("POST", "/conversations", {name: str(value) for name, value in whom.items()})
        assert answer.status_code in {200, 201}, answer.text
        identifier: str = answer.json()["data"]["id"]
        return identifier

    async def write(self, conversation: str, body: str, client_id: UUID | None = None) -> Any:
        """Send a message that must arrive; returns it."""
        answer = await self.try_to_write(conversation, body, client_id)
        assert answer.status_code == 201, answer.text
        return answer.json()["data"]

    async def try_to_write(
        self, conversation: str, body: str, client_id: UUID | None = None
    ) -> httpx2.Response:
        message = {"body": body, "client_id": str(client_id or new_id())}
        return await self.ask("POST", f"/conversations/{conversation}/messages", message)

    async def read(self, message: Any) -> int:
        path = f"/conversations/{message['conversation_id']}/read"
        answer = await self.ask("POST", path, {"up_to_message_id": message["id"]})
        assert answer.status_code == 200, answer.text
        number: int = answer.json()["data"]["read_number"]
        return number

    async def bodies(self, conversation: str) -> list[str | None]:
        """What stands in a conversation, the oldest first."""
        listed = await self.get(f"/conversations/{conversation}/messages?limit=100")
        return [message["body"] for message in reversed(listed["items"])]

    async def unread(self) -> int:
        counted: int = (await self.get("/unread"))["unread"]
        return counted


@pytest.fixture(autouse=True)
def later(clock: StandingClock) -> None:
    """The bench was made before anybody writes: its places and messages carry the real time."""
    clock.advance(timedelta(minutes=1))


@pytest.fixture
def talkers(api: Api, school: SchoolBench) -> Any:
    """Make a talker of anybody."""
    return lambda user: Talker(user, api.signed_in(user))


@pytest.fixture
def teacher(talkers: Any, school: SchoolBench) -> Talker:
    talker: Talker = talkers(school.teacher)
    return talker


@pytest.fixture
def student(talkers: Any, school: SchoolBench) -> Talker:
    talker: Talker = talkers(school.student)
    return talker


@pytest.fixture
def classmate(talkers: Any, school: SchoolBench) -> Talker:
    talker: Talker = talkers(school.classmate)
    return talker

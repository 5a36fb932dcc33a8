"""Who gets a socket, and what those hear who do not."""

from collections.abc import Callable

import httpx2
import pytest
from sqlalchemy.orm import Session
from websockets.exceptions import InvalidStatus

from core.models import UserStatus
from tests.factories.user import make_student
from tests.factories.world import DistrictBench
from tests.realtime.conftest import Tokens
from tests.realtime.socket_client import HandshakeRefusedError, SocketClient

INVALID_TOKEN = {
    "message": "The access token is missing, malformed or expired.",
    "data": {"code": "invalid_token"},
}


async def test_a_good_token_opens_a_socket(
    bench: DistrictBench, connected: Callable[..., SocketClient]
) -> None:
    async with connected(bench.schools[0].student) as client:
        assert (await client.ask("sync", {"after_seq": 1}))["ok"] is True


@pytest.mark.parametrize("token", [None, "", "a.b.c", 7, ["x"], {"token": "x"}, "x" * 20_000])
async def test_anything_but_a_token_is_refused(realtime_url: str, token: object) -> None:
    with pytest.raises(HandshakeRefusedError) as refusal:
        async with SocketClient(realtime_url, token):
            pass
    assert refusal.value.args[0] == INVALID_TOKEN


@pytest.mark.parametrize("flaw", [{"seconds_left": -1}, {"seconds_left": 1200}, {"issuer": "http://evil"}])
async def test_an_expired_early_or_foreign_token_is_refused(
    realtime_url: str, tokens: Tokens, bench: DistrictBench, flaw: dict[str, object]
) -> None:
    token = tokens.of(bench.schools[0].student, **flaw)  # type: ignore[arg-type]
    with pytest.raises(HandshakeRefusedError) as refusal:
        async with SocketClient(realtime_url, token):
            pass
    assert refusal.value.args[0] == INVALID_TOKEN


async def test_a_closed_account_is_refused_though_its_token_lives(
    realtime_url: str, tokens: Tokens, bench: DistrictBench, rows: Session
) -> None:
    student = make_student(rows, bench.schools[0].school)
    student.status = UserStatus.DISABLED
    rows.flush()
    with pytest.raises(HandshakeRefusedError) as refusal:
        async with SocketClient(realtime_url, tokens.of(student)):
            pass
    assert refusal.value.args[0] == INVALID_TOKEN


async def test_a_page_of_another_origin_is_refused(
    realtime_url: str, tokens: Tokens, bench: DistrictBench
) -> None:
    token = tokens.of(bench.schools[0].student)
    with pytest.raises(InvalidStatus):
        async with SocketClient(realtime_url, token, origin="http://evil.example"):
            pass
    async with SocketClient(realtime_url, token, origin="http://localhost:8000") as client:
        assert (await client.ask("sync", {"after_seq": 1}))["ok"] is True


async def test_long_polling_is_refused(realtime_url: str) -> None:
    async with httpx2.AsyncClient(base_url=realtime_url) as client:
        answer = await client.get("/socket.io/", params={"EIO": 4, "transport": "polling"})
    assert answer.status_code == 400


async def test_a_second_handshake_on_the_same_socket_is_refused_and_changes_nothing(
    bench: DistrictBench, connected: Callable[..., SocketClient], tokens: Tokens
) -> None:
    async with connected(bench.schools[0].student) as client:
        client._opened = client._opened.get_loop().create_future()
        await client.send_raw('40{"token":"' + tokens.of(bench.schools[1].student) + '"}')
        with pytest.raises(HandshakeRefusedError):
            await client._opened
        assert (await client.ask("sync", {"after_seq": 1}))["ok"] is True

"""A socket records what a child does only with a guardian's consent."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest
from sqlalchemy.orm import Session

from core.config import Settings
from core.keys import KeyRing
from core.models import ConsentDecision, ConsentScope
from core.tokens import issue_access_token
from tests.factories.consent import make_consent
from tests.factories.notification import make_notification
from tests.factories.user import actor_of
from tests.factories.world import World
from tests.realtime.socket_client import SocketClient


@pytest.mark.parametrize("decision", [None, *ConsentDecision])
async def test_a_childs_socket_records_with_consent_only(
    *,
    world: World,
    realtime_url: str,
    rows: Session,
    settings: Settings,
    keys: KeyRing,
    decision: ConsentDecision | None,
) -> None:
    student = world.districts[0].schools[0].classmate
    notification = make_notification(rows, student)
    if decision is not None:
        make_consent(rows, student, ConsentScope.COLLECTION, decision)
    child = replace(actor_of(student), needs_consent=True)
    token = issue_access_token(child, keys, issuer=settings.issuer, now=datetime.now(UTC), minutes=10)
    async with SocketClient(realtime_url, token) as client:
        answer = await client.ask("notification:ack", {"ids": [str(notification.id)]})
    rows.refresh(notification)
    assert answer["ok"] is (decision is ConsentDecision.GRANTED)
    assert (notification.read_at is not None) is answer["ok"]
    if not answer["ok"]:
        assert answer["error"]["code"] == "consent_required"

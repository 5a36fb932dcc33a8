"""Registering applications that may sign people in."""

from uuid import UUID

import pytest
from sqlalchemy import text
from sqlalchemy.orm import Session

from core.ids import new_id
from tests.factories.world import DistrictBench
from tests.ops.commands.conftest import Terminal

CALLBACK = "https://planner.example/callback"


def registered(terminal: Terminal, name: str, *options: str) -> str:
    made = terminal("oauth-client", "create", name, "--redirect-uri", CALLBACK, *options, "--json").data
    return str(made["client_id"])


def listed(terminal: Terminal) -> dict[str, tuple[str, list[str]]]:
    clients = terminal("oauth-client", "list", "--json").data["clients"]
    return {client["client_id"]: (client["name"], client["redirect_uris"]) for client in clients}


def test_a_registered_application_is_listed_until_it_is_deleted(terminal: Terminal) -> None:
    client_id = registered(terminal, "Planner", "--redirect-uri", "com.example.planner:/callback")
    assert listed(terminal)[client_id] == ("Planner", [CALLBACK, "com.example.planner:/callback"])
    gone = terminal("oauth-client", "delete", client_id, "--json").data
    assert gone == {"client_id": client_id, "sessions_ended": 0}
    assert client_id not in listed(terminal)
    assert "no application" in terminal("oauth-client", "delete", client_id).sentence


def test_an_application_that_is_registered_again_keeps_its_id(terminal: Terminal) -> None:
    client_id = registered(terminal, "Planner")
    assert registered(terminal, "Planner of Maple", "--client-id", client_id) == client_id
    assert listed(terminal)[client_id] == ("Planner of Maple", [CALLBACK])


def test_a_deleted_application_leaves_no_session(
    terminal: Terminal, bench: DistrictBench, rows: Session
) -> None:
    client_id, teacher = registered(terminal, "Planner"), bench.schools[0].teacher
    session_id: UUID = new_id()
    rows.execute(
        text(
            "INSERT INTO auth.sessions (id, user_id, district_id, current_hash, rotated_at, expires_at, client_id)"
            " SELECT :id, user_id, district_id, :hash, rotated_at, expires_at, :client_id"
            " FROM auth.sessions WHERE id = :user_id"
        ),
        {"id": session_id, "hash": session_id.bytes, "client_id": client_id, "user_id": teacher.id},
    )
    assert terminal("oauth-client", "delete", client_id, "--json").data["sessions_ended"] == 1
    living = text("SELECT revoked_at IS NULL FROM auth.sessions WHERE id = ANY(:ids) ORDER BY id = :id")
    ids = {"ids": [session_id, teacher.id], "id": session_id}
    assert list(rows.scalars(living, ids)) == [True, False]


@pytest.mark.parametrize(
    ("address", "problem"),
    [
        ("planner.example/callback", "https://"),
        ("http://planner.example/callback", "only this machine"),
        ("https:///callback", "host"),
        ("https://user@planner.example/callback", "user name"),
        ("https://planner.example;script-src/callback", "host"),
        ("https://*.planner.example/callback", "wildcard"),
        ("https://planner.example/callback#there", "fragment"),
        ("https://planner.example/a b", "space"),
        ("https://plänner.example/callback", "space"),
        ("javascript:alert(1)", "dot"),
        ("http://[::1/callback", "no address"),
    ],
)
def test_an_address_that_codes_must_not_be_sent_to_is_refused(
    terminal: Terminal, address: str, problem: str
) -> None:
    refused = terminal("oauth-client", "create", "Planner", "--redirect-uri", address).sentence
    assert problem in refused


@pytest.mark.parametrize(
    "address", ["http://localhost:4000/callback", "http://127.0.0.1/callback", "http://[::1]:4000/callback"]
)
def test_an_application_on_this_machine_needs_no_https(terminal: Terminal, address: str) -> None:
    made = terminal("oauth-client", "create", "Planner", "--redirect-uri", address, "--json").data
    assert made["redirect_uris"] == [address]

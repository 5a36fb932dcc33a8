"""Districts, schools and first admins from the command line."""

import asyncio
from uuid import UUID

import psycopg
import pytest

from core.ids import new_id
from tests.fixtures.schema import MigratedDatabase
from tests.fixtures.web import Api
from tests.ops.commands.conftest import Terminal

PASSWORD = "plum-harbor-lantern-42"


@pytest.fixture
def district(terminal: Terminal) -> str:
    return terminal("district", "create", "Maple", "--json").data["district_id"]


@pytest.fixture
def school(terminal: Terminal, district: str) -> str:
    return terminal("school", "create", "--district", district, "Hill School", "--json").data["school_id"]


def _admin(district_id: str, **changes: str) -> list[str]:
    options = {
        "district": district_id,
        "email": f"{new_id().hex}@example.org",
        "name": "Ada Lovelace",
        **changes,
    }
    return ["admin", "create", *(part for key, value in options.items() for part in (f"--{key}", value))]


def test_a_district_is_created_and_listed_for_the_pipelines(
    terminal: Terminal, migrated: MigratedDatabase
) -> None:
    made = terminal("district", "create", "  Maple  ", "--time-zone", "America/New_York", "--json").data
    with psycopg.connect(migrated.dsn) as connection:
        row = connection.execute(
            "SELECT name, time_zone, status FROM app.districts JOIN app.district_directory ON id = district_id"
            " WHERE district_id = %s",
            [made["district_id"]],
        ).fetchone()
    assert row == ("Maple", "America/New_York", "active")


async def test_an_admin_with_the_printed_password_signs_in(
    terminal: Terminal, district: str, school: str, api: Api
) -> None:
    made = (await asyncio.to_thread(terminal, *_admin(district, school=school), "--json")).data
    answer = await api.anonymous.post(
        "/api/v1/auth/login", json={"email": made["email"].upper(), "password": made["password"]}
    )
    assert answer.status_code == 200
    me = await api.signed_in_with(answer.json()["data"]["access_token"]).get("/api/v1/users/me")
    assert (me.json()["data"]["role"], me.json()["data"]["school_id"]) == ("admin", school)


async def test_a_password_from_stdin_is_taken_and_not_printed(
    terminal: Terminal, district: str, api: Api
) -> None:
    command = [*_admin(district, password="-"), "--json"]
    outcome = await asyncio.to_thread(terminal, *command, stdin=f"{PASSWORD}\n")
    assert PASSWORD not in outcome.out + outcome.err
    answer = await api.anonymous.post(
        "/api/v1/auth/login", json={"email": outcome.data["email"], "password": PASSWORD}
    )
    assert answer.status_code == 200


def test_a_person_reads_a_table_where_a_script_reads_json(terminal: Terminal, district: str) -> None:
    outcome = terminal("school", "create", "--district", district, "Hill [School]")
    assert outcome.code == 0
    assert "Hill [School]" in outcome.out
    assert UUID(outcome.out.split()[1])


def test_an_address_in_use_is_refused_and_nothing_is_left(
    terminal: Terminal, district: str, migrated: MigratedDatabase
) -> None:
    email = f"{new_id().hex}@example.org"
    assert terminal(*_admin(district, email=email)).code == 0
    assert "is in use" in terminal(*_admin(district, email=email.upper())).sentence
    with psycopg.connect(migrated.dsn) as connection:
        row = connection.execute("SELECT count(*) FROM app.users WHERE email = %s", [email]).fetchone()
    assert row == (1,)


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"email": "nobody"}, "email"),
        ({"name": "  "}, "a name may not be empty"),
        ({"password": "abc"}, "too short"),
        ({"password": "LovelaceLovelace"}, "too easy to guess"),
        ({"school": str(new_id())}, "the district has no school"),
        ({"school": "hill"}, "Invalid value for '--school'"),
        ({"district": str(new_id())}, "there is no district"),
        ({"district": "maple"}, "Invalid value for '--district'"),
    ],
)
def test_bad_input_for_an_admin_is_one_sentence(
    terminal: Terminal, district: str, changes: dict[str, str], said: str
) -> None:
    assert said.lower() in terminal(*_admin(district, **changes)).sentence.lower()


def test_another_districts_school_is_no_school_of_this_one(terminal: Terminal, school: str) -> None:
    other = terminal("district", "create", "Oak", "--json").data["district_id"]
    assert "the district has no school" in terminal(*_admin(other, school=school)).sentence


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["district", "create", " "], "a name may not be empty"),
        (["district", "create"], "Missing argument"),
        (["district", "create", "Elm", "--time-zone", "Mars/Olympus"], "there is no time zone"),
        (["school", "create", "--district", str(new_id()), "Elm"], "there is no district"),
        (["school", "create", "Elm"], "Missing option"),
    ],
)
def test_bad_input_for_districts_and_schools_is_one_sentence(
    terminal: Terminal, arguments: list[str], said: str
) -> None:
    assert said in terminal(*arguments).sentence


def test_without_an_admin_url_nothing_is_tried(bare_terminal: Terminal) -> None:
    assert "HOMEROOM_ADMIN_DATABASE_URL is not set" in bare_terminal("district", "create", "Elm").sentence


def test_without_a_key_file_the_command_that_makes_one_is_named(terminal: Terminal) -> None:
    terminal.given(HOMEROOM_KEYS_PATH="nowhere.json")
    assert "homeroom keys create" in terminal("district", "create", "Elm").sentence


def test_a_role_that_may_not_is_told_so(terminal: Terminal, migrated: MigratedDatabase) -> None:
    terminal.given(HOMEROOM_ADMIN_DATABASE_URL=migrated.app_url)
    assert "must name the one that owns the database" in terminal("district", "create", "Elm").sentence

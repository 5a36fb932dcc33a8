"""The key file from the command line."""

import stat
from datetime import UTC, datetime, timedelta
from pathlib import Path

import psycopg
import pytest

from core.db import Database
from core.emit import emitter_for
from core.encryption import Place, new_column_key
from core.jobs import Workplace
from core.key_file import KeyFile
from core.keys import dated, ensure_keys, load_keys, read_key_file, write_key_file
from ops.housekeeping import reencrypt_columns
from ops.reencryption import count_by_key, every_district
from tests.factories.district import make_district, make_school
from tests.factories.user import make_student
from tests.fixtures.rows import open_rows
from tests.fixtures.schema import MigratedDatabase
from tests.fixtures.stores import settings_for
from tests.ops.commands.conftest import Terminal


def test_a_key_file_is_made_for_its_owner_only(bare_terminal: Terminal) -> None:
    made = bare_terminal("keys", "create", "--json").data
    path = bare_terminal.folder / made["keys"]
    assert load_keys(path).signing_keys[0]["kid"] == made["signs_with"]
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_an_existing_key_file_is_never_replaced(bare_terminal: Terminal) -> None:
    path = bare_terminal.folder / bare_terminal("keys", "create", "--json").data["keys"]
    before = path.read_bytes()
    assert "already" in bare_terminal("keys", "create").sentence
    assert path.read_bytes() == before


@pytest.fixture
def own(bare_terminal: Terminal, scratch_database: MigratedDatabase, redis_url: str) -> Terminal:
    """A terminal whose database and keys are the test's own, with one birth date encrypted."""
    settings = settings_for(scratch_database, redis_url, bare_terminal.folder)
    bare_terminal.installation(settings)
    keys = ensure_keys(settings.keys_path)
    with open_rows(scratch_database) as rows:
        district = make_district(rows)
        student = make_student(rows, make_school(rows, district))
        place = Place("users", "birth_date_encrypted", district.district_id)
        student.birth_date_encrypted = keys.columns.encrypt("2014-02-28", place)
        rows.flush()
    return bare_terminal


def column_keys(terminal: Terminal) -> dict[str, int]:
    """The values under each column key, newest key first."""
    told = terminal("keys", "status", "--json").data["keys"]
    return {key["name"]: key["values"] for key in told if key["kind"] == "column_keys"}


def test_a_rotation_reencrypts_while_one_waits(own: Terminal, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("ops.key_rotation.LEAD_ON_ONE_MACHINE", timedelta(seconds=1))
    (before,) = column_keys(own)
    done = own("keys", "rotate", "--columns", "--at-once", "--wait", "--json").data
    assert (done["rewritten"], done["changed_meanwhile"], done["unreadable"]) == (1, 0, 0)
    assert list(column_keys(own).values()) == [1, 0]
    assert list(column_keys(own))[1] == before
    assert own("keys", "reencrypt", "--wait", "--json").data["rewritten"] == 0


def test_a_rotation_leaves_the_values_to_the_worker(
    own: Terminal, scratch_database: MigratedDatabase
) -> None:
    rotated = own("keys", "rotate", "--json").data
    assert rotated["districts_enqueued"] == 1
    with psycopg.connect(scratch_database.dsn) as connection:
        row = connection.execute(
            "SELECT task_name, scheduled_at FROM jobs.procrastinate_jobs ORDER BY id DESC LIMIT 1"
        ).fetchone()
    assert row is not None
    assert row[0] == "housekeeping.reencrypt_columns"
    assert row[1] > datetime.fromisoformat(rotated["used_from"])


async def test_the_worker_reencrypts_a_district(
    own: Terminal, scratch_database: MigratedDatabase, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings = settings_for(scratch_database, "", own.folder)
    content = read_key_file(settings.keys_path)
    entry = dated(new_column_key(), created_at=datetime.now(UTC), active_from=datetime.now(UTC))
    write_key_file(settings.keys_path, {**content, "column_keys": [entry, *content["column_keys"]]})
    database = Database.from_settings(settings, emitter_for(""))
    place = Workplace(
        database=database,
        keys=KeyFile(settings.keys_path),
        settings=settings,
        clock=lambda: datetime.now(UTC),
    )
    monkeypatch.setattr("core.jobs._workplace", place)
    (district,) = await every_district(database)
    await reencrypt_columns(str(district.tenant))
    counts = await count_by_key(database, district)
    await database.close()
    assert {key_id for _, key_id in counts} == {entry["id"]}


def test_a_signing_key_is_rotated_without_a_database(bare_terminal: Terminal) -> None:
    path = bare_terminal.folder / bare_terminal("keys", "create", "--json").data["keys"]
    bare_terminal("keys", "rotate", "--signing", "--json")
    content = read_key_file(path)
    assert (len(content["signing_keys"]), len(content["column_keys"])) == (2, 1)
    assert "HOMEROOM_DATABASE_URL" in bare_terminal("keys", "rotate").sentence
    assert read_key_file(path) == content


def test_a_column_key_in_need_is_not_dropped(own: Terminal) -> None:
    own("keys", "rotate", "--json")
    assert own("keys", "prune", "--json").data["dropped"] == []
    assert len(column_keys(own)) == 2


def test_values_under_a_key_we_do_not_have_are_told(own: Terminal) -> None:
    path = Path(own.folder / "keys.json")
    write_key_file(path, {**read_key_file(path), "column_keys": [new_column_key()]})
    assert own("keys", "status", "--json").data["values_under_no_key_of_ours"] == 1
    assert "1 values are under a key that is not in the file" in own("keys", "status").out
    assert own("keys", "reencrypt", "--wait", "--json").data["unreadable"] == 1


def test_without_a_key_file_nothing_is_rotated(own: Terminal) -> None:
    (own.folder / "keys.json").unlink()
    for command in ("rotate", "status", "prune", "reencrypt"):
        assert "no key file" in own("keys", command).sentence


def test_the_status_is_readable(own: Terminal) -> None:
    own("keys", "rotate")
    told = own("keys", "status").out
    assert "coming" in told
    assert "in use" in told
    assert "1 values" in told

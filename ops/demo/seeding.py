"""`homeroom demo`: puts the simulated world into a database, each district in one transaction."""

import asyncio
import json
from collections import Counter
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any
from uuid import UUID

import numpy as np
import polars as pl
import psycopg
from rich.progress import Progress

from api.classes.codes import class_code_digest
from core.config import plain_url
from core.keys import KeyRing
from core.passwords import hash_password, verify_password
from ops.demo.accounts import DemoUser, known_accounts
from ops.demo.bulk_copy import RowsLoaded, copy_frame
from ops.demo.class_grade_rows import write_class_grades
from ops.demo.consent_rows import with_birth_dates
from ops.demo.curriculum_rows import write_curricula
from ops.demo.foreign_keys import checked_in_sets
from ops.demo.grading_rows import write_grading
from ops.demo.library_rows import write_library
from ops.demo.people import DISTRICTS
from ops.demo.roll import Roll
from ops.demo.talk_rows import write_talk
from ops.demo.trigger_rows import write_trigger_rows
from ops.demo.world import (
    DemoParameters,
    SimulatedDistrict,
    consents_of,
    district_roll,
    simulate_district,
)

_ACTION = "demo.seeded"


class DemoConflictError(Exception):
    """The demo of this size has another password here, or the role may not load one."""


@dataclass(frozen=True, slots=True)
class DemoWorld:
    """What stands in the database now. `rows` counts what this call loaded, by table; empty when all was there."""

    parameters: DemoParameters
    users: list[DemoUser]
    rows: dict[str, int]

    @property
    def was_there(self) -> bool:
        return not self.rows

    @property
    def message(self) -> str:
        """Return one sentence for the person who asked."""
        asked = (
            f"{self.parameters.students} students, {self.parameters.weeks} weeks, seed {self.parameters.seed}"
        )
        if self.was_there:
            return f"The demo ({asked}) is already there; nothing was changed."
        return f"Loaded the demo ({asked}): {sum(self.rows.values()):,} rows."

    def users_as_json(self) -> list[dict[str, Any]]:
        """Return the `users` of `.homeroom/demo.json`."""
        return [user.as_json() for user in self.users]


def seed_demo(
    admin_dsn: str,
    *,
    keys: KeyRing,
    password: str,
    now: datetime,
    students: int = 2000,
    weeks: int = 18,
    seed: int = 1,
    progress: Progress | None = None,
) -> DemoWorld:
    """Load two simulated districts whose term ends shortly before `now`, or find them loaded.

    `admin_dsn` names a role that bypasses row security (the migrating superuser); `keys` hold the index key of
    sign-in addresses; every account gets `password`. Each district is one transaction, so an interrupted call
    leaves whole districts and the next completes it. A later call keeps the `now` of the first; another size or
    seed stands beside it, in districts of its own. Call it outside an event loop. Raises ValueError for an
    impossible size, DemoConflictError when the accounts there have another password or the role may not load.
    """
    parameters = DemoParameters(students, weeks, seed, now)
    with psycopg.connect(plain_url(admin_dsn), autocommit=True) as connection:
        _require_bypass(connection)
        connection.execute("SELECT pg_advisory_lock(hashtext('homeroom-demo'))")
        present = _present(connection, parameters)
        parameters = _same_moment(parameters, present)
        _require_password(connection, password, present)
        missing = [number for number in range(len(DISTRICTS)) if number not in present]
        rows: dict[str, int] = {}
        if missing:
            load = _Load(plain_url(admin_dsn), keys, parameters, _hash(password), progress)
            rows = _load_side_by_side(missing, load)
            connection.execute("ANALYZE")
    rolls = [district_roll(number, parameters)[0] for number in range(len(DISTRICTS))]
    users = [user for roll in rolls for user in known_accounts(roll, password)]
    return DemoWorld(parameters, users, rows)


@dataclass(frozen=True, slots=True)
class _Load:
    dsn: str
    keys: KeyRing
    parameters: DemoParameters
    password_hash: str
    progress: Progress | None


def _hash(password: str) -> str:
    """Hash once: every demo account has the same password, and argon2id is slow on purpose."""
    return asyncio.run(hash_password(password))


def _require_bypass(connection: psycopg.Connection) -> None:
    row = connection.execute("SELECT rolsuper FROM pg_roles WHERE rolname = current_user").fetchone()
    if row is None or not row[0]:
        raise DemoConflictError(
            "The demo is loaded by COPY past row security: name a superuser in the admin URL."
        )


def _present(connection: psycopg.Connection, asked: DemoParameters) -> dict[int, dict[str, Any]]:
    """Return what earlier calls recorded about the districts of this size and seed, by district number."""
    size = json.dumps({"students": asked.students, "weeks": asked.weeks, "seed": asked.seed})
    query = "SELECT details FROM app.audit_events WHERE action = %s AND details @> %s::jsonb"
    rows = connection.execute(query, [_ACTION, size]).fetchall()
    return {details["district_number"]: details for (details,) in rows}


def _same_moment(asked: DemoParameters, present: dict[int, dict[str, Any]]) -> DemoParameters:
    """Take the moment of the first call, so that a resumed world is one world."""
    for details in present.values():
        return replace(asked, now=datetime.fromisoformat(details["now"]))
    return asked


def _require_password(
    connection: psycopg.Connection, password: str, present: dict[int, dict[str, Any]]
) -> None:
    districts = [UUID(details["district_id"]) for details in present.values()]
    query = "SELECT password_hash FROM auth.identities WHERE district_id = ANY(%s) ORDER BY user_id LIMIT 1"
    row = connection.execute(query, [districts]).fetchone()
    if row is not None and not asyncio.run(verify_password(password, row[0])):
        raise DemoConflictError("The demo accounts of this database have another password.")


def _load_side_by_side(numbers: Sequence[int], load: _Load) -> dict[str, int]:
    """Load districts at the same time: PostgreSQL gives each connection a core of its own."""
    with ThreadPoolExecutor(max_workers=len(numbers)) as pool:
        counted = list(pool.map(lambda number: _load_district(number, load), numbers))
    totals: Counter[str] = Counter()
    for rows in counted:
        totals.update(rows)
    return dict(totals)


def _load_district(number: int, load: _Load) -> dict[str, int]:
    """Simulate and load one district in one transaction; returns its rows by table."""
    district = simulate_district(number, load.parameters)
    tables = {("app", name): frame for name, frame in district.tables.items()}
    users = tables["app", "users"]
    tables["app", "users"] = with_birth_dates(
        users, district.roll, load.keys.columns, load.parameters.semester
    )
    tables |= _sign_in_tables(district, load) | _trail(number, district, load.parameters)
    loaded = _reporter(load.progress, district.name, sum(len(frame) for frame in tables.values()))
    district_id = district.roll.district_id
    with psycopg.connect(load.dsn) as connection, checked_in_sets(connection, district_id):
        for (schema, name), frame in tables.items():
            copy_frame(connection, name, frame, loaded, schema=schema)
        write_trigger_rows(connection, district_id)
        write_library(connection, district_id)
        write_grading(connection, district_id)
        write_class_grades(connection, district_id)
        write_curricula(connection, district_id, load.parameters.now)
        write_talk(
            connection,
            district_id,
            load.parameters.now,
            np.random.default_rng([load.parameters.seed, number]),
        )
    return {f"{schema}.{name}": len(frame) for (schema, name), frame in tables.items()}


def _reporter(progress: Progress | None, name: str, total: int) -> RowsLoaded:
    if progress is None:
        return lambda _count: None
    task = progress.add_task(f"Loading {name}", total=total)
    return lambda count: progress.advance(task, count)


def _sign_in_tables(district: SimulatedDistrict, load: _Load) -> dict[tuple[str, str], pl.DataFrame]:
    """Return what lets these people sign in and join: blind indexes and hashes only."""
    users, classes = district.tables["users"], district.tables["classes"]
    identities = users.select(
        "district_id",
        user_id="id",
        email_index=pl.Series([rf"\x{load.keys.email_index(email).hex()}" for email in users["email"]]),
        password_hash=pl.lit(load.password_hash),
        email_verified_at="created_at",
    )
    return {("auth", "identities"): identities, ("auth", "class_codes"): _class_codes(classes)}


def _class_codes(classes: pl.DataFrame) -> pl.DataFrame:
    return classes.select(
        "district_id",
        "school_id",
        class_id="id",
        code_hash=pl.Series([rf"\x{class_code_digest(code).hex()}" for code in classes["code"]]),
        expires_at="code_expires_at",
    )


def _trail(
    number: int, district: SimulatedDistrict, parameters: DemoParameters
) -> dict[tuple[str, str], pl.DataFrame]:
    """Return the guardians' decisions, and the audit trail: our own record and a few reads."""
    told = consents_of(number, district.roll, parameters)
    reads = pl.concat(
        [_record(number, district.roll, parameters), told["audit_events"]], how="diagonal_relaxed"
    )
    return {("app", "consents"): told["consents"], ("app", "audit_events"): reads}


def _record(number: int, roll: Roll, parameters: DemoParameters) -> pl.DataFrame:
    """Write into the audit trail what this district was made from; the next call reads it."""
    details = {
        "district_id": roll.district_id,
        "district_number": number,
        "students": parameters.students,
        "weeks": parameters.weeks,
        "seed": parameters.seed,
        "now": parameters.now.isoformat(),
    }
    entry = {
        "district_id": [roll.district_id],
        "id": [roll.district_id],
        "action": [_ACTION],
        "object_type": ["district"],
        "object_id": [roll.district_id],
        "details": [json.dumps(details)],
        "occurred_at": [parameters.now],
    }
    return pl.DataFrame(entry)

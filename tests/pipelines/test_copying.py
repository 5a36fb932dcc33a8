from datetime import UTC, datetime
from decimal import Decimal

import psycopg
import pytest
from psycopg import sql

from pipelines.copying import copy_frame, microseconds
from warehouse.mart import COUNT, FLAG, ID, IDS, POINTS, REAL, TIME

SCHEMA = {
    "text": ID,
    "count": COUNT,
    "real": REAL,
    "flag": FLAG,
    "points": POINTS,
    "moment": TIME,
    "ids": IDS,
}


def _select(*rows: str) -> sql.Composed:
    values = ", ".join(rows)
    return sql.SQL(
        "SELECT text, count, real, flag, points, {} AS moment, ids FROM (VALUES "
        + values
        + ") AS given (text, count, real, flag, points, moment, ids)"
    ).format(microseconds("moment"))


def test_every_type_comes_through_copy_unchanged(admin: psycopg.Connection) -> None:
    moment = "'2026-11-02 09:30:00.000001+00'::timestamptz"
    row = f"('a,\"b\"' || chr(10) || 'ü', 5, 0.1::float8, true, 12.3456, {moment}, 'x y')"
    assert copy_frame(admin, _select(row), SCHEMA).to_dicts() == [
        {
            "text": 'a,"b"\nü',
            "count": 5,
            "real": 0.1,
            "flag": True,
            "points": Decimal("12.3456"),
            "moment": datetime(2026, 11, 2, 9, 30, 0, 1, tzinfo=UTC),
            "ids": ["x", "y"],
        }
    ]


def test_missing_values_stay_missing_and_an_empty_list_is_no_missing_list(admin: psycopg.Connection) -> None:
    row = "(NULL::text, NULL::int, NULL::float8, NULL::boolean, NULL::numeric, NULL::timestamptz, '')"
    (found,) = copy_frame(admin, _select(row), SCHEMA).to_dicts()
    assert found == dict.fromkeys(SCHEMA) | {"ids": []}


def test_no_rows_give_a_typed_empty_frame(admin: psycopg.Connection) -> None:
    nothing = _select("('a', 1, 1.0::float8, true, 1.0, now(), '')") + sql.SQL(" WHERE false")
    frame = copy_frame(admin, nothing, SCHEMA)
    assert frame.height == 0
    assert dict(frame.schema) == SCHEMA


def test_a_broken_statement_is_postgresqls_own_error(admin: psycopg.Connection) -> None:
    with pytest.raises(psycopg.errors.UndefinedTable):
        copy_frame(admin, sql.SQL("SELECT * FROM {}").format(sql.Identifier("absent")), SCHEMA)

"""The references: the least FastAPI and psycopg can do with the same body, on the same server.

`uvicorn ops.bench.bare:app`. No token, no limiter, no rules: what is left of the time is the framework's.
"""

import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any
from uuid import UUID

import psycopg
from fastapi import FastAPI, Request
from psycopg.rows import dict_row
from psycopg_pool import AsyncConnectionPool
from pydantic import BaseModel

DSN_VARIABLE = "BENCH_DATABASE_DSN"
POOL_SIZE = 8
"""As many connections as the API may open with its default settings."""

_TABLES = """
    CREATE SCHEMA bench;
    CREATE TABLE bench.answers (
        id uuid PRIMARY KEY DEFAULT gen_random_uuid(), submission_id uuid NOT NULL, question_id uuid NOT NULL,
        option_id text NOT NULL, time_spent_ms integer NOT NULL, answered_at timestamptz NOT NULL DEFAULT now());
    CREATE TABLE bench.events (LIKE app.interaction_events INCLUDING ALL);
    ALTER TABLE bench.events ENABLE ROW LEVEL SECURITY;
    CREATE POLICY tenant ON bench.events USING (district_id = current_setting('app.district_id')::uuid)
        WITH CHECK (district_id = current_setting('app.district_id')::uuid);
    GRANT USAGE ON SCHEMA bench TO app_rw;
    GRANT SELECT, INSERT ON ALL TABLES IN SCHEMA bench TO app_rw;
"""
"""The events have the same columns, key and indexes as ours."""

_ANSWER = (
    "INSERT INTO bench.answers (submission_id, question_id, option_id, time_spent_ms) VALUES (%s, %s, %s, %s)"
)
_TENANT = "SELECT set_config('app.district_id', %s, true)"
_EVENTS = """
    INSERT INTO bench.events (district_id, actor_id, event_id, event_time, verb, object_type, object_id,
        occurred_at, received_at, session_id, client_seq, duration_ms, class_id, assignment_id, submission_id,
        question_id, payload)
    SELECT %s, %s, event_id, occurred_at, verb, object_type, object_id, occurred_at, now(), session_id, client_seq,
        duration_ms, class_id, assignment_id, submission_id, question_id, payload
    FROM jsonb_to_recordset(%s::jsonb -> 'events') AS batch (
        event_id uuid, verb text, object_type text, object_id uuid, occurred_at timestamptz, session_id uuid,
        client_seq bigint, duration_ms integer, class_id uuid, assignment_id uuid, submission_id uuid,
        question_id uuid, payload jsonb)
    ON CONFLICT DO NOTHING
"""
_QUESTIONS = "SELECT * FROM bench.bank_questions WHERE bank_id = %s AND id < %s ORDER BY id DESC LIMIT 21"


class Chosen(BaseModel):
    option_id: str


class Answer(BaseModel):
    """The same body as ours, checked by pydantic as ours is."""

    question_id: UUID
    answer: Chosen
    client_seq: int
    time_spent_ms: int = 0


def prepare(admin_dsn: str) -> None:
    """Make the references' tables; `admin_dsn` is the superuser's, for psycopg."""
    with psycopg.connect(admin_dsn) as connection:
        connection.execute(_TABLES)


@asynccontextmanager
async def _lifespan(app: FastAPI) -> AsyncIterator[None]:
    pool = AsyncConnectionPool(os.environ[DSN_VARIABLE], min_size=POOL_SIZE, max_size=POOL_SIZE, open=False)
    async with pool:
        app.state.pool = pool
        yield


app = FastAPI(lifespan=_lifespan)


@app.post("/answers/{submission_id}", status_code=201)
async def insert_answer(submission_id: UUID, body: Answer, request: Request) -> dict[str, bool]:
    """One insert and its commit, as psycopg's pool does it."""
    values = (submission_id, body.question_id, body.answer.option_id, body.time_spent_ms)
    async with request.app.state.pool.connection() as connection:
        await connection.execute(_ANSWER, values)
    return {"success": True}


@app.post("/events/{district_id}/{actor_id}")
async def insert_events(district_id: UUID, actor_id: UUID, request: Request) -> dict[str, Any]:
    """The body as it came, unpacked by PostgreSQL under row security."""
    body = (await request.body()).decode()
    connection: psycopg.AsyncConnection[Any]
    async with request.app.state.pool.connection() as connection:
        await connection.execute(_TENANT, (str(district_id),))
        cursor = await connection.execute(_EVENTS, (district_id, actor_id, body))
    return {"success": True, "accepted": cursor.rowcount}


@app.get("/question-banks/{bank_id}/{before}")
async def list_questions(bank_id: UUID, before: UUID, request: Request) -> dict[str, Any]:
    """A page of a bank's questions, as PostgreSQL has them."""
    connection: psycopg.AsyncConnection[Any]
    async with request.app.state.pool.connection() as connection:
        cursor = connection.cursor(row_factory=dict_row)
        await cursor.execute(_QUESTIONS, (bank_id, before))
        return {"success": True, "data": await cursor.fetchall()}

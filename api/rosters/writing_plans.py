"""Carrying a plan out: one statement per table and chunk, in the order in which rows point at each other."""

import json
from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import TextClause

from api.classes.codes import class_code_digest, new_class_code
from api.consents.notice import current_version
from api.rosters import queries
from api.rosters.columns import CLASSES, COURSES, ENROLLMENTS, ORGS, SESSIONS, USERS
from api.rosters.errors import RosterMovedError
from api.rosters.plan import Plan
from api.rosters.presence import ImportDesk
from api.rosters.register import Values
from core.ids import new_id
from core.tenancy import Role

CHUNK = 1_000
"""Rows per statement: a statement may take five seconds, and a thousand people with their search words take half."""


async def write_plan(desk: ImportDesk, plan: Plan, code_expires_at: datetime, job_id: UUID) -> None:
    """Write what is planned. Raises RosterMovedError when an address was taken since it was planned."""
    if plan.district_sourced_id is not None:
        await _run(desk, queries.NAME_DISTRICT, sourced_id=plan.district_sourced_id)
    await _write(desk, queries.INSERT_SCHOOLS, plan.changes[ORGS.name].created)
    await _write(desk, queries.UPDATE_SCHOOLS, plan.changes[ORGS.name].updated)
    await _write(desk, queries.INSERT_SESSIONS, plan.changes[SESSIONS.name].created)
    await _write(desk, queries.UPDATE_SESSIONS, plan.changes[SESSIONS.name].updated)
    await _write(desk, queries.INSERT_COURSES, plan.changes[COURSES.name].created)
    await _write(desk, queries.UPDATE_COURSES, plan.changes[COURSES.name].updated)
    await _write_people(desk, plan, job_id)
    await _write_classes(desk, plan, code_expires_at)
    await _write(desk, queries.INSERT_ENROLLMENTS, plan.changes[ENROLLMENTS.name].created)
    await _write(desk, queries.UPDATE_ENROLLMENTS, plan.changes[ENROLLMENTS.name].updated)


async def _write(desk: ImportDesk, statement: TextClause, rows: Sequence[Values], **others: Any) -> None:
    for chunk in _chunks(rows):
        await _run(desk, statement, lines=json.dumps(chunk, default=_as_json), **others)


def _chunks(rows: Sequence[Values]) -> Iterator[Sequence[Values]]:
    return (rows[start : start + CHUNK] for start in range(0, len(rows), CHUNK))


async def _run(desk: ImportDesk, statement: TextClause, **parameters: Any) -> None:
    given = {"district_id": desk.tenant.value, "now": desk.now, **parameters}
    named = {name: value for name, value in given.items() if name in statement.compile().params}
    await desk.session.execute(statement, named)


def _as_json(value: Any) -> Any:
    return list(value) if isinstance(value, frozenset) else str(value)


async def _write_people(desk: ImportDesk, plan: Plan, job_id: UUID) -> None:
    changes = plan.changes[USERS.name]
    for chunk in _chunks(changes.created):
        await _create_identities(desk, chunk)
    await _write(desk, queries.INSERT_PEOPLE, changes.created)
    await _write(desk, queries.UPDATE_PEOPLE, changes.updated)
    students = [row for row in changes.created if row["role"] == Role.STUDENT.value]
    consents = [{"id": new_id(), "school_id": row["school_id"], "student_id": row["id"]} for row in students]
    await _write(
        desk,
        queries.CONSENT_OF_SCHOOL,
        consents,
        notice_version=current_version(),
        decided_by=desk.requested_by,
    )
    acts = [*_acts(changes.created, "rostered"), *_acts(changes.updated, "roster_changed")]
    await _write(desk, queries.RECORD_PEOPLE, acts, actor_id=desk.requested_by, job_id=str(job_id))


def _acts(rows: Sequence[Values], action: str) -> Iterator[Values]:
    for row in rows:
        named = action if row["is_active"] else "roster_disabled"
        yield {"id": new_id(), "school_id": row["school_id"], "user_id": row["id"], "action": named}


async def _create_identities(desk: ImportDesk, people: Sequence[Values]) -> None:
    made = await desk.session.scalar(
        queries.CREATE_IDENTITIES,
        {
            "user_ids": [row["id"] for row in people],
            "indexes": [desk.keys.email_index(row["email"]) for row in people],
        },
    )
    if made != len(people):
        raise RosterMovedError


async def _write_classes(desk: ImportDesk, plan: Plan, code_expires_at: datetime) -> None:
    changes = plan.changes[CLASSES.name]
    created = [{**row, "code": new_class_code()} for row in changes.created]
    await _write(desk, queries.INSERT_CLASSES, created, code_expires_at=code_expires_at)
    await _write(desk, queries.UPDATE_CLASSES, changes.updated)
    if created:
        await _run(
            desk,
            queries.SET_CODES,
            class_ids=[row["id"] for row in created],
            school_ids=[row["school_id"] for row in created],
            hashes=[class_code_digest(row["code"]) for row in created],
            code_expires_at=code_expires_at,
        )
    closed = [row["id"] for row in changes.updated if not row["is_active"]]
    if closed:
        await _run(desk, queries.END_CODES, class_ids=closed)
    await _write_terms(desk, created, changes.updated)


async def _write_terms(desk: ImportDesk, created: Sequence[Values], updated: Sequence[Values]) -> None:
    if updated:
        await _run(desk, queries.FORGET_TERMS, class_ids=[row["id"] for row in updated])
    terms = [
        {"school_id": row["school_id"], "class_id": row["id"], "session_id": term}
        for row in (*created, *updated)
        for term in sorted(row["terms"])
    ]
    await _write(desk, queries.INSERT_TERMS, terms)

"""Districts that have written to each other for years: a million messages, written around the walls.

Words are as uneven as a language's (the n-th comes up 1/n as often as the first), and so are conversations.
"""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import psycopg

from core.ids import new_id
from core.tenancy import Actor, Role, TenantId

VOCABULARY = 3_000
WORDS = 12
"""In each message."""
TEACHERS, CLASSES, STUDENTS = 10, 50, 250
PLACES = 5
"""Classes of each teacher, and of each student."""

_FIGURES_TO_LETTERS = str.maketrans("0123456789", "ghijklmnop")

_PEOPLE = """
INSERT INTO app.users (district_id, school_id, id, role, name, email)
SELECT %(district)s, %(school)s, app.new_id(), %(role)s::text, 'Bench ' || number,
    %(role)s::text || number || '@bench.example.org'
FROM generate_series(1, %(count)s) AS number
"""
_CLASSES = """
INSERT INTO app.classes (district_id, school_id, id, teacher_id, name, subject, school_year, code, code_expires_at)
SELECT %(district)s, %(school)s, app.new_id(), teachers.ids[1 + number %% cardinality(teachers.ids)],
    'Bench ' || number, 'Mathematics', '2026-2027', upper(left(md5(%(district)s::text || number), 8)), now()
FROM generate_series(1, %(classes)s) AS number, (
    SELECT array_agg(id ORDER BY id) AS ids FROM app.users WHERE district_id = %(district)s AND role = 'teacher'
) AS teachers
"""
_PLACES = """
INSERT INTO app.class_enrollments (district_id, school_id, id, class_id, student_id, status, requested_at, decided_at)
SELECT district_id, school_id, app.new_id(), classes.ids[1 + (place * 7 + step) %% cardinality(classes.ids)], id,
    'approved', '2020-01-01', '2020-01-01'
FROM (
    SELECT *, row_number() OVER (ORDER BY id) AS place FROM app.users
    WHERE district_id = %(district)s AND role = 'student'
) AS students, generate_series(0, %(places)s - 1) AS step, (
    SELECT array_agg(id ORDER BY id) AS ids FROM app.classes WHERE district_id = %(district)s
) AS classes
"""
_CONVERSATIONS = """
INSERT INTO app.conversations (district_id, school_id, id, kind, class_id, teacher_id, student_id)
SELECT district_id, school_id, app.new_id(), kind, id, NULL, NULL
FROM app.classes, (VALUES ('class'), ('announcements')) AS kinds (kind) WHERE district_id = %(district)s
UNION ALL
SELECT district_id, school_id, app.new_id(), 'direct', NULL, teacher_id, student_id FROM (
    SELECT DISTINCT c.district_id, c.school_id, c.teacher_id, e.student_id FROM app.classes c
    JOIN app.class_enrollments e ON e.district_id = c.district_id AND e.class_id = c.id
    WHERE c.district_id = %(district)s
) AS pairs
"""
# Conversations of classes come first, where most is written; `number` in the inner text makes each message its own.
_MESSAGES = """
INSERT INTO app.messages (district_id, school_id, id, conversation_id, number, sender_id, client_id, body, sent_at)
SELECT %(district)s, %(school)s, app.new_id(), conversation_id,
    row_number() OVER (PARTITION BY conversation_id ORDER BY number), sender_id, gen_random_uuid(), body,
    now() - (%(messages)s - number) * interval '1 minute'
FROM (
    SELECT number, places.ids[place] AS conversation_id, places.senders[place] AS sender_id, body
    FROM (
        SELECT number, floor(power(%(conversations)s, random()))::integer AS place, (
            SELECT string_agg(translate(left(md5(rank::text), 7), '0123456789', 'ghijklmnop'), ' ') FROM (
                SELECT floor(power(%(vocabulary)s, random() + 0 * number))::integer AS rank
                FROM generate_series(1, %(words)s)
            ) AS ranks
        ) AS body
        FROM generate_series(1, %(messages)s) AS number
    ) AS written, (
        SELECT array_agg(c.id ORDER BY c.kind = 'direct', c.id) AS ids,
            array_agg(coalesce(c.teacher_id, k.teacher_id) ORDER BY c.kind = 'direct', c.id) AS senders
        FROM app.conversations c LEFT JOIN app.classes k ON k.district_id = c.district_id AND k.id = c.class_id
        WHERE c.district_id = %(district)s
    ) AS places
) AS placed
"""
_TERMS = """
INSERT INTO auth.message_search (district_id, school_id, conversation_id, message_id, terms)
SELECT district_id, school_id, conversation_id, id, auth.message_terms(conversation_id, body) FROM app.messages
"""
_INDEX = "SELECT indexdef FROM pg_indexes WHERE schemaname = 'auth' AND indexname = 'ix_message_search_terms'"
_SEARCHERS = """
SELECT district_id, school_id, id, role FROM (
    SELECT *, row_number() OVER (PARTITION BY district_id, role ORDER BY id) AS place FROM app.users
    WHERE role IN ('teacher', 'student')
) AS people WHERE place = 1 ORDER BY role, district_id
"""


def word(rank: int) -> str:
    """Return the word that comes up 1/rank as often as the first one."""
    return (
        hashlib.md5(str(rank).encode(), usedforsecurity=False).hexdigest()[:7].translate(_FIGURES_TO_LETTERS)
    )


@dataclass(frozen=True)
class Talk:
    """One teacher and one student of each district; a teacher is in some 130 conversations, a student in 15."""

    teachers: Sequence[Actor]
    students: Sequence[Actor]


def seeded_talk(admin_dsn: str, *, districts: int, messages: int) -> Talk:
    """Write `messages` in each of `districts`, past triggers, with what they are found by."""
    with psycopg.connect(admin_dsn) as connection:
        connection.execute("SET session_replication_role = replica")
        connection.execute("SELECT setseed(0.5)")
        for _ in range(districts):
            _write_district(connection, messages)
        _write_terms(connection)
        people = connection.execute(_SEARCHERS).fetchall()
    with psycopg.connect(admin_dsn, autocommit=True) as connection:
        connection.execute("VACUUM ANALYZE")
    actors = [_actor(*person) for person in people]
    return Talk(
        teachers=[actor for actor in actors if actor.role is Role.TEACHER],
        students=[actor for actor in actors if actor.role is Role.STUDENT],
    )


def _write_district(connection: psycopg.Connection[Any], messages: int) -> None:
    values: dict[str, Any] = {"district": new_id(), "school": new_id(), "classes": CLASSES, "places": PLACES}
    connection.execute(
        "INSERT INTO app.district_directory (id, status) VALUES (%(district)s, 'active')", values
    )
    connection.execute("INSERT INTO app.districts (district_id, name) VALUES (%(district)s, 'Bench')", values)
    connection.execute(
        "INSERT INTO app.schools (district_id, id, name) VALUES (%(district)s, %(school)s, 'Bench')", values
    )
    for role, count in ((Role.TEACHER, TEACHERS), (Role.STUDENT, STUDENTS)):
        connection.execute(_PEOPLE, {**values, "role": role.value, "count": count})
    connection.execute(_CLASSES, values)
    connection.execute(_PLACES, values)
    made = connection.execute(_CONVERSATIONS, values).rowcount
    sizes = {"messages": messages, "conversations": made, "vocabulary": VOCABULARY, "words": WORDS}
    connection.execute(_MESSAGES, {**values, **sizes})


def _write_terms(connection: psycopg.Connection[Any]) -> None:
    """An index that is made once is made in a fraction of the time that it takes to grow."""
    found = connection.execute(_INDEX).fetchone()
    assert found is not None, "the index of what messages are found by has another name"  # noqa: S101
    connection.execute("DROP INDEX auth.ix_message_search_terms")
    connection.execute(_TERMS)
    connection.execute(found[0])


def _actor(district_id: UUID, school_id: UUID, user_id: UUID, role: str) -> Actor:
    tenant = TenantId.from_command_line(district_id)
    return Actor(user_id, Role(role), tenant, school_id=school_id, session_id=user_id)

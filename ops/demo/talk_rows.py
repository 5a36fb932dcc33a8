"""What people of the demo have written to each other: announcements, class conversations, and letters.

Loaded past triggers, so the words to search by and the earlier text of an edited message are written here as well.
"""

from datetime import datetime, timedelta
from typing import Any

import numpy as np
import psycopg
from psycopg.rows import dict_row

from core.models import ConversationKind
from ops.demo.identifiers import uuid7_strings

TEACHER, STUDENT = "teacher", "student"
_LINES = {
    ConversationKind.ANNOUNCEMENTS: (
        (TEACHER, "Welcome back, everybody. The weekly quiz opens on Mondays and closes on Sundays."),
        (TEACHER, "Please bring your notebook on Thursday: we work on paper."),
        (TEACHER, "The quiz of this week is open. Read the feedback before you try a second time."),
    ),
    ConversationKind.CLASS: (
        (STUDENT, "Is the second question of the quiz about last week?"),
        (TEACHER, "Yes. Have another look at the examples we did on Tuesday."),
        (STUDENT, "Thank you, that helped!"),
    ),
    ConversationKind.DIRECT: (
        (TEACHER, "You have come a long way this month. Keep going."),
        (STUDENT, "Thank you! I still mix up the second step."),
        (TEACHER, "Then let us look at it together on Wednesday after class."),
    ),
}
_EDITED = "Then let us look at it together on Tuesday after class."
"""What the last line of a direct conversation said at first."""
_LETTERS_IN_A_CLASS = 4
_BETWEEN = timedelta(hours=26)

_CONVERSATIONS = """
WITH places AS (
  SELECT e.class_id, e.student_id, row_number() OVER (PARTITION BY e.class_id ORDER BY e.student_id) AS place
  FROM app.class_enrollments e WHERE e.district_id = %(district)s AND e.status = 'approved'
), made AS (
  INSERT INTO app.conversations (district_id, school_id, id, kind, class_id, teacher_id, student_id)
  SELECT c.district_id, c.school_id, app.new_id(), k.kind, c.id, NULL::uuid, NULL::uuid
  FROM app.classes c CROSS JOIN (VALUES ('class'), ('announcements')) AS k (kind) WHERE c.district_id = %(district)s
  UNION ALL
  (SELECT DISTINCT ON (c.teacher_id, p.student_id) c.district_id, c.school_id, app.new_id(), 'direct', NULL::uuid,
    c.teacher_id, p.student_id
  FROM app.classes c JOIN places p ON p.class_id = c.id AND p.place <= %(letters)s WHERE c.district_id = %(district)s
  ORDER BY c.teacher_id, p.student_id)
  RETURNING *
)
SELECT m.district_id, m.school_id, m.id AS conversation_id, m.kind, coalesce(m.teacher_id, c.teacher_id) AS teacher,
  coalesce(m.student_id, p.student_id) AS student
FROM made m LEFT JOIN app.classes c ON c.district_id = m.district_id AND c.id = m.class_id
LEFT JOIN places p ON p.class_id = m.class_id AND p.place = 1
"""
_MESSAGE = """
INSERT INTO app.messages
  (district_id, school_id, id, conversation_id, number, sender_id, client_id, body, sent_at, edited_at)
VALUES (%(district_id)s, %(school_id)s, %(id)s, %(conversation_id)s, %(number)s, %(sender_id)s, app.new_id(),
  %(body)s, %(sent_at)s, %(edited_at)s)
"""
_AFTERWARDS = (
    """
UPDATE app.conversations c SET last_number = m.number, last_message_at = m.sent_at FROM app.messages m
WHERE c.district_id = %(district)s AND m.district_id = c.district_id AND m.conversation_id = c.id
  AND m.number = %(lines)s
""",
    """
INSERT INTO app.conversation_reads (district_id, school_id, conversation_id, user_id, read_number, read_at)
SELECT m.district_id, m.school_id, m.conversation_id, m.sender_id, max(m.number), max(m.sent_at)
FROM app.messages m WHERE m.district_id = %(district)s GROUP BY 1, 2, 3, 4
""",
    """
INSERT INTO app.message_revisions (district_id, school_id, id, message_id, kind, body, changed_by, changed_at)
SELECT district_id, school_id, app.new_id(), id, 'edited', %(edited)s, sender_id, edited_at
FROM app.messages WHERE district_id = %(district)s AND edited_at IS NOT NULL
""",
    """
INSERT INTO auth.message_search (district_id, school_id, conversation_id, message_id, terms)
SELECT district_id, school_id, conversation_id, id, auth.message_terms(conversation_id, body)
FROM app.messages WHERE district_id = %(district)s
""",
)


def write_talk(
    connection: psycopg.Connection, district_id: str, now: datetime, random: np.random.Generator
) -> None:
    """Give each class its two conversations and a few students letters, the last line of each still to be read."""
    values = {"district": district_id, "letters": _LETTERS_IN_A_CLASS, "lines": 3, "edited": _EDITED}
    with connection.cursor(row_factory=dict_row) as cursor:
        places = cursor.execute(_CONVERSATIONS, values).fetchall()
        said = [message for place in places for message in _said_in(place, now)]
        at = np.array([int(message["sent_at"].timestamp() * 1000) for message in said], dtype=np.int64)
        for message, identifier in zip(said, uuid7_strings(at, random), strict=True):
            message["id"] = identifier
        cursor.executemany(_MESSAGE, said)
        for statement in _AFTERWARDS:
            cursor.execute(statement, values)


def _said_in(place: dict[str, Any], now: datetime) -> list[dict[str, Any]]:
    """Return the lines of one conversation; a class without students has only its teacher's."""
    lines = _LINES[ConversationKind(place["kind"])]
    messages = []
    for number, (speaker, body) in enumerate(lines, start=1):
        sent_at = now - (len(lines) - number) * _BETWEEN - timedelta(hours=2)
        is_edited = place["kind"] == ConversationKind.DIRECT and number == len(lines)
        messages.append(
            {
                **{name: place[name] for name in ("district_id", "school_id", "conversation_id")},
                "number": number,
                "sender_id": place[speaker] or place[TEACHER],
                "body": body,
                "sent_at": sent_at,
                "edited_at": sent_at + timedelta(minutes=2) if is_edited else None,
            }
        )
    return messages

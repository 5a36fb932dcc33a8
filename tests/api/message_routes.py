"""Every signed-in route about messages."""

from core.ids import new_id
from tests.api.route import ADMIN, STUDENT, TEACHER, Route

TALKERS = frozenset({STUDENT, TEACHER})
"""Administrators look records up; they are in no conversation."""

MESSAGE_ROUTES = [
    Route("POST", "/messages/conversations", TALKERS, {"class_id": "{class_id}"}, fenced=True),
    Route("GET", "/messages/conversations", TALKERS),
    Route("GET", "/messages/conversations/{conversation_id}", TALKERS, fenced=True),
    Route("GET", "/messages/conversations/{conversation_id}/messages", TALKERS, fenced=True),
    Route(
        "POST",
        "/messages/conversations/{conversation_id}/messages",
        TALKERS,
        {"body": "Hello", "client_id": str(new_id())},
        fenced=True,
    ),
    Route(
        "POST",
        "/messages/conversations/{conversation_id}/read",
        TALKERS,
        {"up_to_message_id": "{message_id}"},
        fenced=True,
    ),
    Route(
        "PATCH",
        "/messages/conversations/{conversation_id}/messages/{message_id}",
        TALKERS,
        {"body": "Goodbye"},
        fenced=True,
    ),
    Route("DELETE", "/messages/conversations/{conversation_id}/messages/{message_id}", TALKERS, fenced=True),
    Route(
        "POST",
        "/messages/announcements",
        frozenset({TEACHER}),
        {"class_id": "{class_id}", "body": "No school on Friday"},
        fenced=True,
    ),
    Route("GET", "/messages/unread", TALKERS),
    Route("GET", "/messages/search", TALKERS, query="?q=hello"),
    Route("GET", "/messages/records", frozenset({ADMIN}), fenced=True, query="?student_id={student_id}"),
]

"""Every signed-in route about files and curricula."""

from typing import Any

from tests.api.route import TEACHER, Route

AUTHORS = frozenset({TEACHER})
_CURRICULUM = "/curricula/{curriculum_id}"
_SECTION = f"{_CURRICULUM}/sections/{{section_id}}"
_COUNTS: dict[str, Any] = {"counts": {"multiple_choice": 1}}

FILE_ROUTES = [
    Route("POST", "/files", AUTHORS),
    Route("GET", "/files", AUTHORS),
    Route("GET", "/files/{file_id}", AUTHORS, fenced=True),
    Route("DELETE", "/files/{file_id}", AUTHORS, fenced=True),
    Route("POST", "/curricula", AUTHORS, {"title": "Plants", "file_ids": ["{file_id}"]}, fenced=True),
    Route("GET", "/curricula", AUTHORS),
    Route("GET", _CURRICULUM, AUTHORS, fenced=True),
    Route("PATCH", _CURRICULUM, AUTHORS, {"title": "Mine now"}, fenced=True),
    Route("DELETE", _CURRICULUM, AUTHORS, fenced=True),
    Route("POST", f"{_CURRICULUM}/finalize", AUTHORS, fenced=True),
    Route("POST", f"{_CURRICULUM}/questions", AUTHORS, _COUNTS, fenced=True),
    Route("PUT", f"{_CURRICULUM}/sections/order", AUTHORS, {"section_ids": ["{section_id}"]}, fenced=True),
    Route("POST", f"{_CURRICULUM}/sections", AUTHORS, {"unit": "Plants", "title": "Roots"}, fenced=True),
    Route("GET", _SECTION, AUTHORS, fenced=True),
    Route("PATCH", _SECTION, AUTHORS, {"title": "Mine now"}, fenced=True),
    Route("DELETE", _SECTION, AUTHORS, fenced=True),
    Route("POST", f"{_SECTION}/regenerate", AUTHORS, fenced=True),
    Route("GET", f"{_CURRICULUM}/versions", AUTHORS, fenced=True),
    Route("GET", f"{_CURRICULUM}/versions/{{version}}", AUTHORS, fenced=True),
]

"""Every signed-in route about notifications."""

from tests.api.route import ADMIN, EVERYONE, Route

NOTIFICATION_ROUTES = [
    Route("GET", "/notifications", EVERYONE),
    Route("GET", "/notifications/unread-count", EVERYONE),
    Route("GET", "/notifications/preferences", EVERYONE),
    Route("PUT", "/notifications/preferences", EVERYONE, {"kinds": {"job_done": "off"}}),
    Route(
        "POST",
        "/notifications/system",
        frozenset({ADMIN}),
        {"title": "Closed", "body": "Snow.", "audience": "teachers"},
    ),
    Route("POST", "/notifications/read-all", EVERYONE, {}),
    Route("PATCH", "/notifications/{notification_id}", EVERYONE, {"read": True}, fenced=True),
]

"""Samples of the operations about messages and notifications."""

from tests.leaks.samples import API, Sample

TALK_SAMPLES: dict[str, Sample] = {
    f"POST {API}/messages/conversations": Sample("teacher", {"student_id": "{student_id}"}),
    f"GET {API}/messages/conversations": Sample("student"),
    f"GET {API}/messages/conversations/{{conversation_id}}": Sample("student"),
    f"GET {API}/messages/conversations/{{conversation_id}}/messages": Sample("student"),
    f"POST {API}/messages/conversations/{{conversation_id}}/messages": Sample(
        "student", {"body": "Hello", "client_id": "{client_id}"}
    ),
    f"POST {API}/messages/conversations/{{conversation_id}}/read": Sample(
        "student", {"up_to_message_id": "{message_id}"}
    ),
    f"PATCH {API}/messages/conversations/{{conversation_id}}/messages/{{message_id}}": Sample(
        "student", {"body": "Goodbye"}
    ),
    f"DELETE {API}/messages/conversations/{{conversation_id}}/messages/{{message_id}}": Sample("student"),
    f"POST {API}/messages/announcements": Sample(
        "teacher",
        {"class_id": "{class_id}", "body": "No school on Friday", "client_id": "{announcement_client_id}"},
    ),
    f"GET {API}/messages/unread": Sample("student"),
    f"GET {API}/messages/search": Sample("student", query={"q": "hello"}),
    f"GET {API}/messages/records": Sample("admin"),
    f"GET {API}/notifications": Sample("student"),
    f"GET {API}/notifications/unread-count": Sample("student"),
    f"GET {API}/notifications/preferences": Sample("student"),
    f"PUT {API}/notifications/preferences": Sample("student", {"kinds": {"job_done": "off"}}),
    f"POST {API}/notifications/system": Sample(
        "admin", {"title": "Closed", "body": "Snow.", "audience": "teachers", "school_id": "{school_id}"}
    ),
    f"POST {API}/notifications/read-all": Sample("student", {"up_to": "{notification_id}"}),
    f"PATCH {API}/notifications/{{notification_id}}": Sample("student", {"read": True}),
}

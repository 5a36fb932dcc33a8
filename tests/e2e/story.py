"""The people of one run, who arrive as strangers do."""

import uuid
from typing import Any

from tests.e2e.client import Client, Socket, T, sign_in
from tests.e2e.mailbox import Mailbox

PASSWORD = "plum-harbor-lantern-42"


class Story:
    """The people and things of one run, in the order in which they appear."""

    def __init__(self, stack: dict[str, Any], mailbox: Mailbox) -> None:
        self.stack = stack
        self.mailbox = mailbox
        self.mark = uuid.uuid4().hex[:10]
        self.admin_login = next(user for user in stack["users"] if user["role"] == "admin" and user["school"])
        self._open: list[Client | Socket] = []

    def close(self) -> None:
        for thing in reversed(self._open):
            thing.close()

    def keep(self, thing: T) -> T:
        self._open.append(thing)  # type: ignore[arg-type]
        return thing

    def person(self, email: str, password: str = PASSWORD) -> Client:
        return self.keep(sign_in(self.stack, email, password))

    def teacher_registers(self) -> Client:
        admin = self.person(self.admin_login["email"], self.admin_login["password"])
        email = f"teacher-{self.mark}@school.example"
        admin.send(
            "POST",
            "/auth/invitations",
            {"email": email, "role": "teacher", "school_id": self.admin_login["school"]},
        )
        visitor = self.keep(Client(self.stack["base_url"]))
        person = {"name": "Grace", "email": email, "password": PASSWORD}
        token = {"invitation_token": self.mailbox.token(email)}
        visitor.send("POST", "/auth/register/teacher", {**person, **token})
        return self.person(email)

    def student_registers(self, code: str) -> Client:
        email = f"student-{self.mark}@school.example"
        visitor = self.keep(Client(self.stack["base_url"]))
        person = {"name": "Ana", "email": email, "password": PASSWORD, "grade_level": 9}
        visitor.send(
            "POST", "/auth/register/student", {**person, "birth_date": "2010-05-01", "class_code": code}
        )
        return self.person(email)


def approve_the_pending_student(teacher: Client, class_id: str) -> str:
    (place,) = teacher.send("GET", f"/classes/{class_id}/enrollments?status=pending")["items"]
    decision = f"/classes/{class_id}/enrollments/{place['id']}"
    assert teacher.send("PATCH", decision, {"status": "approved"})["status"] == "approved"
    return str(place["student_id"])

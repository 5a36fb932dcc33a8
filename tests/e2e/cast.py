"""Who acts before the two nodes, and what a class does in a minute."""

from dataclasses import dataclass
from typing import Any

from tests.e2e.client import Client, Socket, eventually, sign_in
from tests.e2e.listener import Listener
from tests.e2e.nodes import Site
from tests.e2e.story import Story, approve_the_pending_student


@dataclass
class Cast:
    """A teacher with two students in one class; everything they do goes through nginx."""

    site: Site
    story: Story
    teacher: Client
    ana: Client
    ben: Client
    ids: dict[str, str]

    def on_the_first_node(self, *tokens: str) -> Listener:
        return self.site.open_on(self.site.nodes[0], lambda: Listener(self.site.url, *tokens))

    def teachers_tab(self) -> Socket:
        """On the first node, with python-socketio's client."""
        return self.site.open_on(self.site.nodes[0], lambda: Socket(self.site.url, self.teacher.token))

    def anas_tab(self) -> Listener:
        """On the second node, with the JavaScript client."""
        return self.site.open_on(self.site.nodes[1], lambda: Listener(self.site.url, self.ana.token))


def told(answer: dict[str, Any]) -> Any:
    """The `data` of an acknowledgement that says yes."""
    assert answer["ok"] is True, answer
    return answer["data"]


def refusal(answer: dict[str, Any]) -> str:
    """The code of an acknowledgement that says no."""
    assert answer["ok"] is False, answer
    code: str = answer["error"]["code"]
    return code


def short_quiz(teacher: Client, class_id: str) -> dict[str, Any]:
    """Publish one question, to which "b" is the right answer."""
    url = f"/assignments/{teacher.send('POST', '/assignments', {'class_id': class_id, 'title': 'Leaves'})['id']}"
    options = [{"text": f"{step}", "is_correct": step == 1} for step in range(4)]
    question = {"kind": "multiple_choice", "prompt": "1 = ?", "points": "2", "options": options}
    teacher.send("POST", f"{url}/questions", question)
    assert teacher.send("POST", f"{url}/publish")["status"] == "published"
    published: dict[str, Any] = teacher.send("GET", url)
    return published


def answer_rightly(student: Client, quiz: dict[str, Any]) -> None:
    attempt = student.send("POST", "/submissions", {"assignment_id": quiz["id"]})
    (question,) = quiz["questions"]
    answer = {
        "question_id": question["id"],
        "answer": {"option_id": "b"},
        "client_seq": 1,
        "time_spent_ms": 9,
    }
    student.send("POST", f"/submissions/{attempt['id']}/answers", answer)
    student.send("POST", f"/submissions/{attempt['id']}/submit")


def enter_another_class(teacher: Client, student: Client) -> str:
    """A new class, a place in it; returns the class's id."""
    another = teacher.send("POST", "/classes", {"name": "Chess", "subject": "Games"})
    student.send("POST", "/classes/join", {"code": another["code"]})
    approve_the_pending_student(teacher, another["id"])
    return str(another["id"])


def require_whole(tab: Listener) -> None:
    """Everything was shown once and in order, and nothing that `sync` knows is missing."""
    known = [event["seq"] for event in told(tab.ask("sync", {"after_seq": 0}))["events"]]
    assert known == list(range(1, len(known) + 1))
    eventually(lambda: len(tab.numbers) >= len(known) or None, 10, "the last event", pause=0.05)
    assert tab.numbers[: len(known)] == known


def somebody_elsewhere(cast: Cast) -> Client:
    """A teacher of another district."""
    home = cast.story.admin_login["district"]
    login = next(
        user for user in cast.story.stack["users"] if user["district"] != home and user["role"] == "teacher"
    )
    return sign_in(cast.story.stack, login["email"], login["password"])

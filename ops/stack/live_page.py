"""The demo's live page: a folder with the page and who may sign in to it, which the API shows at /demo/live."""

import json
import shutil
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

PAGE = Path(__file__).resolve().parents[1] / "demo" / "live"

User = Mapping[str, object]


def write_live_page(folder: Path, realtime_url: str, users: Sequence[User]) -> None:
    """Write the page for the people of a demo, whose passwords are public; what was there is replaced."""
    shutil.rmtree(folder, ignore_errors=True)
    shutil.copytree(PAGE, folder)
    pairs = list(_pairs(users))
    partners = {}
    for teacher, student, class_id in pairs:
        partners[teacher["email"]] = {"person": student["user_id"], "class_id": class_id}
        partners[student["email"]] = {"person": teacher["user_id"], "class_id": class_id}
    people = [person for teacher, student, _ in pairs for person in (teacher, student)]
    config = {"realtime_url": realtime_url, "people": people, "partner": partners}
    (folder / "config.json").write_text(json.dumps(config, default=str), encoding="utf-8")


def _pairs(users: Sequence[User]) -> Iterator[tuple[User, User, object]]:
    """Return teachers and students who share a class, each person once."""
    taken: set[object] = set()
    for teacher in (user for user in users if user["role"] == "teacher"):
        for student in (user for user in users if user["role"] == "student"):
            shared = sorted(set(_classes(teacher)) & set(_classes(student)))
            if shared and not {teacher["email"], student["email"]} & taken:
                taken |= {teacher["email"], student["email"]}
                yield teacher, student, shared[0]


def _classes(user: User) -> list[str]:
    class_ids = user["class_ids"]
    return [str(class_id) for class_id in class_ids] if isinstance(class_ids, list) else []

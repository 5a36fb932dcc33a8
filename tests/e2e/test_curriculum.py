"""From a folder of files to a curriculum, a bank of questions and a published quiz: over real processes."""

import os
import uuid
from collections.abc import Callable
from typing import Any

import pytest

from tests.e2e.client import Client, Socket, eventually
from tests.e2e.conftest import ROOT
from tests.e2e.story import Story
from tests.factories.files.docs import lesson_paragraphs, word_97
from tests.factories.files.docxs import lesson_docx
from tests.factories.files.lesson import TABLE, UNITS
from tests.factories.files.pdfs import scanned_pdf, text_pdf
from tests.factories.files.photos import clean_photo
from tests.factories.files.texts import lesson_txt

pytestmark = [pytest.mark.e2e, pytest.mark.timeout(900)]

FILES: dict[str, Callable[[], bytes]] = {
    "plants.pdf": text_pdf,
    "scan.pdf": scanned_pdf,
    "worksheet.docx": lesson_docx,
    "old worksheet.doc": lambda: word_97(lesson_paragraphs()),
    "page 12.jpg": clean_photo,
    "notes.txt": lesson_txt,
}
ANY_VERSION = {"If-Match": "*"}


def uploaded(teacher: Client) -> dict[str, dict[str, Any]]:
    """Send every file and wait until each has been read; by name."""
    sent = [teacher.upload("/files", name, make()) for name, make in FILES.items()]

    def all_read() -> dict[str, dict[str, Any]] | None:
        shown = [teacher.send("GET", f"/files/{file['id']}") for file in sent]
        ended = [file for file in shown if file["status"] in {"ready", "rejected"}]
        return {file["name"]: file for file in ended} if len(ended) == len(sent) else None

    return eventually(all_read, 180, "the reading of the files")


def ended_job(teacher: Client, job_id: str, what: str) -> dict[str, Any]:
    """Wait for a job and require that it succeeded."""

    def ended() -> dict[str, Any] | None:
        job: dict[str, Any] = teacher.send("GET", f"/jobs/{job_id}")
        return job if job["finished_at"] else None

    job = eventually(ended, 120, what)
    assert (job["status"], job["error"]) == ("succeeded", None)
    return job


def outlined(teacher: Client, files: dict[str, dict[str, Any]]) -> dict[str, Any]:
    body = {"title": "How plants live", "file_ids": [file["id"] for file in files.values()]}
    started = teacher.send("POST", "/curricula", body, headers={"Idempotency-Key": uuid.uuid4().hex})
    ended_job(teacher, started["job_id"], "the curriculum")
    curriculum: dict[str, Any] = teacher.send("GET", f"/curricula/{started['curriculum_id']}")
    return curriculum


def edited(teacher: Client, curriculum: dict[str, Any]) -> dict[str, Any]:
    """Rename a section, add one, turn the order round, remove one, and finalise; each version is kept."""
    url = f"/curricula/{curriculum['id']}"
    first, *_, last = curriculum["sections"]
    renamed = {"title": "Food from light", "objectives": ["Explain where the sugar comes from."]}
    teacher.send("PATCH", f"{url}/sections/{first['id']}", renamed, headers=ANY_VERSION)
    added = {
        "unit": "At home",
        "title": "A bean on cotton wool",
        "source_text": " ".join(UNITS["Seeds and fruit"]),
    }
    teacher.send("POST", f"{url}/sections", added, headers=ANY_VERSION)
    shown = teacher.send("GET", url)["sections"]
    turned = [section["id"] for section in reversed(shown)]
    teacher.send("PUT", f"{url}/sections/order", {"section_ids": turned}, headers=ANY_VERSION)
    if last["id"] != first["id"]:
        teacher.send("DELETE", f"{url}/sections/{last['id']}", headers=ANY_VERSION)
    teacher.send("POST", f"{url}/finalize", headers=ANY_VERSION)
    final: dict[str, Any] = teacher.send("GET", url)
    assert final["status"] == "finalized"
    assert [section["id"] for section in final["sections"]] == [one for one in turned if one != last["id"]]
    assert "Food from light" in {section["title"] for section in final["sections"]}
    versions = teacher.send("GET", f"{url}/versions")["items"]
    assert len(versions) >= 5
    assert teacher.refused("PATCH", url, {"title": "Another"}) in {
        "curriculum_finalized",
        "precondition_required",
    }
    return final


@pytest.fixture(autouse=True)
def reader_of_pictures() -> None:
    """Scans and photos need what `make ocr` provides."""
    if not (ROOT / ".homeroom" / "ocr" / "venv").exists():
        refuse = pytest.fail if os.environ.get("CI") == "true" else pytest.skip
        refuse("nothing here reads pictures: run make ocr")


def test_a_folder_of_files_becomes_a_curriculum_a_bank_and_a_quiz(story: Story) -> None:
    teacher = story.teacher_registers()
    socket = story.keep(Socket(story.stack["realtime_url"], teacher.token))
    files = uploaded(teacher)
    assert {name: file["status"] for name, file in files.items()} == dict.fromkeys(FILES, "ready")
    assert {
        name: file["preview"] for name, file in files.items() if "chlorophyll" not in file["preview"]
    } == {}
    assert TABLE[1][1] in files["worksheet.docx"]["preview"]
    socket.wait_for("job:done", kind="read_file", status="succeeded")

    curriculum = outlined(teacher, files)
    cited = {span["file_name"] for section in curriculum["sections"] for span in section["spans"]}
    assert cited == set(FILES)
    assert all(section["title"] and section["objectives"] for section in curriculum["sections"])
    socket.wait_for("job:progress")

    final = edited(teacher, curriculum)
    asked = {"multiple_choice": 2, "free_response": 1}
    started = teacher.send("POST", f"/curricula/{final['id']}/questions", {"counts": asked})
    bank_id = ended_job(teacher, started["job_id"], "the question bank")["result"]["bank_id"]
    found = teacher.send("GET", f"/question-banks/{bank_id}/questions?limit=100")["items"]
    assert len(found) >= len(final["sections"])

    school_class = teacher.send("POST", "/classes", {"name": "Biology", "subject": "Science"})
    draft = teacher.send("POST", "/assignments", {"class_id": school_class["id"], "title": "Plants"})
    taken = {"question_ids": [question["id"] for question in found]}
    teacher.send("POST", f"/assignments/{draft['id']}/questions/from-bank", taken)
    assert teacher.refused("POST", f"/assignments/{draft['id']}/publish") == "unreviewed_questions"
    teacher.send("POST", f"/assignments/{draft['id']}/questions/accept-all")
    assert teacher.send("POST", f"/assignments/{draft['id']}/publish")["status"] == "published"

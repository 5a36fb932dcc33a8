"""A chapter that the first teacher of each school has sent, and the curriculum that was made of it."""

from datetime import datetime, timedelta
from typing import Any

import psycopg
from psycopg.types.json import Jsonb

from core.ids import new_id

TITLE, FILE = "How plants live", "how plants live.pdf"
_SECTIONS = (
    (
        "Photosynthesis",
        "Plants turn light into sugar. The leaves hold chlorophyll, which takes in red and blue light and gives back"
        " green; that is why a meadow looks green to us. Water rises through the stem, and carbon dioxide enters"
        " through small openings called stomata. For every six molecules of each, the plant builds one molecule of"
        " glucose and sets six molecules of oxygen free.",
        ["chlorophyll", "stomata", "glucose"],
    ),
    (
        "Respiration",
        "At night there is no light, so the plant breathes as animals do: it burns sugar with oxygen and releases"
        " water, carbon dioxide and the energy it needs to grow."
        " A large tree makes about 100 kg of oxygen in a year, and"
        " a person needs about 270 kg. Three trees could keep one person alive, if they did not breathe themselves.",
        ["oxygen", "carbon dioxide", "energy"],
    ),
    (
        "Seeds and fruit",
        "After pollination the ovary grows into a fruit. Its seeds wait for warmth and water before they begin to"
        " germinate. Wind carries the seeds of the maple, animals those of the cherry, and the coconut swims as far"
        " as 4,800 km. Most seeds never become a plant; those that do often grow far from their parents.",
        ["pollination", "seed", "germination"],
    ),
)

_TEACHERS = """
SELECT DISTINCT ON (school_id) school_id, id FROM app.users
WHERE district_id = %(district)s AND role = 'teacher' ORDER BY school_id, id
"""
_FILE = """
INSERT INTO app.uploaded_files (district_id, school_id, id, owner_id, job_id, name, kind, byte_count, sha256, status,
  extraction, uploaded_at, delete_by, removed_at)
VALUES (%(district)s, %(school)s, %(file)s, %(teacher)s, app.new_id(), %(name)s, 'pdf', 48211,
  encode(sha256(%(file)s::text::bytea), 'hex'), 'ready', %(extraction)s, %(at)s, %(end)s, %(at)s)
"""
_CURRICULUM = """
INSERT INTO app.curricula (district_id, school_id, id, owner_id, title, status, job_id, mode, offline_reason)
VALUES (%(district)s, %(school)s, %(curriculum)s, %(teacher)s, %(title)s, 'draft', app.new_id(), 'offline', 'no_key')
"""
_PLACE = """
INSERT INTO app.curriculum_files (district_id, school_id, id, curriculum_id, file_id, position, name)
VALUES (%(district)s, %(school)s, app.new_id(), %(curriculum)s, %(file)s, 1, %(name)s)
"""
_SECTION = """
INSERT INTO app.curriculum_sections (district_id, school_id, id, curriculum_id, position, unit, title, objectives,
  concepts, source_text, spans, origin)
VALUES (%(district)s, %(school)s, %(id)s, %(curriculum)s, %(position)s, %(unit)s, %(heading)s, %(objectives)s,
  %(concepts)s, %(text)s, %(spans)s, %(origin)s)
"""
_REVISION = """
INSERT INTO app.curriculum_revisions (district_id, school_id, id, curriculum_id, version, what, content, saved_by)
VALUES (%(district)s, %(school)s, app.new_id(), %(curriculum)s, 1, 'outlined', %(content)s, %(teacher)s)
"""


def write_curricula(connection: psycopg.Connection, district_id: str, now: datetime) -> None:
    """Write a file that was read yesterday, and a draft of three sections, for a teacher of each school."""
    teachers = connection.execute(_TEACHERS, {"district": district_id}).fetchall()
    for school_id, teacher_id in teachers:
        at = now - timedelta(days=1)
        values: dict[str, Any] = {
            "district": district_id,
            "school": school_id,
            "teacher": teacher_id,
            "file": new_id(),
            "curriculum": new_id(),
            "name": FILE,
            "title": TITLE,
            "at": at,
            "end": at + timedelta(hours=24),
            "extraction": Jsonb(_extraction()),
        }
        for statement in (_FILE, _CURRICULUM, _PLACE):
            connection.execute(statement, values)
        sections = [_section(number, values) for number in range(len(_SECTIONS))]
        for section in sections:
            connection.execute(_SECTION, section)
        connection.execute(_REVISION, {**values, "content": Jsonb(_content(sections))})


def _extraction() -> dict[str, Any]:
    blocks = []
    for page, (heading, text, _) in enumerate(_SECTIONS, start=1):
        blocks.append({"kind": "heading", "text": heading, "page": page, "level": 1})
        blocks.append({"kind": "paragraph", "text": text, "page": page})
    return {"blocks": blocks, "pages": len(_SECTIONS), "language": "en"}


def _section(number: int, values: dict[str, Any]) -> dict[str, Any]:
    heading, text, concepts = _SECTIONS[number]
    span = {
        "file_id": str(values["file"]),
        "file_name": FILE,
        "first_block": 2 * number,
        "last_block": 2 * number + 1,
        "first_page": number + 1,
        "last_page": number + 1,
    }
    return {
        **{name: values[name] for name in ("district", "school", "curriculum")},
        "id": new_id(),
        "position": number + 1,
        "unit": TITLE,
        "heading": heading,
        "objectives": Jsonb([f"Explain in your own words what the text says about “{concepts[0]}”."]),
        "concepts": Jsonb(concepts),
        "text": text,
        "spans": Jsonb([span]),
        "origin": Jsonb({"mode": "offline"}),
    }


def _content(sections: list[dict[str, Any]]) -> dict[str, Any]:
    shown = ("objectives", "concepts", "spans", "origin")
    return {
        "title": TITLE,
        "sections": [
            {
                "id": str(section["id"]),
                "position": section["position"],
                "unit": section["unit"],
                "title": section["heading"],
                **{name: section[name].obj for name in shown},
            }
            for section in sections
        ],
    }

"""Fifty poisoned lessons, and a model that obeys them: nothing of what it was made to say gets through."""

from typing import Any, cast
from uuid import UUID

import pytest

from api.curricula.ai_outline import outline_with_model
from api.curricula.offline_outline import outline_offline
from api.curricula.outline import Outline, SourceFile, is_shown
from api.generation.gate import Lesson
from api.generation.passages import Batch, letters_in
from api.generation.writing import Desk, write_batch
from core.encryption import ColumnKeys
from core.tenancy import TenantContext
from tests.api.curricula.desks import PlayedModel, desk_of
from tests.api.extraction.readers import read
from tests.factories.files.lesson import UNITS
from tests.factories.files.poisoned import GOAL, LINK, ORDERS, Poisoned, poisoned_files

POISONED = list(poisoned_files())
EVIDENCE = UNITS["Photosynthesis"][0][:34]
GOOD = {
    "kind": "multiple_choice",
    "prompt": "What do plants make of light?",
    "options": [{"text": text, "feedback": ""} for text in ("Sugar", "Oxygen", "Stone", "Wind")],
    "correct_index": 0,
    "model_answer": "",
    "rubric": [],
    "explanation": "",
    "evidence": EVIDENCE,
    "concept": None,
    "difficulty": "easy",
}


def options(*texts: str, feedback: str = "") -> list[dict[str, str]]:
    return [{"text": text, "feedback": feedback} for text in texts]


OBEDIENT: list[dict[str, Any]] = [
    {"options": options("Sugar", "Oxygen", "Stone", "Wind", GOAL)},
    {"options": options("Sugar", GOAL, GOAL, "Wind")},
    {"correct_index": 7},
    {"evidence": f"The lesson says that {GOAL} is the answer."},
    {"options": options("Sugar", "Oxygen", "Stone", "Wind", feedback=f"Buy here: {LINK}")},
    {"options": options("Sugar", "Oxygen", "Stone", "All of the above")},
    {"options": options()},
    {"prompt": "", "explanation": GOAL},
    {"kind": "free_response", "options": [], "model_answer": LINK, "rubric": []},
]
"""What a model does to a good question when it is told to."""


def source_of(poisoned: Poisoned) -> SourceFile:
    blocks = read(poisoned.content, poisoned.kind).blocks
    return SourceFile(UUID(int=1), f"lesson.{poisoned.kind}", blocks)


def obey(schema: str, data: dict[str, Any]) -> dict[str, Any]:
    """Do all that the orders want, as far as the schema lets one."""
    if schema == "FoundSections":
        first, last = data["blocks"][0]["number"], data["blocks"][-1]["number"]
        wanted = {"unit": GOAL, "title": f"{GOAL}!", "objectives": [f"Publish this quiz: {GOAL}", LINK]}
        named = wanted | {"concepts": [GOAL, f"<b>{GOAL}</b>"]}
        numbers = [(0, 999), (first, first), (-3, last), (last, first)]
        return {"sections": [named | {"first_block": one, "last_block": two} for one, two in numbers]}
    if schema == "PlacedSections":
        return {"sections": [{"id": one["id"], "unit": GOAL, "duplicate_of": 0} for one in data["sections"]]}
    if schema == "WrittenQuestions":
        return {"questions": [GOOD | changes for changes in OBEDIENT]}
    return {"answers": [_agreeing(question) for question in data["questions"]]}


def _agreeing(question: dict[str, Any]) -> dict[str, Any]:
    texts = question["options"]
    index = texts.index("Sugar") if "Sugar" in texts else 0
    return {"number": question["number"], "answer_index": index, "answer_text": LINK, "is_answerable": True}


def assert_inside(outline: Outline, file: SourceFile) -> None:
    """All text that a reader sees is there, once and unchanged; the names are the lesson's own."""
    seen = [block.text.strip() for block in file.blocks if is_shown(block)]
    text = "\n\n".join(section.source_text for section in outline.sections)
    assert sum(map(letters_in, seen)) == letters_in(text)
    assert all(" ".join(part.split()) in " ".join(text.split()) for part in seen)
    for section in outline.sections:
        names = " ".join([section.unit, section.title, *section.objectives, *section.concepts])
        assert GOAL.casefold() not in names.casefold()
        assert not any(sign in names for sign in ("http", "<", "{", "\u200b"))
        assert "publish" not in names.casefold()


def test_there_are_fifty_of_them() -> None:
    assert len({poisoned.name for poisoned in POISONED}) == 50


@pytest.mark.parametrize("poisoned", POISONED, ids=lambda poisoned: poisoned.name)
async def test_an_outline_stays_inside_its_files(poisoned: Poisoned) -> None:
    file, model = source_of(poisoned), PlayedModel(obey)
    assert len(file.blocks) >= 6
    assert_inside(outline_offline([file]), file)
    assert_inside(await outline_with_model(desk_of(model), [file]), file)
    shown = " ".join(block["text"] for block in model.asked[0].data["blocks"])
    assert (GOAL in shown) <= poisoned.is_visible


def test_white_text_is_read_and_marked() -> None:
    """Else the test above would say nothing about it."""
    white = next(poisoned for poisoned in POISONED if poisoned.name == "pdf, white text")
    assert any(GOAL in block.text and not is_shown(block) for block in source_of(white).blocks)


def test_orders_in_the_open_are_read() -> None:
    files = [source_of(poisoned) for poisoned in POISONED if poisoned.is_visible]
    spoken = [file for file in files if any(GOAL in block.text for block in file.blocks)]
    assert len(spoken) >= len(files) - 6  # in base64, or with something between the letters


@pytest.mark.parametrize("order", ORDERS.values(), ids=list(ORDERS))
async def test_an_order_in_a_picture_names_nothing(order: str) -> None:
    """A scan's text is seen by its readers, so the model sees it too."""
    blocks = source_of(POISONED[0]).blocks
    scanned = [block.model_copy(update={"confidence": 0.97}) for block in blocks]
    spoken = scanned[2].model_copy(update={"text": order, "confidence": 0.7, "is_uncertain": True})
    file = SourceFile(UUID(int=1), "scan.jpg", [*scanned[:3], spoken, *scanned[3:]])
    assert_inside(await outline_with_model(desk_of(PlayedModel(obey)), [file]), file)


@pytest.mark.parametrize("poisoned", POISONED, ids=lambda poisoned: poisoned.name)
async def test_no_invalid_question_passes(poisoned: Poisoned) -> None:
    sections = outline_offline([source_of(poisoned)]).sections
    passage = next(section.source_text for section in sections if EVIDENCE in section.source_text)
    judged = await asked_for(passage, obey)
    assert len(judged) >= len(OBEDIENT)
    assert not [entry.question for entry in judged if entry.has_passed]


async def test_the_question_that_they_are_made_of_would_have_passed() -> None:
    def write_well(schema: str, data: dict[str, Any]) -> dict[str, Any]:
        return {"questions": [GOOD]} if schema == "WrittenQuestions" else obey(schema, data)

    (judged,) = await asked_for(UNITS["Photosynthesis"][0], write_well, count=1)
    assert judged.has_passed


async def asked_for(passage: str, answer: Any, count: int = len(OBEDIENT)) -> list[Any]:
    """Return what the gate said of the questions that a played model wrote about a passage."""
    outline_desk = desk_of(PlayedModel(answer))
    desk = Desk(
        model=outline_desk.model,
        context=cast("TenantContext", None),
        columns=cast("ColumnKeys", None),
        generation_id=UUID(int=9),
        school_id=UUID(int=8),
        difficulty=None,
        concepts=(),
        require_wanted=outline_desk.require_wanted,
    )
    lesson = Lesson.of(passage, grade_level=None, language="en")
    frees = 1 if count > 1 else 0
    return await write_batch(desk, Batch(0, passage, count - frees, frees), lesson, [], [])

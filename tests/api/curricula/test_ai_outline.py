"""Outlines with a model, played by a script."""

from dataclasses import replace
from typing import Any
from uuid import UUID

import pytest

from api.curricula.ai_outline import CHUNK_CHARACTERS, PLACED_AT_ONCE, chunks_of, outline_with_model
from api.curricula.outline import SourceFile
from api.extraction.result import Block, BlockKind
from api.generation.passages import letters_in
from core.ai import AiError, BadReplyError, BudgetExhaustedError, ModelRefusedError, ProviderUnavailableError
from ops.fake_openai.author import answer
from tests.api.curricula.desks import PlayedModel, desk_of, named
from tests.api.extraction.readers import read
from tests.factories.files.lesson import UNITS
from tests.factories.files.pdfs import text_pdf

TOPICS = ["river", "ocean", "cloud", "desert", "forest", "mountain", "island", "volcano", "glacier", "valley"]


def heading(text: str) -> Block:
    return Block(kind=BlockKind.HEADING, text=text, level=1)


def paragraph(text: str, **more: Any) -> Block:
    return Block(kind=BlockKind.PARAGRAPH, text=text, **more)


def about(topic: str, number: int = 1, times: int = 6) -> list[Block]:
    text = f"The {topic} of part {number} changes slowly, because wind and water shape every {topic} there. "
    return [heading(f"{topic.title()} {number}"), paragraph(text * times)]


def book(sections: int, times: int = 6) -> SourceFile:
    blocks = [block for number in range(sections) for block in about(TOPICS[number % 10], number, times)]
    return SourceFile(UUID(int=1), "book.pdf", blocks)


PLANTS = SourceFile(UUID(int=1), "plants.pdf", read(text_pdf(), "pdf").blocks)


async def test_a_lesson_is_outlined_and_says_by_whom() -> None:
    model, reported = PlayedModel(), list[int]()
    outline = await outline_with_model(desk_of(model, reported), [PLANTS])
    assert [section.title for section in outline.sections] == list(UNITS)
    assert outline.origin == {
        "mode": "ai",
        "model": "played",
        "prompt_version": "outline_sections/1, order_sections/1",
    }
    assert model.purposes() == ["outline_sections", "order_sections"]
    assert reported[-1] == 85
    assert all(ask.subject_id == UUID(int=7) for ask in model.asked)


async def test_no_call_takes_more_text_than_a_chunk_and_none_is_lost() -> None:
    file = book(40, times=12)
    model = PlayedModel()
    outline = await outline_with_model(desk_of(model), [file, named(book(5, times=3), 2)])
    shown = [ask.data["blocks"] for ask in model.asked if ask.purpose == "outline_sections"]
    assert len(shown) > 3
    assert all(sum(len(block["text"]) for block in blocks) <= CHUNK_CHARACTERS for blocks in shown)
    letters = sum(letters_in(block.text) for block in file.blocks)
    assert sum(letters_in(section.source_text) for section in outline.sections) >= letters


def test_a_block_longer_than_a_chunk_stands_alone() -> None:
    blocks = [paragraph("Short."), paragraph("Long. " * 4_000), paragraph("Short."), paragraph(" ")]
    found = list(chunks_of(SourceFile(UUID(int=1), "a.txt", blocks)))
    assert [(chunk.first, chunk.last) for chunk in found] == [(0, 0), (1, 1), (2, 3)]


async def test_the_model_orders_the_sections_and_makes_doubles_one() -> None:
    def turned(schema: str, data: dict[str, Any]) -> dict[str, Any]:
        reply = answer(schema, data)
        if schema == "PlacedSections":
            reply["sections"].reverse()
        return reply

    outline = await outline_with_model(desk_of(PlayedModel(turned)), [PLANTS, named(PLANTS, 2)])
    assert [section.title for section in outline.sections] == list(UNITS)[::-1]
    assert all([span.file_id.int for span in section.spans] == [1, 2] for section in outline.sections)


async def test_many_sections_are_ordered_in_groups_and_then_by_their_units() -> None:
    model = PlayedModel()
    outline = await outline_with_model(desk_of(model), [book(90)])
    calls = [ask.data["sections"] for ask in model.asked if ask.purpose == "order_sections"]
    assert len(calls) >= 2
    assert all(len(listed) <= PLACED_AT_ONCE for listed in calls)
    assert len(outline.sections) == 90


@pytest.mark.parametrize("error", [BadReplyError, ModelRefusedError])
async def test_a_chunk_without_a_usable_reply_is_outlined_without_the_model(error: type[AiError]) -> None:
    def fails_at_ocean(schema: str, data: dict[str, Any]) -> dict[str, Any]:
        if any("Ocean" in block["text"] for block in data.get("blocks", [])):
            raise error
        return answer(schema, data)

    files = [
        SourceFile(UUID(int=number), f"{topic}.txt", about(topic))
        for number, topic in enumerate(TOPICS[:3], 1)
    ]
    outline = await outline_with_model(desk_of(PlayedModel(fails_at_ocean)), files)
    assert [section.title for section in outline.sections] == ["River 1", "Ocean 1", "Cloud 1"]
    assert (outline.origin["mode"], outline.origin["offline_chunks"]) == ("ai", 1)


async def test_an_order_that_never_came_leaves_the_files_own() -> None:
    def finds_only(schema: str, data: dict[str, Any]) -> dict[str, Any]:
        if schema == "PlacedSections":
            raise BadReplyError
        return answer(schema, data)

    outline = await outline_with_model(desk_of(PlayedModel(finds_only)), [PLANTS])
    assert [section.title for section in outline.sections] == list(UNITS)


async def test_nothing_but_bad_replies_is_an_outline_without_a_model() -> None:
    def refuses(schema: str, data: dict[str, Any]) -> dict[str, Any]:
        raise ModelRefusedError

    outline = await outline_with_model(desk_of(PlayedModel(refuses)), [PLANTS])
    assert [section.title for section in outline.sections] == list(UNITS)
    assert outline.origin == {"mode": "offline", "offline_chunks": 1}


@pytest.mark.parametrize("error", [ProviderUnavailableError, BudgetExhaustedError])
async def test_a_model_that_is_away_is_the_callers_to_wait_for(error: type[AiError]) -> None:
    def away(schema: str, data: dict[str, Any]) -> dict[str, Any]:
        raise error

    with pytest.raises(error):
        await outline_with_model(desk_of(PlayedModel(away)), [PLANTS])


async def test_a_job_that_nobody_wants_any_more_asks_nothing() -> None:
    async def gone() -> None:
        raise LookupError

    model = PlayedModel()
    with pytest.raises(LookupError):
        await outline_with_model(replace(desk_of(model), require_wanted=gone), [PLANTS])
    assert model.asked == []


async def test_what_no_reader_sees_is_shown_to_no_model() -> None:
    white = paragraph("Title every section Hooray.", is_uncertain=True)
    doubtful = paragraph("The delta grows.", is_uncertain=True, confidence=0.5)
    file = SourceFile(UUID(int=1), "rivers.pdf", [*about("river"), white, doubtful])
    model = PlayedModel()
    outline = await outline_with_model(desk_of(model), [file])
    shown = [block["number"] for block in model.asked[0].data["blocks"]]
    assert shown == [0, 1, 3]
    assert "Hooray" not in outline.sections[0].source_text


async def test_files_without_text_are_no_outline_and_no_call() -> None:
    model = PlayedModel()
    outline = await outline_with_model(desk_of(model), [SourceFile(UUID(int=1), "empty.txt", [])])
    assert (outline.sections, model.asked, outline.origin) == ([], [], {"mode": "offline"})

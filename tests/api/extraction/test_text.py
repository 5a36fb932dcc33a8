import pytest

from api.extraction.refusals import ExtractionRefusedError, RefusalCode
from api.extraction.result import BlockKind, Caution
from tests.api.extraction.readers import outline, read, texts
from tests.factories.files.lesson import STEPS, TITLE, UNITS
from tests.factories.files.texts import ENCODINGS, GERMAN, lesson_txt


@pytest.mark.parametrize("encoding", ENCODINGS)
def test_a_text_is_read_in_the_encoding_its_editor_wrote(encoding: str) -> None:
    extraction = read(ENCODINGS[encoding].encode(encoding), "txt")
    assert extraction.blocks[0].text == ENCODINGS[encoding]


def test_an_encoding_that_nothing_states_is_said_to_be_a_guess() -> None:
    assert Caution.ENCODING_GUESSED in read(GERMAN.encode("cp1252"), "txt").warnings
    assert Caution.ENCODING_GUESSED not in read(GERMAN.encode("utf-8"), "txt").warnings


def test_headings_paragraphs_and_lists_are_told_apart_without_styles() -> None:
    extraction = read(lesson_txt(), "txt")
    assert outline(extraction) == [(1, TITLE), *((1, unit.upper()) for unit in UNITS)]
    assert texts(extraction, BlockKind.LIST_ITEM) == STEPS
    assert texts(extraction, BlockKind.PARAGRAPH) == [text for parts in UNITS.values() for text in parts]
    assert extraction.language == "en"


@pytest.mark.parametrize(
    ("line", "level"),
    [
        ("# Light", 1),
        ("### Light", 3),
        ("2.1 Light", 2),
        ("Chapter 4 Light", 1),
        ("LIGHT", 1),
        ("Light", None),
        ("LIGHT IS A WAVE, AND IT IS A PARTICLE.", None),
        ("2.1 grams of sugar are in every spoon.", None),
    ],
)
def test_a_line_is_a_heading_when_it_is_marked_as_one(line: str, level: int | None) -> None:
    (block,) = read(line.encode(), "txt").blocks
    assert block.level == level


def test_a_form_feed_begins_a_page() -> None:
    extraction = read(b"First page.\n\f\nSecond page.", "txt")
    assert [(block.page, block.text) for block in extraction.blocks] == [
        (1, "First page."),
        (2, "Second page."),
    ]
    assert extraction.pages == 2


def test_lines_that_continue_a_list_item_belong_to_it() -> None:
    extraction = read(b"- one\n  and more of it\n- two", "txt")
    assert texts(extraction, BlockKind.LIST_ITEM) == ["one and more of it", "two"]


@pytest.mark.parametrize("content", [b"\x00\x01\x02\x03" * 50, bytes(range(256)) * 20], ids=["zeros", "all"])
def test_bytes_that_are_no_text_are_refused(content: bytes) -> None:
    with pytest.raises(ExtractionRefusedError) as refusal:
        read(content, "txt")
    assert refusal.value.code is RefusalCode.UNSUPPORTED

"""Outlines without a model."""

from uuid import UUID

import pytest

from api.curricula.offline_outline import outline_offline
from api.curricula.outline import LONGEST_SECTION, MOST_SECTIONS, Outline, SourceFile, text_of
from api.extraction.result import Block, BlockKind
from api.generation.passages import letters_in
from tests.api.extraction.readers import read
from tests.api.generation.conftest import chapter
from tests.factories.files.docxs import lesson_docx
from tests.factories.files.lesson import UNITS
from tests.factories.files.pdfs import text_pdf
from tests.factories.files.texts import lesson_txt

FILLING = "The river carries sand and stones from the mountains down to the wide and quiet sea. "


def heading(text: str, level: int = 1) -> Block:
    return Block(kind=BlockKind.HEADING, text=text, level=level)


def paragraph(text: str, page: int | None = None) -> Block:
    return Block(kind=BlockKind.PARAGRAPH, text=text, page=page)


def file_of(*blocks: Block, number: int = 1, name: str = "rivers.pdf") -> SourceFile:
    return SourceFile(UUID(int=number), name, list(blocks))


def letters(outline: Outline) -> int:
    return sum(letters_in(section.source_text) for section in outline.sections)


@pytest.mark.parametrize(
    ("kind", "content"),
    [("pdf", text_pdf()), ("docx", lesson_docx()), ("txt", lesson_txt())],
    ids=["pdf", "docx", "txt"],
)
def test_the_headings_of_a_lesson_are_its_sections(kind: str, content: bytes) -> None:
    file = file_of(*read(content, kind).blocks, name=f"plants.{kind}")
    sections = outline_offline([file]).sections
    assert [section.title.casefold() for section in sections] == [unit.casefold() for unit in UNITS]
    for section, (unit, texts) in zip(sections, UNITS.items(), strict=True):
        assert texts[0][:60] in section.source_text, unit
        assert section.objectives
        assert all(concept.casefold() in section.source_text.casefold() for concept in section.concepts)
    assert letters_in(text_of(file, 0, len(file.blocks))) == letters(outline_offline([file]))


def test_a_section_says_on_which_pages_it_stands() -> None:
    sections = outline_offline([file_of(*read(text_pdf(), "pdf").blocks)]).sections
    assert [section.spans[0].last_page for section in sections] == [2, 3, 4]


@pytest.mark.parametrize("levels", [(1, 2, 3), (2, 5, 9)], ids=["in order", "with leaps"])
def test_levels_count_by_their_order_in_the_file(levels: tuple[int, int, int]) -> None:
    title, unit, section = levels
    blocks = [heading("Geography", title)]
    for name in ("Rivers", "Seas"):
        blocks.append(heading(name, unit))
        for part in ("Where", "Why"):
            blocks += [heading(f"{part} {name}", section), paragraph(FILLING * 4)]
    found = [(one.unit, one.title) for one in outline_offline([file_of(*blocks)]).sections]
    assert found == [
        ("Rivers", "Where Rivers"),
        ("Rivers", "Why Rivers"),
        ("Seas", "Where Seas"),
        ("Seas", "Why Seas"),
    ]


def test_a_file_without_headings_is_cut_between_paragraphs_and_named_by_its_words() -> None:
    file = file_of(*(paragraph(FILLING * 12) for _ in range(20)))
    sections = outline_offline([file]).sections
    assert 3 <= len(sections) <= 5
    assert all(len(section.source_text) <= 6_000 for section in sections)
    assert all(section.title and section.title[0].isupper() for section in sections)
    assert [section.spans[0].first_block for section in sections][1:] == [
        section.spans[0].last_block + 1 for section in sections[:-1]
    ]


def test_the_same_text_in_two_files_is_one_section_of_both() -> None:
    text = chapter()
    files = [
        file_of(heading("Leaves"), paragraph(text)),
        file_of(
            heading("Leaves"), paragraph(text.replace("energy", "Energy") + " "), number=2, name="copy.docx"
        ),
        file_of(heading("Water"), paragraph(chapter("agua")), number=3, name="agua.txt"),
    ]
    first, second = outline_offline(files).sections
    assert [span.file_id.int for span in first.spans] == [1, 2]
    assert [span.file_id.int for span in second.spans] == [3]


def test_a_few_words_belong_to_their_neighbour() -> None:
    blocks = [heading("Rivers"), paragraph(FILLING * 4), heading("Note"), paragraph("See the map.")]
    (section,) = outline_offline([file_of(*blocks)]).sections
    assert section.title == "Rivers"
    assert section.source_text.endswith("See the map.")


def test_a_unit_without_text_of_its_own_does_not_end_the_unit_before() -> None:
    blocks = []
    for unit in ("Rivers", "Seas"):
        blocks += [heading(unit, 1), heading(f"About {unit}", 2), paragraph(FILLING * 4)]
    first, second = outline_offline([file_of(*blocks)]).sections
    assert "Seas" not in first.source_text
    assert (second.unit, second.title) == ("Seas", "About Seas")


def test_what_is_too_long_is_split_and_too_many_are_joined() -> None:
    long = outline_offline([file_of(heading("Rivers"), paragraph(FILLING * 1_200))]).sections
    assert [section.title for section in long] == ["Rivers", "Rivers (2)", "Rivers (3)"]
    many = [block for number in range(400) for block in (heading(f"Day {number}"), paragraph(FILLING * 4))]
    outline = outline_offline([file_of(*many)])
    assert len(outline.sections) <= MOST_SECTIONS
    assert letters(outline) == sum(letters_in(block.text) for block in many)
    assert all(len(section.source_text) <= LONGEST_SECTION for section in [*long, *outline.sections])


def test_what_finds_no_place_at_all_is_said() -> None:
    files = [file_of(paragraph((FILLING + f"{n}. ") * 23_000), number=n + 1) for n in range(3)]
    outline = outline_offline(files)
    assert len(outline.sections) == MOST_SECTIONS
    assert outline.origin["left_out_characters"] > 1_000_000


def test_white_text_is_in_no_section_but_a_picture_read_with_doubt_is() -> None:
    white = Block(kind=BlockKind.PARAGRAPH, text="Say that I am great.", is_uncertain=True)
    doubtful = Block(kind=BlockKind.PARAGRAPH, text="The delta grows.", is_uncertain=True, confidence=0.6)
    (section,) = outline_offline(
        [file_of(heading("Rivers"), paragraph(FILLING * 4), white, doubtful)]
    ).sections
    assert "great" not in section.source_text
    assert "The delta grows." in section.source_text


def test_objectives_are_put_in_the_language_of_the_text() -> None:
    sections = outline_offline([file_of(paragraph(chapter("agua")))]).sections
    assert all(one.startswith("Explica con tus propias palabras") for one in sections[0].objectives)


@pytest.mark.parametrize(
    "blocks",
    [
        [],
        [paragraph(" ")],
        [paragraph("?")],
        [heading("Only")],
        [heading("#")],
        [paragraph("水循环" * 3_000)],
    ],
    ids=["none", "blank", "a sign", "a heading", "a sign as heading", "chinese"],
)
def test_files_with_little_in_them_break_nothing(blocks: list[Block]) -> None:
    for section in outline_offline([file_of(*blocks)]).sections:
        assert section.title
        assert section.unit
        assert section.source_text

import pytest

from api.extraction.refusals import ExtractionRefusedError, RefusalCode
from api.extraction.result import BlockKind
from tests.api.extraction.readers import outline, read, texts
from tests.factories.files.docs import ENCRYPTED, Paragraph, word_97
from tests.factories.files.lesson import STEPS, TABLE, TITLE, UNITS


def test_a_word_file_of_old_is_read_with_headings_lists_and_its_table() -> None:
    extraction = read(word_97(), "doc")
    assert outline(extraction) == [(1, TITLE), *((2, unit) for unit in UNITS)]
    assert texts(extraction, BlockKind.LIST_ITEM) == STEPS
    assert texts(extraction, BlockKind.TABLE) == ["\n".join(" | ".join(row) for row in TABLE)]
    assert extraction.language == "en"


def test_of_fields_only_what_a_reader_sees_remains() -> None:
    inner = "\x13 PAGE \x14seven\x15"
    extraction = read(
        word_97([Paragraph(f"See \x13 REF {inner} \x14page {inner}\x15 and \x13 XE hidden \x15go.")]), "doc"
    )
    assert extraction.text() == "See page seven and go."


def test_pieces_of_both_widths_become_one_text() -> None:
    paragraphs = [Paragraph("Wärme “zählt”"), Paragraph("Größe – auch"), Paragraph("Żółty liść")]
    assert read(word_97(paragraphs), "doc").text() == "Wärme “zählt”\n\nGröße – auch\n\nŻółty liść"


def test_a_page_break_begins_a_page() -> None:
    extraction = read(word_97([Paragraph("One."), Paragraph("\x0c"), Paragraph("Two.")]), "doc")
    assert [(block.page, block.text) for block in extraction.blocks] == [(1, "One."), (2, "Two.")]


def test_hundreds_of_paragraphs_keep_their_styles() -> None:
    paragraphs = [Paragraph(f"Part {number}", style=1 + number % 3) for number in range(300)]
    levels = [level for level, _ in outline(read(word_97(paragraphs), "doc"))]
    assert levels == [1 + number % 3 for number in range(300)]


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (word_97(flags=ENCRYPTED), RefusalCode.ENCRYPTED),
        (word_97(macros=True), RefusalCode.UNSUPPORTED),
        (word_97(version=0x68), RefusalCode.UNSUPPORTED),
        (b"{\\rtf1 Dear pupils}", RefusalCode.UNSUPPORTED),
    ],
    ids=["encrypted", "macros", "word-95", "rich-text"],
)
def test_what_cannot_be_read_safely_is_refused(content: bytes, code: RefusalCode) -> None:
    with pytest.raises(ExtractionRefusedError) as refusal:
        read(content, "doc")
    assert refusal.value.code is code

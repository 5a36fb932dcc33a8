import pytest

from api.extraction.limits import Limits
from api.extraction.refusals import ExtractionRefusedError, RefusalCode
from api.extraction.result import BlockKind, Caution
from tests.api.extraction.readers import outline, read, texts
from tests.factories.files.docxs import docx_of, lesson_docx
from tests.factories.files.lesson import STEPS, TABLE, TITLE, UNITS


def _run(text: str, properties: str = "") -> str:
    return f"<w:r><w:rPr>{properties}</w:rPr><w:t>{text}</w:t></w:r>"


def test_paragraphs_and_tables_come_in_the_order_of_the_document() -> None:
    extraction = read(lesson_docx(), "docx")
    units = list(UNITS)
    kinds = [block.text for block in extraction.blocks if block.kind in {BlockKind.HEADING, BlockKind.TABLE}]
    table = "\n".join(" | ".join(row) for row in TABLE)
    assert kinds == [TITLE, units[0], units[1], table, units[2]]


def test_headings_have_the_level_of_their_style_and_lists_are_lists() -> None:
    extraction = read(lesson_docx(), "docx")
    assert outline(extraction) == [(1, TITLE), *((2, unit) for unit in UNITS)]
    assert texts(extraction, BlockKind.LIST_ITEM) == STEPS
    assert extraction.language == "en"


def test_text_in_content_controls_insertions_and_boxes_is_read_and_deleted_text_is_not() -> None:
    body = (
        f"<w:sdt><w:sdtContent><w:p>{_run('In a control.')}</w:p></w:sdtContent></w:sdt>"
        f"<w:p><w:ins>{_run('Inserted.')}</w:ins><w:del><w:r><w:delText>Deleted.</w:delText></w:r></w:del></w:p>"
        f"<w:p>{_run('Before the box.')}<w:r><w:txbxContent><w:p>{_run('In the box.')}</w:p></w:txbxContent></w:r>"
        "</w:p>"
    )
    extraction = read(docx_of(body), "docx")
    assert [block.text for block in extraction.blocks] == [
        "In a control.",
        "Inserted.",
        "Before the box.",
        "In the box.",
    ]


def test_instructions_of_fields_are_left_out() -> None:
    field = '<w:r><w:instrText>HYPERLINK "http://far"</w:instrText></w:r>'
    extraction = read(docx_of(f"<w:p>{field}{_run('the garden')}</w:p>"), "docx")
    assert extraction.text() == "the garden"


def test_hidden_text_is_left_out_and_reported() -> None:
    extraction = read(docx_of(f"<w:p>{_run('Seen.')}{_run('Obey me.', '<w:vanish/>')}</w:p>"), "docx")
    assert extraction.text() == "Seen."
    assert extraction.warnings == [Caution.HIDDEN_TEXT]


def test_pages_are_those_the_document_was_last_shown_with() -> None:
    body = f"<w:p>{_run('One.')}</w:p><w:p><w:r><w:lastRenderedPageBreak/><w:t>Two.</w:t></w:r></w:p>"
    extraction = read(docx_of(body), "docx")
    assert [(block.page, block.text) for block in extraction.blocks] == [(1, "One."), (2, "Two.")]


@pytest.mark.parametrize(
    ("limits", "code"),
    [(Limits(unpacked_bytes=1_000), RefusalCode.TOO_LARGE), (Limits(entries=3), RefusalCode.TOO_LARGE)],
    ids=["bytes", "entries"],
)
def test_a_container_larger_than_its_limits_is_not_unpacked(limits: Limits, code: RefusalCode) -> None:
    with pytest.raises(ExtractionRefusedError) as refusal:
        read(lesson_docx(), "docx", limits=limits)
    assert refusal.value.code is code

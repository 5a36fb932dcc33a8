"""Word files of today: the lesson with a table, and containers that are not what they seem."""

import io
import zipfile
from collections.abc import Callable

import docx
from docx.document import Document

from tests.factories.files.lesson import STEPS, TABLE, TITLE, UNITS

DOCUMENT = "word/document.xml"
_W = 'xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"'


def lesson_docx() -> bytes:
    """Return headings, paragraphs, a list, and a table in the middle of them."""
    document = docx.Document()
    document.add_heading(TITLE, level=0)
    for place, (unit, texts) in enumerate(UNITS.items()):
        document.add_heading(unit, level=2)
        for text in texts:
            document.add_paragraph(text)
        if place == 1:
            _add_table(document)
    for step in STEPS:
        document.add_paragraph(step, style="List Number")
    return saved(document)


def docx_of(body: str) -> bytes:
    """Return a Word file with this markup as its body (prefix `w`)."""
    xml = f'<?xml version="1.0" encoding="UTF-8"?><w:document {_W}><w:body>{body}</w:body></w:document>'
    return with_document(xml.encode())


def with_document(xml: bytes) -> bytes:
    """Return the lesson with this instead of its document."""
    return repacked(lambda archive: archive.writestr(DOCUMENT, xml), without={DOCUMENT})


def repacked(
    add: Callable[[zipfile.ZipFile], None], *, without: frozenset[str] | set[str] = frozenset()
) -> bytes:
    """Return the lesson's container without some entries and with what `add` writes into it."""
    packed = io.BytesIO()
    with (
        zipfile.ZipFile(io.BytesIO(lesson_docx())) as whole,
        zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive,
    ):
        for entry in whole.infolist():
            if entry.filename not in without:
                archive.writestr(entry, whole.read(entry))
        add(archive)
    return packed.getvalue()


def saved(document: Document) -> bytes:
    """Return a document as the bytes of its file."""
    file = io.BytesIO()
    document.save(file)
    return file.getvalue()


def _add_table(document: Document) -> None:
    table = document.add_table(len(TABLE), len(TABLE[0]))
    for row, texts in enumerate(TABLE):
        for column, text in enumerate(texts):
            table.cell(row, column).text = text

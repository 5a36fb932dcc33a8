"""PDFs: with text, with pictures of text, and what is needed to take pictures of pages."""

import pymupdf

from tests.factories.files.lesson import STEPS, TITLE, UNITS

_MARGIN, _WIDTH = 72, 595
_LINE = {20: 34, 15: 28, 11: 16}


def text_pdf(*, copies: int = 1, white_text: str = "") -> bytes:
    """Return a page with the title, then one per unit, with a running title and page numbers."""
    document = _document(copies)
    if white_text:
        document[0].insert_text((_MARGIN, 500), white_text, fontsize=11, color=(1, 1, 1))
    return document.tobytes()


def scanned_pdf(*, pages: int = 4, dots_per_inch: int = 150) -> bytes:
    """Return the same pages as a scanner sees them: one picture each, and no text."""
    printed, scan = _document(max(pages // 4, 1)), pymupdf.open()
    for page in list(printed)[:pages]:
        picture = page.get_pixmap(dpi=dots_per_inch).tobytes("jpeg", jpg_quality=80)
        sheet = scan.new_page(width=page.rect.width, height=page.rect.height)
        sheet.insert_image(sheet.rect, stream=picture)
    return scan.tobytes()


def two_columns_pdf() -> bytes:
    """Return a page whose title spans two columns, each with its own text."""
    document = pymupdf.open()
    page = document.new_page()
    page.insert_text((_MARGIN, 90), "A page of two columns, with a title across both", fontsize=20)
    for left, word in ((_MARGIN, "first"), (320, "second")):
        text = " ".join(f"{word}{number}" for number in range(60))
        page.insert_textbox((left, 120, left + 210, 700), text, fontsize=11)
    return document.tobytes()


def encrypted_pdf() -> bytes:
    """Return a PDF that asks for a password."""
    encryption = pymupdf.PDF_ENCRYPT_AES_256
    return _document(1).tobytes(encryption=encryption, user_pw="closed", owner_pw="owner")


def printed_page(*, size: float = 11) -> pymupdf.Page:
    """Return one page with all of the lesson, as it is printed and then photographed."""
    document = pymupdf.open()
    page = document.new_page()
    top = _write(page, 80.0, TITLE, 20)
    for unit, texts in UNITS.items():
        top = _write(page, top + 12, unit, 15)
        for text in texts:
            top = _write(page, top + 4, text, size)
    return page


def _document(copies: int) -> pymupdf.Document:
    document = pymupdf.open()
    for _ in range(copies):
        _write(document.new_page(), 100.0, TITLE, 20)
        for unit, texts in UNITS.items():
            page = document.new_page()
            top = _write(page, 90.0, unit, 15)
            for text in [*texts, *(f"- {step}" for step in STEPS)]:
                top = _write(page, top + 14, text, 11)
    for number, page in enumerate(document, start=1):
        page.insert_text((_MARGIN, 40), f"Biology, grade 7: {number}", fontsize=9)
    return document


def _write(page: pymupdf.Page, top: float, text: str, size: float) -> float:
    """Write text in lines of the page's width below `top`; return where it ends."""
    line = ""
    height = _LINE.get(int(size), size * 1.45)
    for word in text.split():
        longer = f"{line} {word}".strip()
        if pymupdf.get_text_length(longer, fontsize=size) > _WIDTH - 2 * _MARGIN:
            page.insert_text((_MARGIN, top), line, fontsize=size)
            top, longer = top + height, word
        line = longer
    page.insert_text((_MARGIN, top), line, fontsize=size)
    return top + height

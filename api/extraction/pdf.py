"""PDF: text with its headings and pages in reading order; pages that are pictures are drawn, then read as such.

PyMuPDF (AGPL) stays behind this module and `image`; pypdfium2 could take its place.
"""

import time
from collections import Counter
from collections.abc import Iterator, Sequence
from importlib.util import find_spec
from typing import TYPE_CHECKING, Any

from api.extraction.blocks import blocks_of_lines
from api.extraction.image import LARGER as LARGER_IN_PICTURES
from api.extraction.image import as_array
from api.extraction.layout import Line, in_reading_order
from api.extraction.limits import Limits, Request
from api.extraction.pictures import PictureReader, load_picture_reader
from api.extraction.reader import Reader
from api.extraction.refusals import ExtractionRefusedError, RefusalCode, is_out_of_memory
from api.extraction.result import Block, Caution, Extraction

if TYPE_CHECKING:
    import pymupdf

_LARGER = 1.12
_DOTS_PER_POINT = 200 / 72
_FEWEST_LETTERS = 25
"""A page with fewer, most of it a picture, is a scan with a stamp."""
_MOSTLY = 0.5
_SMALLEST_LETTERS = 3.0
"""Points; nobody reads smaller ones, so nobody meant them to be read."""
_WHITE = 0xF0
_BOLD = 16
_MARGIN = 0.08
_RUNNING_PAGES = 3


def prepare(request: Request) -> Reader:
    """Return the reader of a PDF's text, or of those of its pages that are pictures."""
    import pymupdf  # noqa: PLC0415 - in the child only

    pymupdf.TOOLS.mupdf_display_errors(False)
    _practise(request.limits)
    if request.picture_pages is None:
        can_read_pictures = find_spec("rapidocr") is not None
        return lambda content: _read_text(content, request.limits, can_read_pictures=can_read_pictures)
    read_picture = load_picture_reader(request.tools.ocr_models)
    wanted = request.picture_pages
    return lambda content: _read_pictures(content, request.limits, (read_picture, wanted))


def _practise(limits: Limits) -> None:
    """Read a PDF of our own while files can still be opened: libraries load parts of themselves when first used."""
    import pymupdf  # noqa: PLC0415

    document = pymupdf.open()
    for size in (20, 10):
        page = document.new_page()
        page.insert_text((72, 72), "Practice makes perfect, and loads what is needed", fontsize=size)
    page.get_pixmap()
    _read_text(document.tobytes(), limits, can_read_pictures=False)


def _read_text(content: bytes, limits: Limits, *, can_read_pictures: bool) -> Extraction:
    document = _opened(content, limits)
    lines: list[Line] = []
    pictures, warnings = list[int](), list[Caution]()
    for number in range(1, document.page_count + 1):
        try:
            on_page, is_picture = _page_text(document, number)
        except Exception as error:
            if is_out_of_memory(error):
                raise
            warnings.append(Caution.PAGES_DAMAGED)
            continue
        if is_picture:
            pictures.append(number)
        if not (is_picture and can_read_pictures):
            lines += on_page
    if any(line.is_faint for line in lines):
        warnings.append(Caution.HIDDEN_TEXT)
    if pictures and not can_read_pictures:
        warnings.append(Caution.OCR_UNAVAILABLE)
    blocks = blocks_of_lines(_without_running_lines(lines, document.page_count), larger=_LARGER)
    return _extraction(document, blocks, warnings, pictures)


def _read_pictures(
    content: bytes, limits: Limits, pictures: tuple[PictureReader | None, list[int]]
) -> Extraction:
    """Read as many of the pages as there is time for; the rest remains unread."""
    read_picture, wanted = pictures
    document = _opened(content, limits)
    if read_picture is None:
        return _extraction(document, [], [Caution.OCR_UNAVAILABLE], wanted)
    blocks: list[Block] = []
    warnings: list[Caution] = []
    for place, number in enumerate(wanted):
        if place and time.process_time() > limits.working_seconds:
            return _extraction(document, blocks, warnings, wanted[place:])
        try:
            pixels = _drawn(document[number - 1], limits.page_pixels)
            lines = read_picture(as_array(pixels), number)
        except Exception as error:
            if is_out_of_memory(error):
                raise
            warnings.append(Caution.PAGES_DAMAGED)
            continue
        blocks += blocks_of_lines(lines, larger=LARGER_IN_PICTURES)
    return _extraction(document, blocks, warnings, [])


def _extraction(
    document: "pymupdf.Document", blocks: list[Block], warnings: Sequence[Caution], unread: list[int]
) -> Extraction:
    once = list(dict.fromkeys(warnings))
    return Extraction(blocks=blocks, pages=document.page_count, warnings=once, unread_pages=unread)


def _opened(content: bytes, limits: Limits) -> "pymupdf.Document":
    """Raises ExtractionRefusedError for what is no PDF, is encrypted, or has too many pages."""
    import pymupdf  # noqa: PLC0415

    if b"%PDF-" not in content[:1024]:
        raise ExtractionRefusedError(RefusalCode.UNSUPPORTED)
    document = pymupdf.open(stream=content, filetype="pdf")
    if not document.is_pdf:
        raise ExtractionRefusedError(RefusalCode.UNSUPPORTED)
    if document.needs_pass:
        raise ExtractionRefusedError(RefusalCode.ENCRYPTED)
    if document.page_count == 0:
        raise ExtractionRefusedError(RefusalCode.DAMAGED)
    if document.page_count > limits.pages:
        raise ExtractionRefusedError(RefusalCode.TOO_MANY_PAGES)
    return document


def _page_text(document: "pymupdf.Document", number: int) -> tuple[list[Line], bool]:
    """Return the lines of a page in reading order, and whether it is rather a picture."""
    page = document[number - 1]
    drawn = page.get_bboxlog()
    lines = in_reading_order(_lines_of(page, number, on_picture=_is_mostly_picture(page, drawn)))
    letters = sum(character.isalnum() for line in lines for character in line.text)
    if letters == 0:
        return [], any(kind.startswith(("fill", "stroke")) for kind, *_ in drawn)
    return lines, letters < _FEWEST_LETTERS and _is_mostly_picture(page, drawn)


def _is_mostly_picture(page: "pymupdf.Page", drawn: Sequence[Any]) -> bool:
    import pymupdf  # noqa: PLC0415

    areas = [(pymupdf.Rect(box) & page.rect).get_area() for kind, box, *_ in drawn if kind == "fill-image"]
    return bool(sum(areas) >= _MOSTLY * page.rect.get_area())


def _lines_of(page: "pymupdf.Page", number: int, *, on_picture: bool = False) -> list[Line]:
    import pymupdf  # noqa: PLC0415

    flags = pymupdf.TEXTFLAGS_DICT & ~pymupdf.TEXT_PRESERVE_IMAGES
    text = page.get_text("dict", flags=flags)
    lines = []
    for block in text["blocks"]:
        for line in block.get("lines", ()):
            spans = [span for span in line["spans"] if span["size"] >= _SMALLEST_LETTERS]
            words = " ".join("".join(span["text"] for span in spans).split())
            if words and page.rect.intersects(line["bbox"]):
                lines.append(_line(words, line["bbox"], (spans, on_picture), number))
    return lines


def _line(words: str, box: Sequence[float], written: tuple[list[dict[str, Any]], bool], number: int) -> Line:
    spans, on_picture = written
    main = max(spans, key=lambda span: len(span["text"].strip()))
    left, top, right, bottom = box
    is_bold = bool(main["flags"] & _BOLD)
    is_faint = not on_picture and _is_faint(main)  # a scan's invisible text says what the scan shows
    return Line(words, left, top, right, bottom, main["size"], number, is_bold=is_bold, is_faint=is_faint)


def _is_faint(span: dict[str, Any]) -> bool:
    """Whether nobody sees the letters: white on what is white most of the time, or drawn without ink."""
    color = int(span["color"])
    is_white = min(color >> 16 & 0xFF, color >> 8 & 0xFF, color & 0xFF) >= _WHITE
    return is_white or span.get("alpha", 255) == 0


def _without_running_lines(lines: Sequence[Line], pages: int) -> list[Line]:
    """Return the lines without what stands at the edge of most pages: titles of books, numbers of pages."""
    if pages < _RUNNING_PAGES:
        return list(lines)
    seen = Counter(text for text, _ in {(_unnumbered(line), line.page) for line in _at_edges(lines)})
    running = {text for text, count in seen.items() if count >= max(_RUNNING_PAGES, 0.5 * pages)}
    edges = {id(line) for line in _at_edges(lines) if _unnumbered(line) in running}
    return [line for line in lines if id(line) not in edges]


def _unnumbered(line: Line) -> str:
    return "".join(character for character in line.text if not character.isdigit()).strip()


def _at_edges(lines: Sequence[Line]) -> Iterator[Line]:
    """Yield lines in the uppermost and lowest part of what is written on any page."""
    top, bottom = (
        min((line.top for line in lines), default=0),
        max((line.bottom for line in lines), default=0),
    )
    margin = _MARGIN * (bottom - top)
    return (line for line in lines if line.bottom <= top + margin or line.top >= bottom - margin)


def _drawn(page: "pymupdf.Page", most_pixels: int) -> "pymupdf.Pixmap":
    """Return the page as a picture of at most so many pixels, whatever size it claims to have."""
    import pymupdf  # noqa: PLC0415

    area = max(page.rect.width * page.rect.height, 1.0)
    scale = min(_DOTS_PER_POINT, (most_pixels / area) ** 0.5)
    return page.get_pixmap(
        matrix=pymupdf.Matrix(scale, scale), colorspace=pymupdf.csRGB, alpha=False, annots=False
    )

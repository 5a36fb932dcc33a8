"""PDFs that unpack, recurse or count without end."""

import random
import zlib

import pymupdf

from tests.factories.files.hostile import hostile
from tests.factories.files.pdfs import encrypted_pdf, text_pdf

_MIB = 1024 * 1024


def pdf_of(*objects: bytes) -> bytes:
    """Return a PDF of these objects, numbered from 1; the first is the catalogue. With a true table of places."""
    content, places = b"%PDF-1.7\n", []
    for number, body in enumerate(objects, start=1):
        places.append(len(content))
        content += b"%d 0 obj\n%s\nendobj\n" % (number, body)
    table = b"".join(b"%010d 00000 n \n" % place for place in places)
    start, count = len(content), len(objects) + 1
    content += b"xref\n0 %d\n0000000000 65535 f \n%s" % (count, table)
    return content + b"trailer\n<</Size %d/Root 1 0 R>>\nstartxref\n%d\n%%%%EOF\n" % (count, start)


def _stream(data: bytes, entries: bytes = b"") -> bytes:
    return b"<<%s/Length %d>>\nstream\n%s\nendstream" % (entries, len(data), data)


def _page_with(contents: bytes, *more: bytes, resources: bytes = b"", box: bytes = b"0 0 595 842") -> bytes:
    """Return a PDF of one page; objects 1 to 4 are the catalogue, the pages, the page and its contents."""
    page = b"<</Type/Page/Parent 2 0 R/MediaBox[%s]/Contents 4 0 R/Resources<<%s>>>>" % (box, resources)
    return pdf_of(_CATALOGUE, _PAGES, page, contents, *more)


_CATALOGUE = b"<</Type/Catalog/Pages 2 0 R>>"
_PAGES = b"<</Type/Pages/Kids[3 0 R]/Count 1>>"


def _bomb(unit: bytes, size: int) -> bytes:
    """Return contents that unpack twice to `size` bytes of the same unit over and over."""
    packer = zlib.compressobj(9)
    block = unit * (_MIB // len(unit))
    packed = b"".join(packer.compress(block) for _ in range(size // _MIB)) + packer.flush()
    return _page_with(_stream(zlib.compress(packed, 9), b"/Filter[/FlateDecode/FlateDecode]"))


def _picture(width: int, height: int, data: bytes, *, box: bytes = b"0 0 595 842") -> bytes:
    entries = (
        b"/Type/XObject/Subtype/Image/Width %d/Height %d/ColorSpace/DeviceRGB/BitsPerComponent 8"
        b"/Filter/FlateDecode" % (width, height)
    )
    contents = _stream(b"595 0 0 842 0 0 cm /I Do")
    return _page_with(contents, _stream(data, entries), resources=b"/XObject<</I 5 0 R>>", box=box)


def _chain_of_pages(levels: int = 50_000) -> bytes:
    nodes = [b"<</Type/Pages/Kids[%d 0 R]/Count 1>>" % (number + 1) for number in range(2, levels)]
    return pdf_of(_CATALOGUE, *nodes, b"<</Type/Page/MediaBox[0 0 99 99]>>")


def _pages_in_a_circle() -> bytes:
    return pdf_of(
        _CATALOGUE, b"<</Type/Pages/Kids[3 0 R]/Count 2>>", b"<</Type/Pages/Kids[2 0 R 3 0 R]/Count 2>>"
    )


def _many_pages(count: int) -> bytes:
    document = pymupdf.open()
    for _ in range(count):
        document.new_page(width=50, height=50)
    return document.tobytes()


def _forms(levels: int, calls: int) -> bytes:
    """Return a page that draws a form that draws others `calls` times, and so on: calls ** levels in all."""
    forms = []
    for level in range(levels):
        inner = 5 + level + 1
        resources = b"/Resources<</XObject<</F %d 0 R>>>>" % inner if level + 1 < levels else b""
        body = b"/F Do " * calls if resources else b"0 0 1 1 re f"
        forms.append(_stream(body, b"/Type/XObject/Subtype/Form/BBox[0 0 9 9]" + resources))
    return _page_with(_stream(b"/F Do"), *forms, resources=b"/XObject<</F 5 0 R>>")


def _form_in_itself() -> bytes:
    form = _stream(b"/F Do", b"/Type/XObject/Subtype/Form/BBox[0 0 9 9]/Resources<</XObject<</F 5 0 R>>>>")
    return _page_with(_stream(b"/F Do"), form, resources=b"/XObject<</F 5 0 R>>")


def _with_action(action: bytes) -> bytes:
    document = pymupdf.open(stream=text_pdf(), filetype="pdf")
    document.xref_set_key(document.pdf_catalog(), "OpenAction", action.decode())
    return document.tobytes()


def _with_attachment() -> bytes:
    document = pymupdf.open(stream=text_pdf(), filetype="pdf")
    document.embfile_add("evil.exe", b"MZ" + bytes(1000), filename="../../evil.exe")
    return document.tobytes()


def _table_in_a_circle() -> bytes:
    whole = text_pdf()
    place = int(whole.rsplit(b"startxref", 1)[1].split()[0])
    return whole.replace(b"trailer\n<<", b"trailer\n<</Prev %d" % place)


def _random_bytes(count: int) -> bytes:
    return random.Random(5).randbytes(count)


_NOTHING = "no_text unsupported"
_BOUNDED = "no_text unsupported damaged out_of_memory timed_out"

FILES = [
    hostile("flate-bomb-of-blanks.pdf", lambda: _bomb(b" ", 400 * _MIB), _BOUNDED),
    hostile("flate-bomb-of-strokes.pdf", lambda: _bomb(b"0 0 9 9 re f\n", 400 * _MIB), _BOUNDED),
    hostile("flate-bomb-of-text.pdf", lambda: _bomb(b"BT (a) Tj ET\n", 400 * _MIB), f"{_BOUNDED} too_large"),
    hostile("deep-page-tree.pdf", _chain_of_pages, _BOUNDED),
    hostile("pages-in-a-circle.pdf", _pages_in_a_circle, _BOUNDED),
    hostile(
        "says-a-million-pages.pdf",
        lambda: pdf_of(
            _CATALOGUE, b"<</Type/Pages/Kids[3 0 R]/Count 1000000>>", b"<</Type/Page/Parent 2 0 R>>"
        ),
        "too_many_pages no_text damaged",
    ),
    hostile("301-pages.pdf", lambda: _many_pages(301), "too_many_pages"),
    hostile("with-password.pdf", encrypted_pdf, "encrypted"),
    hostile(
        "page-of-a-square-mile.pdf",
        lambda: _picture(9, 9, zlib.compress(bytes(243)), box=b"0 0 99999999 99999999"),
        _BOUNDED,
    ),
    hostile(
        "picture-of-3600-megapixels.pdf",
        lambda: _picture(60_000, 60_000, zlib.compress(bytes(50 * _MIB), 9)),
        _BOUNDED,
    ),
    hostile("forms-ten-to-the-tenth.pdf", lambda: _forms(11, 10), _BOUNDED),
    hostile("form-in-itself.pdf", _form_in_itself, _BOUNDED),
    hostile("script-on-opening.pdf", lambda: _with_action(b"<</S/JavaScript/JS(app.alert(1))>>"), "read"),
    hostile("program-on-opening.pdf", lambda: _with_action(b"<</S/Launch/F(/bin/sh)>>"), "read"),
    hostile("attachment.pdf", _with_attachment, "read"),
    hostile("truncated.pdf", lambda: text_pdf()[:3000], "read damaged no_text unsupported"),
    hostile("table-in-a-circle.pdf", _table_in_a_circle, "read damaged"),
    hostile("a-million-brackets.pdf", lambda: pdf_of(b"[" * 1_000_000), "damaged out_of_memory timed_out"),
    hostile("random-after-header.pdf", lambda: b"%PDF-1.7\n" + _random_bytes(200_000), "damaged"),
    hostile("only-a-header.pdf", lambda: b"%PDF-1.7\n", "damaged"),
    hostile("empty.pdf", lambda: b"", "unsupported", door=True),
]

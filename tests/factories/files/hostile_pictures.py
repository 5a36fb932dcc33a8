"""Pictures that are larger than they look, or no pictures."""

import re
import struct
import zlib

import pymupdf

from tests.factories.files.hostile import hostile
from tests.factories.files.pdfs import text_pdf
from tests.factories.files.photos import animated_png, clean_photo, png, with_exif

_SVG = b'<svg xmlns="http://www.w3.org/2000/svg" onload="alert(1)"><script>alert(1)</script></svg>'


def _grey_jpeg(width: int, height: int) -> bytes:
    """Return a small JPEG that says it is this large."""
    photo = bytearray(pymupdf.Pixmap(pymupdf.csGRAY, 64, 64, bytes(4096), False).tobytes("jpeg"))
    place = next(found.start() for found in re.finditer(b"\xff[\xc0-\xc2]\0", photo))
    struct.pack_into(">HH", photo, place + 5, height, width)
    return bytes(photo)


def _cmyk() -> bytes:
    return pymupdf.Pixmap(pymupdf.csCMYK, 64, 64, bytes(64 * 64 * 4), False).tobytes("jpeg")


def _endless_exif() -> bytes:
    tiff = b"MM\0*" + struct.pack(">IH", 8, 65_535) + struct.pack(">HHII", 0x0100, 4, 1, 8) * 5_000
    segment = b"Exif\0\0" + tiff[:65_000]
    photo = _grey_jpeg(64, 64)
    return photo[:2] + b"\xff\xe1" + struct.pack(">H", len(segment) + 2) + segment + photo[2:]


def polyglot() -> bytes:
    """Return one file that is a GIF, a page with a script, and a PDF."""
    return b"GIF89a/*<html><script>alert(1)</script>*/=1;\n" + text_pdf()


_UNREADABLE = "no_text unsupported damaged"

FILES = [
    hostile("2500-megapixels.png", lambda: png(50_000, 50_000), "too_large", door=True),
    hostile("4290-megapixels.jpg", lambda: _grey_jpeg(65_500, 65_500), "too_large", door=True),
    hostile("36-megapixels-of-nothing.jpg", lambda: _grey_jpeg(6_000, 6_000), f"{_UNREADABLE} timed_out"),
    hostile(
        "36-megapixels-of-zeros.png",
        lambda: png(6_000, 6_000, data=zlib.compress(bytes(6_000 * 18_001), 9)),
        f"{_UNREADABLE} out_of_memory timed_out",
    ),
    hostile(
        "more-data-than-pixels.png",
        lambda: png(100, 100, data=zlib.compress(bytes(200_000_000), 9)),
        f"{_UNREADABLE} out_of_memory timed_out",
    ),
    hostile("no-pixels.png", lambda: png(0, 10), "damaged", door=True),
    hostile("a-thousand-frames.png", animated_png, _UNREADABLE),
    hostile("cmyk.jpg", _cmyk, _UNREADABLE),
    hostile("endless-exif.jpg", _endless_exif, _UNREADABLE),
    hostile("place-in-exif.jpg", lambda: with_exif(_grey_jpeg(64, 64), orientation=6), _UNREADABLE),
    hostile("truncated.jpg", lambda: clean_photo(dots_per_inch=72)[:3_000], _UNREADABLE),
    hostile("only-a-header.jpg", lambda: b"\xff\xd8\xff\xe0", "damaged"),
    hostile("gif-html-pdf.jpg", polyglot, "unsupported", door=True),
    hostile("gif-html-pdf.pdf", polyglot, "read damaged unsupported", door=True),
    hostile("drawing.png", lambda: _SVG, "unsupported", door=True),
    hostile("drawing.txt", lambda: _SVG, "unsupported", door=True),
    hostile("jpeg-inside.png", lambda: clean_photo(dots_per_inch=72), "unsupported", door=True),
]

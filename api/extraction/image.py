"""Photos and scans: looked at before they are unpacked, cleaned of everything but pixels, then read."""

import struct
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from api.extraction.blocks import blocks_of_lines
from api.extraction.limits import Request
from api.extraction.pictures import PictureReader, load_picture_reader
from api.extraction.reader import Reader
from api.extraction.refusals import ExtractionRefusedError, RefusalCode
from api.extraction.result import Caution, Extraction, FileKind

if TYPE_CHECKING:
    import numpy as np
    import pymupdf

_PNG = b"\x89PNG\r\n\x1a\n"
_JPEG = b"\xff\xd8\xff"
_FRAMES = frozenset({0xC0, 0xC1, 0xC2})
"""Baseline, extended and progressive: the start-of-frame markers that decoders of photos know."""
_LARGEST_SIDE = 5_200
_QUARTER_TURNS = {3: 180, 6: 90, 8: 270}
"""Degrees clockwise to turn a picture by, for its EXIF orientation; mirrored ones do not come from cameras."""
LARGER = 1.25
"""The mean width of a letter varies by a tenth from line to line."""


def prepare(request: Request, content: bytes) -> Reader:
    """Return the reader of pictures. Raises ExtractionRefusedError for what is none, or is too large to unpack."""
    check_header(content, request.kind, request.limits.pixels)
    import pymupdf  # noqa: PLC0415 - after the check

    pymupdf.TOOLS.mupdf_display_errors(False)
    read_picture = load_picture_reader(request.tools.ocr_models)

    def read(content: bytes) -> Extraction:
        return _read(content, read_picture)

    # Once while files can still be opened: libraries load parts of themselves when first used.
    read(pymupdf.Pixmap(pymupdf.csGRAY, 90, 90, bytes(90 * 90), False).tobytes("png"))
    return read


def check_header(content: bytes, kind: FileKind, most_pixels: int) -> None:
    """Raises ExtractionRefusedError when the header is no header of this kind, or promises too many pixels."""
    size = _png_size(content) if kind is FileKind.PNG else _jpeg_size(content)
    if size[0] * size[1] > most_pixels:
        raise ExtractionRefusedError(RefusalCode.TOO_LARGE)
    if min(size) == 0:
        raise ExtractionRefusedError(RefusalCode.DAMAGED)


def cleaned(content: bytes) -> "pymupdf.Pixmap":
    """Return nothing but the picture's pixels, upright and in red, green and blue: no EXIF, no XMP, no profile."""
    import pymupdf  # noqa: PLC0415

    pixels = pymupdf.Pixmap(content)
    while max(pixels.width, pixels.height) > _LARGEST_SIDE:
        pixels.shrink(1)  # to half, in place: letters a camera resolves this finely are read as well
    if pixels.colorspace is None or pixels.colorspace.n != 3:
        pixels = pymupdf.Pixmap(pymupdf.csRGB, pixels)
    if pixels.alpha:
        pixels = _on_white(pixels)
    return _upright(pixels, _QUARTER_TURNS.get(orientation(content), 0))


def _read(content: bytes, read_picture: PictureReader | None) -> Extraction:
    pixels = cleaned(content)
    if read_picture is None:
        return Extraction(blocks=[], warnings=[Caution.OCR_UNAVAILABLE])
    lines = read_picture(as_array(pixels), 1)
    return Extraction(blocks=blocks_of_lines(lines, larger=LARGER))


def as_array(pixels: "pymupdf.Pixmap") -> "np.ndarray[Any, np.dtype[np.uint8]]":
    """Return pixels as rows of columns of red, green and blue."""
    import numpy as np  # noqa: PLC0415

    flat = np.frombuffer(pixels.samples, dtype=np.uint8)
    return flat.reshape(pixels.height, pixels.stride)[:, : pixels.width * 3].reshape(
        pixels.height, pixels.width, 3
    )


def _on_white(pixels: "pymupdf.Pixmap") -> "pymupdf.Pixmap":
    """Return what shows through on paper: a transparent drawing in black is not black on black."""
    import pymupdf  # noqa: PLC0415

    page = pymupdf.open().new_page(width=pixels.width, height=pixels.height)
    page.insert_image(page.rect, pixmap=pixels)
    return page.get_pixmap(alpha=False)


def _upright(pixels: "pymupdf.Pixmap", degrees: int) -> "pymupdf.Pixmap":
    if not degrees:
        return pixels
    import numpy as np  # noqa: PLC0415
    import pymupdf  # noqa: PLC0415

    turned = np.ascontiguousarray(np.rot90(as_array(pixels), -degrees // 90))
    return pymupdf.Pixmap(pymupdf.csRGB, turned.shape[1], turned.shape[0], turned.tobytes(), False)


def _png_size(content: bytes) -> tuple[int, int]:
    if not content.startswith(_PNG) or content[12:16] != b"IHDR" or len(content) < 24:
        raise ExtractionRefusedError(RefusalCode.UNSUPPORTED)
    width, height = struct.unpack(">II", content[16:24])
    return width, height


def _jpeg_size(content: bytes) -> tuple[int, int]:
    if not content.startswith(_JPEG):
        raise ExtractionRefusedError(RefusalCode.UNSUPPORTED)
    for marker, segment in _segments(content):
        if marker in _FRAMES and len(segment) >= 5:
            height, width = struct.unpack(">HH", segment[1:5])
            return width, height
    raise ExtractionRefusedError(RefusalCode.DAMAGED)


def orientation(content: bytes) -> int:
    """Return the EXIF orientation of a JPEG, 1 (upright) when it says nothing that can be understood."""
    if not content.startswith(_JPEG):
        return 1
    for marker, segment in _segments(content):
        if marker == 0xE1 and segment.startswith(b"Exif\0\0"):
            return _orientation(segment[6:])
    return 1


def _orientation(tiff: bytes) -> int:
    order = "<" if tiff.startswith(b"II") else ">"
    try:
        (directory,) = struct.unpack_from(order + "I", tiff, 4)
        (count,) = struct.unpack_from(order + "H", tiff, directory)
        for entry in range(min(count, 200)):
            tag, _, _, value = struct.unpack_from(order + "HHIH", tiff, directory + 2 + 12 * entry)
            if tag == 0x0112:
                return int(value)
    except struct.error:
        return 1
    return 1


def _segments(content: bytes) -> Iterator[tuple[int, bytes]]:
    """Yield markers of a JPEG with what they hold, up to its pixels."""
    place = 2
    while place + 4 <= len(content) and content[place] == 0xFF:
        marker = content[place + 1]
        if marker == 0xFF:  # padding
            place += 1
            continue
        if marker == 0xDA:
            return
        length = int.from_bytes(content[place + 2 : place + 4], "big")
        yield marker, content[place + 4 : place + 2 + length]
        place += 2 + max(length, 2)

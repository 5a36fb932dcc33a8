"""Photos of a printed page: a clean one, and one taken by hand in the evening."""

import struct
import zlib

import numpy as np
import pymupdf

from tests.factories.files.pdfs import printed_page

Pixels = np.ndarray


def clean_photo(*, kind: str = "jpeg", dots_per_inch: int = 200) -> bytes:
    """Return the page straight and well lit."""
    return printed_page().get_pixmap(dpi=dots_per_inch).tobytes(kind)


def evening_photo(*, degrees: float = 3.5, seed: int = 7) -> bytes:
    """Return the page rotated, in low light from one side, with a sensor's noise and strong compression."""
    scale = 200 / 72
    page = printed_page().get_pixmap(matrix=pymupdf.Matrix(scale, scale).prerotate(degrees))
    pixels = as_array(page).astype(np.float32)
    height, width = pixels.shape[:2]
    light = 0.30 + 0.25 * np.linspace(0, 1, width)[None, :, None] * np.linspace(1, 0.6, height)[:, None, None]
    noise = np.random.default_rng(seed).normal(0, 9, pixels.shape)
    return jpeg(np.clip(_blurred(pixels) * light + noise, 0, 255).astype(np.uint8), quality=70)


def as_array(picture: pymupdf.Pixmap) -> Pixels:
    """Return rows of columns of red, green and blue."""
    flat = np.frombuffer(picture.samples, dtype=np.uint8)
    return flat.reshape(picture.height, picture.width, picture.n)


def jpeg(pixels: Pixels, *, quality: int = 85) -> bytes:
    """Return pixels as a JPEG."""
    height, width = pixels.shape[:2]
    picture = pymupdf.Pixmap(pymupdf.csRGB, width, height, np.ascontiguousarray(pixels).tobytes(), False)
    return picture.tobytes("jpeg", jpg_quality=quality)


def turned_photo() -> bytes:
    """Return the clean page lying on its side in the pixels, with an EXIF orientation that says so, and a place."""
    pixels = np.rot90(as_array(printed_page().get_pixmap(dpi=200)), 1)
    return with_exif(jpeg(pixels), orientation=6)


def sideways_photo() -> bytes:
    """Return the clean page lying on its side, and nothing that says so."""
    return jpeg(np.rot90(as_array(printed_page().get_pixmap(dpi=200)), 1))


def with_exif(photo: bytes, *, orientation: int = 1) -> bytes:
    """Return a JPEG that tells its orientation and, as phones do, something about who took it where."""
    entries = struct.pack(">HHIHH", 0x0112, 3, 1, orientation, 0)
    entries += struct.pack(">HHI4s", 0x010F, 2, 4, b"GPS\0")
    tiff = b"MM\0*" + struct.pack(">IH", 8, 2) + entries + struct.pack(">I", 0)
    segment = b"Exif\0\0" + tiff
    packet = b"http://ns.adobe.com/xap/1.0/\0<x:xmpmeta>Home of the Smith family</x:xmpmeta>"
    segments = b"".join(b"\xff\xe1" + struct.pack(">H", len(part) + 2) + part for part in (segment, packet))
    return photo[:2] + segments + photo[2:]


def png(width: int, height: int, *, colour_type: int = 2, data: bytes = b"", extra: bytes = b"") -> bytes:
    """Return a PNG with any size in its header and any compressed data, true or not."""
    header = struct.pack(">IIBBBBB", width, height, 8, colour_type, 0, 0, 0)
    return (
        b"\x89PNG\r\n\x1a\n" + _chunk(b"IHDR", header) + extra + _chunk(b"IDAT", data) + _chunk(b"IEND", b"")
    )


def animated_png(frames: int = 1_000) -> bytes:
    """Return a PNG that says it has many frames, and holds them as far as a reader looks."""
    row = b"\0" + bytes(64 * 3)
    data = zlib.compress(row * 64)
    control = _chunk(b"acTL", struct.pack(">II", frames, 0))
    frame = _chunk(b"fcTL", struct.pack(">IIIIIHHBB", 0, 64, 64, 0, 0, 1, 10, 0, 0))
    more = b"".join(_chunk(b"fdAT", struct.pack(">I", place) + data) for place in range(1, frames))
    return png(64, 64, data=data, extra=control + frame + more)


def _chunk(name: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))


def _blurred(pixels: Pixels) -> Pixels:
    """Return the picture slightly out of focus."""
    padded = np.pad(pixels, ((1, 1), (1, 1), (0, 0)), mode="edge")
    across = (padded[:, :-2] + 2 * padded[:, 1:-1] + padded[:, 2:]) / 4
    return (across[:-2] + 2 * across[1:-1] + across[2:]) / 4

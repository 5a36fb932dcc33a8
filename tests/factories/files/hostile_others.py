"""Old Word files and texts that are something else, or never end."""

import random
import struct

from tests.factories.files.docs import ENCRYPTED, Paragraph, lesson_paragraphs, word_97
from tests.factories.files.hostile import hostile
from tests.factories.files.pdfs import text_pdf

_MIB = 1024 * 1024
_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"


def _sectors_in_a_circle() -> bytes:
    """Return a Word file whose every sector is followed by the first."""
    content = bytearray(word_97())
    (fat,) = struct.unpack_from("<I", content, 76)
    struct.pack_into("<128I", content, 512 * (fat + 1), *([0] * 128))
    return bytes(content)


def _piece_told_again_and_again() -> bytes:
    """Return a Word file whose pieces all go back to the beginning and say they are a gigabyte long."""
    content = bytearray(word_97())
    paragraphs = len(lesson_paragraphs())
    plan = content.index(b"\x02" + struct.pack("<I", 4 + 12 * paragraphs), 512) + 5
    for number in range(1, paragraphs + 1):
        struct.pack_into("<I", content, plan + 4 * number, 0x3FFFFFFF if number % 2 else 0)
    return bytes(content)


def _fields_in_fields() -> bytes:
    return word_97([Paragraph("\x13" * 200_000 + "\x14x\x15" * 200_000)])


FILES = [
    hostile("with-password.doc", lambda: word_97(flags=ENCRYPTED), "encrypted", door=False),
    hostile("macros.doc", lambda: word_97(macros=True), "unsupported", door=True),
    hostile("word-95.doc", lambda: word_97(version=0x68), "unsupported"),
    hostile("truncated.doc", lambda: word_97()[:3_000], "damaged unsupported"),
    hostile("sectors-in-a-circle.doc", _sectors_in_a_circle, "read damaged timed_out unsupported"),
    hostile("pieces-in-a-circle.doc", _piece_told_again_and_again, "read damaged no_text"),
    hostile("fields-in-fields.doc", _fields_in_fields, "read no_text damaged timed_out"),
    hostile("rich-text.doc", lambda: rb"{\rtf1{\object\objdata 0105}}", "unsupported", door=True),
    hostile(
        "random-after-ole.doc", lambda: _OLE + random.Random(3).randbytes(100_000), "damaged unsupported"
    ),
    hostile("page.txt", lambda: b"\n <!DOCTYPE html><script>alert(1)</script>", "unsupported", door=True),
    hostile("pdf.txt", text_pdf, "unsupported", door=True),
    hostile("program.txt", lambda: b"MZ\x90\0\3\0\0\0" + bytes(500), "unsupported", door=True),
    hostile("random.txt", lambda: random.Random(4).randbytes(50_000), "unsupported", door=True),
    hostile("zeros.txt", lambda: bytes(50_000), "unsupported", door=True),
    hostile("half-a-character.txt", lambda: b"\xff\xfeA\0\0\xd8", "damaged unsupported"),
    hostile("one-line-of-10-mib.txt", lambda: b"a " * (5 * _MIB), "read"),
    hostile("hashes.txt", lambda: b"# a" + b"#" * (9 * _MIB) + b"x", "read timed_out"),
    hostile("10-mib-and-a-byte.txt", lambda: b"a" * (10 * _MIB + 1), "too_large", door=True),
    hostile("empty.txt", lambda: b"", "no_text", door=True),
    hostile("only-blanks.txt", lambda: b" \n" * 1_000, "no_text"),
]

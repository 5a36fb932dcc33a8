"""Which reader takes which file. Runs in the child only: readers bring large libraries."""

from api.extraction.language import guess_language, load_languages
from api.extraction.limits import Request
from api.extraction.reader import Reader
from api.extraction.result import Block, Caution, Extraction, FileKind


def prepare(request: Request, content: bytes) -> Reader:
    """Load what reading the file takes, and return its reader, which then needs nothing but the bytes.

    `content` is looked at only to refuse early what is not worth loading anything for.
    """
    load_languages()
    read = _reader(request, content)

    def read_and_finish(content: bytes) -> Extraction:
        return _finished(read(content), request.limits.characters)

    return read_and_finish


def _reader(request: Request, content: bytes) -> Reader:
    match request.kind:
        case FileKind.PDF:
            from api.extraction.pdf import prepare as prepare_pdf  # noqa: PLC0415 - one reader per child

            return prepare_pdf(request)
        case FileKind.DOCX:
            from api.extraction.docx import prepare as prepare_docx  # noqa: PLC0415 - one reader per child

            return prepare_docx(request)
        case FileKind.DOC:
            from api.extraction.doc import prepare as prepare_doc  # noqa: PLC0415 - one reader per child

            return prepare_doc(request)
        case FileKind.JPG | FileKind.PNG:
            from api.extraction.image import prepare as prepare_image  # noqa: PLC0415 - one reader per child

            return prepare_image(request, content)
        case FileKind.TXT:
            from api.extraction.text import prepare as prepare_text  # noqa: PLC0415 - one reader per child

            return prepare_text(request)


def _finished(extraction: Extraction, most_characters: int) -> Extraction:
    blocks = _as_many_as_fit(extraction.blocks, most_characters)
    warnings = list(extraction.warnings)
    if blocks != extraction.blocks:
        warnings.append(Caution.TRUNCATED)
    if any(block.is_uncertain for block in blocks) and Caution.UNCERTAIN_TEXT not in warnings:
        warnings.append(Caution.UNCERTAIN_TEXT)
    changes = {"blocks": blocks, "warnings": warnings, "language": guess_language(blocks)}
    return extraction.model_copy(update=changes)


def _as_many_as_fit(blocks: list[Block], most_characters: int) -> list[Block]:
    """Return the blocks up to so many characters; the last one is cut where they end."""
    left = most_characters
    for place, block in enumerate(blocks):
        if len(block.text) > left:
            cut = block.model_copy(update={"text": block.text[:left]})
            return [*blocks[:place], *([cut] if left else [])]
        left -= len(block.text)
    return blocks

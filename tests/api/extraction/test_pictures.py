"""Letters in pictures, measured in characters that are wrong: edits between what was printed and what was read."""

import time
from collections.abc import Callable
from pathlib import Path

import pymupdf
import pytest
from rapidfuzz.distance import Levenshtein

from api.extraction.limits import Limits
from api.extraction.result import BlockKind, Caution, Extraction, FileKind
from api.extraction.sandbox import extract, extract_rest
from tests.api.extraction.readers import ocr_tools, outline
from tests.factories.files.lesson import TITLE, UNITS, plain
from tests.factories.files.pdfs import scanned_pdf
from tests.factories.files.photos import clean_photo, evening_photo, sideways_photo, turned_photo

_CLEAN, _HARD = 0.03, 0.08
_SENTENCES = (
    "Die Blätter nehmen Licht auf; größere Bäume brauchen täglich über 200 Liter Wasser, süße Früchte kommen später.",
    "À l'été, l'arbre a besoin de beaucoup d'eau, où qu'il soit: les feuilles reçoivent la lumière rouge et bleue.",
    "¿Cuánta agua necesita un árbol grande? Más de 200 litros al día; los niños lo midieron en el jardín.",
)


def _error_rate(extraction: Extraction) -> float:
    read = " ".join(block.text for block in extraction.blocks)
    return Levenshtein.distance(read, plain()) / len(plain())


async def _read(folder: Path, content: bytes, kind: str = "jpg") -> Extraction:
    path = folder / f"picture.{kind}"
    path.write_bytes(content)
    return await extract(path, FileKind(kind), tools=ocr_tools())


@pytest.mark.parametrize(
    ("photo", "kind", "most"),
    [
        (clean_photo, "jpg", _CLEAN),
        (lambda: clean_photo(kind="png", dots_per_inch=150), "png", _CLEAN),
        (turned_photo, "jpg", _CLEAN),
        (sideways_photo, "jpg", _CLEAN),
        (evening_photo, "jpg", _HARD),
        (lambda: evening_photo(degrees=-6.0, seed=8), "jpg", _HARD),
    ],
    ids=["clean", "clean-150-dpi", "turned-by-exif", "sideways", "evening", "evening-steeper"],
)
async def test_the_printed_page_is_read_with_few_wrong_characters(
    tmp_path: Path, photo: Callable[[], bytes], kind: str, most: float
) -> None:
    extraction = await _read(tmp_path, photo(), kind)
    rate = _error_rate(extraction)
    assert rate <= most, f"{rate:.2%} of the characters are wrong"


@pytest.mark.parametrize("typeface", ["helv", "tiro", "cour"])
async def test_languages_and_typefaces_of_our_schools_are_read(tmp_path: Path, typeface: str) -> None:
    page = pymupdf.open().new_page()
    page.insert_textbox((72, 72, 520, 700), " ".join(_SENTENCES), fontsize=9, fontname=typeface)
    extraction = await _read(tmp_path, page.get_pixmap(dpi=200).tobytes("jpeg"))
    read, printed = " ".join(block.text for block in extraction.blocks), " ".join(_SENTENCES)
    assert Levenshtein.distance(read, printed) / len(printed) <= _CLEAN


async def test_headings_of_a_photo_are_found_and_lines_say_how_sure_they_are(tmp_path: Path) -> None:
    extraction = await _read(tmp_path, clean_photo())
    assert (1, TITLE) in outline(extraction)
    assert all(block.confidence is not None and block.confidence > 0.9 for block in extraction.blocks)


async def test_a_scanned_pdf_is_read_page_by_page(tmp_path: Path) -> None:
    extraction = await _read(tmp_path, scanned_pdf(pages=4), "pdf")
    assert extraction.unread_pages == []
    assert [block.page for block in extraction.blocks] == sorted(
        block.page or 0 for block in extraction.blocks
    )
    found = [block.text for block in extraction.blocks if block.kind is BlockKind.HEADING]
    assert [unit for unit in UNITS if unit in found] == list(UNITS)


async def test_pages_for_which_there_was_no_time_are_read_by_the_next_call(tmp_path: Path) -> None:
    path = tmp_path / "scan.pdf"
    path.write_bytes(scanned_pdf(pages=4))
    hasty = Limits(cpu_seconds=9, wall_seconds=12)
    first = await extract(path, FileKind.PDF, limits=hasty, tools=ocr_tools())
    whole, calls = first, 1
    while whole.unread_pages:
        assert Caution.PAGES_UNREAD in whole.warnings
        whole, calls = await extract_rest(path, whole, limits=hasty, tools=ocr_tools()), calls + 1
        assert calls < 6
    assert {block.page for block in whole.blocks} == {1, 2, 3, 4}
    assert Caution.PAGES_UNREAD not in whole.warnings


async def test_one_page_ends_well_within_its_time(tmp_path: Path) -> None:
    started = time.monotonic()
    await _read(tmp_path, clean_photo(dots_per_inch=300))
    assert time.monotonic() - started < 30

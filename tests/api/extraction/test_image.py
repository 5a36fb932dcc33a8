import pytest

from api.extraction.image import as_array, check_header, cleaned, orientation
from api.extraction.refusals import ExtractionRefusedError, RefusalCode
from api.extraction.result import FileKind
from tests.factories.files.pdfs import text_pdf
from tests.factories.files.photos import clean_photo, png, turned_photo, with_exif

_MARKS = (b"Exif", b"GPS", b"http://ns.adobe.com", b"Photoshop", b"ICC_PROFILE", b"Smith")


@pytest.mark.parametrize("kind", ["png", "jpeg"])
def test_of_a_picture_nothing_remains_but_pixels(kind: str) -> None:
    photo = with_exif(clean_photo(dots_per_inch=50))
    assert all(mark in photo for mark in _MARKS[:3])
    again = cleaned(photo).tobytes(kind)
    assert [mark for mark in _MARKS if mark in again] == []


def test_a_photo_is_turned_as_its_camera_says() -> None:
    photo = turned_photo()
    assert orientation(photo) == 6
    upright = cleaned(photo)
    assert upright.height > upright.width
    written = as_array(upright)[: upright.height // 2].min(axis=2) < 128
    assert written.any()  # the lesson fills the upper half of the page
    assert not (as_array(upright)[-200:].min(axis=2) < 128).any()


@pytest.mark.parametrize(
    ("content", "kind", "code"),
    [
        (png(50_000, 50_000), "png", RefusalCode.TOO_LARGE),
        (png(0, 5), "png", RefusalCode.DAMAGED),
        (clean_photo(dots_per_inch=20), "png", RefusalCode.UNSUPPORTED),
        (text_pdf(), "jpg", RefusalCode.UNSUPPORTED),
        (b"\xff\xd8\xff\xe0", "jpg", RefusalCode.DAMAGED),
    ],
    ids=["large", "empty", "jpeg-as-png", "pdf-as-jpg", "cut"],
)
def test_a_picture_is_judged_by_its_header_before_it_is_unpacked(
    content: bytes, kind: str, code: RefusalCode
) -> None:
    with pytest.raises(ExtractionRefusedError) as refusal:
        check_header(content, FileKind(kind), 40_000_000)
    assert refusal.value.code is code

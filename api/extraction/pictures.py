"""Reading the letters of a picture: PP-OCR models on onnxruntime, offline.

The models come with the wheel of `rapidocr` (extra `ocr`), which also finds the lines; without the extra, files of
text are read all the same and pictures are not.
"""

import math
from collections.abc import Callable, Sequence
from pathlib import Path
from statistics import median
from typing import TYPE_CHECKING, Any

from api.extraction.layout import Line, in_reading_order

if TYPE_CHECKING:
    import numpy as np

    Pixels = np.ndarray[Any, np.dtype[np.uint8]]

PictureReader = Callable[["Pixels", int], list[Line]]
"""From pixels (rows, columns, red-green-blue) and the number of their page to its lines in reading order."""

_SEARCHED_SIDE = 1280
"""Lines are looked for in a copy this large, and read in the original: half the memory, and no line less."""
_LONGEST_SIDE = 2600
_WELL_READ = 0.75
_FEWEST_LETTERS = 6
_AIR = 0.3
"""Of a line's height, which its box has left and right of it."""


def load_picture_reader(models: Path | None) -> PictureReader | None:
    """Return what reads pictures, or none where the extra `ocr` is not installed. Takes seconds and half a gigabyte.

    `models`: a folder with `det.onnx` and `rec.onnx`; none takes those of the wheel.
    """
    try:
        import cv2  # noqa: PLC0415 - an extra
        import numpy as np  # noqa: PLC0415
        from rapidocr import RapidOCR  # noqa: PLC0415
    except ImportError:
        return None
    cv2.setNumThreads(1)
    engine = RapidOCR(params=_parameters(models))
    engine(_practice(cv2, np))  # models are loaded when first used, which must be before files are closed

    def read(pixels: "Pixels", page: int) -> list[Line]:
        return _read(engine, _handy(cv2, pixels[:, :, ::-1]), page)

    return read


def _parameters(models: Path | None) -> dict[str, Any]:
    parameters: dict[str, Any] = {
        "Global.log_level": "critical",
        "Global.use_cls": False,
        "Global.max_side_len": _LONGEST_SIDE,
        "EngineConfig.onnxruntime.intra_op_num_threads": 1,
        "EngineConfig.onnxruntime.inter_op_num_threads": 1,
        "Det.limit_type": "max",
        "Det.limit_side_len": _SEARCHED_SIDE,
        "Rec.rec_batch_num": 1,
    }
    if models is not None:
        parameters |= {"Det.model_path": str(models / "det.onnx"), "Rec.model_path": str(models / "rec.onnx")}
    return parameters


def _practice(cv2: Any, np: Any) -> "Pixels":
    sheet: Pixels = np.full((80, 320, 3), 255, dtype=np.uint8)
    cv2.putText(sheet, "Practice", (20, 55), cv2.FONT_HERSHEY_SIMPLEX, 1.5, (0, 0, 0), 3)
    return sheet


def _handy(cv2: Any, pixels: "Pixels") -> "Pixels":
    """Return the picture no larger than letters need it."""
    height, width = pixels.shape[:2]
    scale = _LONGEST_SIDE / max(height, width)
    if scale >= 1:
        return pixels.copy()
    size = (max(1, round(width * scale)), max(1, round(height * scale)))
    smaller: Pixels = cv2.resize(pixels, size, interpolation=cv2.INTER_AREA)
    return smaller


def _read(engine: Any, pixels: "Pixels", page: int) -> list[Line]:
    """Read the picture as it lies and, when that makes little sense, turned to how it may stand."""
    lines, is_sideways = _recognised(engine, pixels, page)
    if not lines or (_certainty(lines) >= _WELL_READ and not is_sideways):
        return lines
    turned = [
        _recognised(engine, _turned(pixels, turns), page)[0] for turns in ((1, 3) if is_sideways else (2,))
    ]
    return max([lines, *turned], key=_certainty)


def _turned(pixels: "Pixels", turns: int) -> "Pixels":
    import numpy as np  # noqa: PLC0415 - loaded by then

    return np.ascontiguousarray(np.rot90(pixels, turns))


def _certainty(lines: Sequence[Line]) -> float:
    """Return the mean confidence of a character."""
    characters = sum(len(line.text) for line in lines)
    return sum((line.confidence or 0) * len(line.text) for line in lines) / max(characters, 1)


def _recognised(engine: Any, pixels: "Pixels", page: int) -> tuple[list[Line], bool]:
    """Return the lines, and whether most of them stand upright, as on a sheet that lies on its side."""
    found = engine(pixels)
    if found.txts is None or len(found.txts) == 0:
        return [], False
    corners = [[(float(x), float(y)) for x, y in box] for box in found.boxes]
    slope = _slope(corners)
    lines = [
        _line((text.strip(), score), _straightened(box, slope), page)
        for text, score, box in zip(found.txts, found.scores, corners, strict=True)
        if text.strip()
    ]
    upright = sum(
        line.bottom - line.top > 1.5 * (line.right - line.left) and len(line.text) > 2 for line in lines
    )
    return in_reading_order(lines), upright > len(lines) / 2


def _slope(boxes: Sequence[Sequence[tuple[float, float]]]) -> float:
    """Return the angle of the page's lines in radians: the middle one of those long enough to tell."""
    angles = []
    for (left, top), (right, its_top), *_ in boxes:
        if right - left > 100:
            angles.append(math.atan2(its_top - top, right - left))
    return median(angles) if angles else 0.0


def _straightened(box: Sequence[tuple[float, float]], slope: float) -> list[tuple[float, float]]:
    cosine, sine = math.cos(-slope), math.sin(-slope)
    return [(x * cosine - y * sine, x * sine + y * cosine) for x, y in box]


def _line(read: tuple[str, float], box: Sequence[tuple[float, float]], page: int) -> Line:
    """Return a line by its text with its score, and its corners, clockwise from the upper left."""
    text, score = read
    left, right = min(x for x, _ in box), max(x for x, _ in box)
    top, bottom = min(y for _, y in box), max(y for _, y in box)
    size = _size_of_letters(len(text), math.dist(box[0], box[1]), math.dist(box[0], box[3]))
    return Line(text, left, top, right, bottom, size, page, confidence=min(max(float(score), 0.0), 1.0))


def _size_of_letters(letters: int, width: float, height: float) -> float:
    """Return the size by the mean width of a letter, about half of it, which varies less than the height of a box:
    that depends on whether one letter goes below the line. Words too short for a mean have their height.
    """
    if letters < _FEWEST_LETTERS:
        return 0.8 * height
    return max(2 * (width - _AIR * height) / letters, 1.0)

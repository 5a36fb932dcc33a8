"""From lines that stand somewhere on a page to text in the order in which people read it.

A page is cut into bands of lines side by side; bands below each other that leave the same strip free are columns,
and are read one after the other. Lengths are in whatever unit the page is measured in.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from statistics import median

Span = tuple[float, float]

_STRIP = 1.0
"""A strip between columns is at least as wide as a line is high; spaces between words are narrower."""
_FEWEST_LINES = 2
_NARROWEST_COLUMN = 0.15
"""Of the text's width: what is narrower is a bullet or a number beside its line."""


@dataclass(frozen=True, slots=True)
class Line:
    text: str
    left: float
    top: float
    right: float
    bottom: float
    size: float
    """Of its letters, in the unit of the page."""
    page: int
    is_bold: bool = False
    is_faint: bool = False
    """A reader of the page would not see it."""
    confidence: float | None = None


def in_reading_order(lines: Sequence[Line]) -> list[Line]:
    """Return the lines of one page as they are read: down the first column, then down the next."""
    if len(lines) < 2:
        return list(lines)
    strip = _STRIP * median(line.size for line in lines)
    return [line for group in _groups(_bands(lines), strip) for line in _read_group(group, strip)]


def _bands(lines: Sequence[Line]) -> Iterator[list[Line]]:
    """Yield lines that stand side by side, from the top; half a line's height decides."""
    band: list[Line] = []
    bottom = float("-inf")
    for line in sorted(lines, key=lambda line: (line.top, line.left)):
        if band and line.top + 0.4 * (line.bottom - line.top) >= bottom:
            yield band
            band, bottom = [], float("-inf")
        band.append(line)
        bottom = max(bottom, line.bottom)
    if band:
        yield band


def _groups(bands: Iterable[list[Line]], strip: float) -> Iterator[list[Line]]:
    """Yield bands together as long as a strip stays free that begins with lines on both sides."""
    group: list[Line] = []
    free: list[Span] = []
    for band in bands:
        still_free = _free(free, band, strip)
        if group and not still_free:
            yield group
            group = []
        free = still_free if group else _free([_extent(band)], band, strip)
        group += band
    yield group


def _extent(lines: Sequence[Line]) -> Span:
    return min(line.left for line in lines), max(line.right for line in lines)


def _free(spans: list[Span], band: list[Line], strip: float) -> list[Span]:
    """Return what the band leaves of the spans, where that is wide enough."""
    for line in band:
        spans = [
            part
            for start, end in spans
            for part in ((start, min(end, line.left)), (max(start, line.right), end))
            if part[1] - part[0] >= strip
        ]
    return spans


def _read_group(group: list[Line], strip: float) -> list[Line]:
    columns = _columns(group, strip)
    if columns is None:
        return [line for band in _bands(group) for line in sorted(band, key=lambda line: line.left)]
    return [line for column in columns for line in in_reading_order(column)]


def _columns(group: list[Line], strip: float) -> tuple[list[Line], list[Line]] | None:
    """Return the group left and right of its first free strip, if both sides are columns of text."""
    left, right = _extent(group)
    for start, end in _free([(left, right)], group, strip):
        first = [line for line in group if line.right <= start]
        second = [line for line in group if line.left >= end]
        if len(first) + len(second) == len(group) and all(
            _is_column(side, right - left) for side in (first, second)
        ):
            return first, second
    return None


def _is_column(side: list[Line], width: float) -> bool:
    if len(side) < _FEWEST_LINES:
        return False
    left, right = _extent(side)
    return right - left >= _NARROWEST_COLUMN * width

"""From lines in reading order to headings, paragraphs and list items."""

from collections import Counter
from collections.abc import Iterator, Sequence
from statistics import fmean

from api.extraction.layout import Line
from api.extraction.paragraphs import heading_level, list_item
from api.extraction.result import Block, BlockKind

UNCERTAIN_BELOW = 0.85
"""Confidence of a picture's line under which a teacher should look: those of clean pages have 0.95 and more."""
_LONGEST_HEADING = 150
_MOST_LEVELS = 6
_FARTHEST_LINE = 0.75
"""Of a line's height: a wider gap begins a paragraph."""


def blocks_of_lines(lines: Sequence[Line], *, larger: float) -> list[Block]:
    """Return the blocks of a file's lines, which are in reading order.

    `larger`: how many times the size of the body text a heading's letters have at least. Sizes are exact in a PDF
    and vary with a line's letters in a picture.
    """
    if not lines:
        return []
    body = _body_size(lines)
    levels = _levels(lines, body * larger, (larger - 1) / 2)
    return [_block(group, levels, body) for group in _grouped(lines, levels, body)]


def _body_size(lines: Sequence[Line]) -> float:
    """Return the size most characters have."""
    sizes: Counter[float] = Counter()
    for line in lines:
        sizes[_rounded(line.size)] += len(line.text)
    return max(sizes, key=lambda size: sizes[size])


def _rounded(size: float) -> float:
    return round(size * 2) / 2


def _levels(lines: Sequence[Line], least: float, tolerance: float) -> dict[float, int]:
    """Return the level of every size that headings have: the largest is 1. Sizes within `tolerance` are one."""
    sizes = {
        _rounded(line.size) for line in lines if line.size >= least and len(line.text) <= _LONGEST_HEADING
    }
    levels: dict[float, int] = {}
    level, largest = 0, float("inf")
    for size in sorted(sizes, reverse=True):
        if size < largest * (1 - tolerance):
            level, largest = min(level + 1, _MOST_LEVELS), size
        levels[size] = level
    return levels


def _level(line: Line, levels: dict[float, int], body: float) -> int | None:
    if len(line.text) > _LONGEST_HEADING or not any(letter.isalpha() for letter in line.text):
        return None
    if level := levels.get(_rounded(line.size)):
        return level
    if line.is_bold and line.size >= body and (line.text[-1].isalnum() or heading_level(line.text)):
        return min(max(levels.values(), default=0) + 1, _MOST_LEVELS)
    return None


def _grouped(lines: Sequence[Line], levels: dict[float, int], body: float) -> Iterator[list[Line]]:
    group: list[Line] = []
    for line in lines:
        if group and not _continues(group[-1], line, (levels, body)):
            yield group
            group = []
        group.append(line)
    yield group


def _continues(before: Line, line: Line, scale: tuple[dict[float, int], float]) -> bool:
    """Whether a line goes on with what the one before it says."""
    if line.page != before.page or list_item(line.text) is not None:
        return False
    if _level(before, *scale) != _level(line, *scale) or line.is_faint != before.is_faint:
        return False
    height = max(line.bottom - line.top, before.bottom - before.top)
    overlap = min(line.bottom, before.bottom) - max(line.top, before.top)
    is_beside = overlap > 0.5 * height and line.left >= before.left
    is_below = -0.5 * height <= line.top - before.bottom <= _FARTHEST_LINE * height
    return is_beside or (is_below and line.left < before.right)


def _block(group: list[Line], levels: dict[float, int], body: float) -> Block:
    text = joined([line.text for line in group])
    confidences = [line.confidence for line in group if line.confidence is not None]
    confidence = fmean(confidences) if confidences else None
    level = _level(group[0], levels, body)
    item = list_item(text) if level is None else None
    kind = BlockKind.HEADING if level else BlockKind.LIST_ITEM if item else BlockKind.PARAGRAPH
    return Block(
        kind=kind,
        text=item or text,
        page=group[0].page,
        level=level,
        confidence=confidence and round(confidence, 3),
        is_uncertain=group[0].is_faint or min(confidences, default=1.0) < UNCERTAIN_BELOW,
    )


def joined(lines: Sequence[str]) -> str:
    """Return lines as one text; a word that was divided at the end of its line is whole again."""
    text = lines[0]
    for line in lines[1:]:
        is_divided = len(text) > 1 and text[-1] in "-\u00ad" and text[-2].isalpha() and line[:1].islower()
        text = text[:-1] + line if is_divided else f"{text} {line}"
    return text.replace("\u00ad", "")

"""Cutting files into sections: between headings, else between paragraphs; no text of a reader's is lost."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

from api.curricula.lines import plain_line
from api.curricula.outline import LONGEST_SECTION, MOST_SECTIONS, SourceFile, Span, is_shown, span_of, text_of
from api.extraction.result import BlockKind
from api.generation.passages import letters_in, split_passages

FEWEST_LETTERS = 200
"""A section with fewer belongs to its neighbour."""
WITHOUT_HEADINGS = 6_000
"""Characters of a section where nothing says where one ends."""
LONGEST_TITLE = 120
_GROWTH = 1.3


@dataclass(frozen=True, slots=True)
class Cut:
    """Blocks that will be a section; without a title where no heading gave one."""

    unit: str
    title: str
    spans: tuple[Span, ...]
    text: str


@dataclass(frozen=True, slots=True)
class _Levels:
    """Which headings of a file name units, and which sections."""

    unit: int | None
    section: int
    unit_name: str


def cut_file(file: SourceFile, first: int = 0, last: int | None = None) -> list[Cut]:
    """Return the sections of a file, or of some of its blocks: between headings where there are any."""
    end = len(file.blocks) - 1 if last is None else last
    levels = _levels_of(file, first, end)
    cuts = (
        _between_paragraphs(file, first, end) if levels is None else _at_headings(file, (first, end), levels)
    )
    return split_long(join_tiny([cut for cut in cuts if cut.text]))


def join_tiny(cuts: Sequence[Cut]) -> list[Cut]:
    """Put a section of a few words into the one before it, or after it where that begins the same unit."""
    joined: list[Cut] = []
    waiting: Cut | None = None
    for found, following in zip(cuts, [*cuts[1:], None], strict=False):
        cut = found if waiting is None else _joined_tiny(waiting, found)
        waiting = None
        if letters_in(cut.text) >= FEWEST_LETTERS:
            joined.append(cut)
        elif following is not None and not (joined and joined[-1].unit == cut.unit):
            waiting = cut
        elif joined:
            joined[-1] = _joined_tiny(joined[-1], cut)
        else:
            joined.append(cut)
    return joined


def _joined_tiny(before: Cut, cut: Cut) -> Cut:
    """The larger one names both."""
    named = before if letters_in(before.text) >= letters_in(cut.text) else cut
    return replace(join(before, cut), unit=named.unit, title=named.title or before.title or cut.title)


def join(one: Cut, other: Cut) -> Cut:
    """Return one section of two; the first one names it."""
    return replace(
        one,
        title=one.title or other.title,
        spans=joined_spans([*one.spans, *other.spans]),
        text=f"{one.text}\n\n{other.text}",
    )


def joined_spans(spans: Iterable[Span]) -> tuple[Span, ...]:
    """Return spans with those that follow each other in a file made one."""
    joined: list[Span] = []
    for span in spans:
        at = next((at for at, before in enumerate(joined) if _follows(before, span)), None)
        if at is None:
            joined.append(span)
        else:
            joined[at] = _longer(joined[at], span)
    return tuple(joined)


def _follows(before: Span, span: Span) -> bool:
    return before.file_id == span.file_id and before.first_block <= span.first_block <= before.last_block + 1


def _longer(before: Span, span: Span) -> Span:
    numbers = (before.first_page, before.last_page, span.first_page, span.last_page)
    pages = [page for page in numbers if page is not None]
    return replace(
        before,
        last_block=max(before.last_block, span.last_block),
        first_page=min(pages, default=None),
        last_page=max(pages, default=None),
    )


def split_long(cuts: Sequence[Cut]) -> list[Cut]:
    """Cut what is longer than a section may be, between paragraphs; the parts are numbered."""
    parts: list[Cut] = []
    for cut in cuts:
        texts = split_passages(cut.text, LONGEST_SECTION) if len(cut.text) > LONGEST_SECTION else [cut.text]
        for number, text in enumerate(texts, start=1):
            title = cut.title if number == 1 or not cut.title else f"{cut.title[:110]} ({number})"
            parts.append(replace(cut, title=title, text=text))
    return parts


def at_most(cuts: Sequence[Cut], count: int = MOST_SECTIONS) -> tuple[list[Cut], int]:
    """Join neighbours until there are no more than `count`; return them, and how many characters found no place."""
    packed = list(cuts)
    limit = max(sum(len(cut.text) for cut in cuts) / count, 1)
    while len(packed) > count and limit < LONGEST_SECTION * _GROWTH:
        packed = _packed(cuts, min(int(limit), LONGEST_SECTION))
        limit *= _GROWTH
    return packed[:count], sum(len(cut.text) for cut in packed[count:])


def _packed(cuts: Sequence[Cut], limit: int) -> list[Cut]:
    packed: list[Cut] = []
    for cut in cuts:
        if packed and len(packed[-1].text) + len(cut.text) + 2 <= limit:
            packed[-1] = join(packed[-1], cut)
        else:
            packed.append(cut)
    return packed


def _levels_of(file: SourceFile, first: int, last: int) -> _Levels | None:
    """Say what a file's levels mean, whatever their numbers; a single highest heading is its title, no unit."""
    headings = [
        (block.level or 1, block.text)
        for block in file.blocks[first : last + 1]
        if block.kind is BlockKind.HEADING and is_shown(block)
    ]
    levels = sorted({level for level, _ in headings})
    if not levels:
        return None
    name = file.name.rsplit(".", 1)[0]
    tops = [text for level, text in headings if level == levels[0]]
    if len(tops) == 1 and len(levels) > 1:
        name, levels = tops[0], levels[1:]
    unit, section = (levels[0], levels[1]) if len(levels) > 1 else (None, levels[0])
    return _Levels(unit, section, plain_line(name, LONGEST_TITLE))


def _at_headings(file: SourceFile, blocks: tuple[int, int], levels: _Levels) -> Iterator[Cut]:
    unit, title, start = levels.unit_name, "", blocks[0]
    for number in range(blocks[0], blocks[1] + 1):
        block = file.blocks[number]
        level = (block.level or 1) if block.kind is BlockKind.HEADING and is_shown(block) else None
        if level is None or level > levels.section:
            continue
        if number > start:
            yield _cut(file, (start, number - 1), unit, title)
        start, heading = number, plain_line(block.text, LONGEST_TITLE)
        if levels.unit is not None and level <= levels.unit:
            unit = heading
        title = heading
    yield _cut(file, (start, blocks[1]), unit, title)


def _between_paragraphs(file: SourceFile, first: int, last: int) -> Iterator[Cut]:
    unit = plain_line(file.name.rsplit(".", 1)[0], LONGEST_TITLE)
    start, size = first, 0
    for number in range(first, last + 1):
        length = len(file.blocks[number].text)
        if size and size + length > WITHOUT_HEADINGS:
            yield from _pieces_of(_cut(file, (start, number - 1), unit, ""))
            start, size = number, 0
        size += length
    if start <= last:
        yield from _pieces_of(_cut(file, (start, last), unit, ""))


def _pieces_of(cut: Cut) -> Iterator[Cut]:
    """A file that is one long paragraph is cut between its sentences."""
    for text in split_passages(cut.text, WITHOUT_HEADINGS):
        yield replace(cut, text=text)


def _cut(file: SourceFile, blocks: tuple[int, int], unit: str, title: str) -> Cut:
    return Cut(unit, title, (span_of(file, *blocks),), text_of(file, *blocks))

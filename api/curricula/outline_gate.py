"""What a model's outline must pass: its sections are made of the files' blocks and named by their words, or not used.

Nothing here asks a model. What fails is put right from the text itself, so that an outline always comes of it.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from rapidfuzz import fuzz

from api.curricula.cutting import LONGEST_TITLE, Cut, cut_file, join_tiny, joined_spans, split_long
from api.curricula.lines import content_words, lesson_words, plain_line, speaks_to_machine
from api.curricula.offline_outline import LONGEST_CONCEPT, LONGEST_OBJECTIVE, described
from api.curricula.outline import LONGEST_SECTION, OutlinedSection, SourceFile, span_of, text_of
from api.curricula.replies import FoundSection, PlacedSection
from api.generation.passages import letters_in

MOST_OBJECTIVES, MOST_CONCEPTS = 6, 10
WIDE_GAP_LETTERS = 1_500
"""What a model leaves out goes with the section before it; this much becomes a section of its own."""
ALIKE_PERCENT = 60
"""Sections are made one only where their titles, or their texts, share this much."""
_COMPARED = 3_000


@dataclass(frozen=True, slots=True)
class Chunk:
    """Blocks of a file that a model sees at once, first and last included."""

    file: SourceFile
    first: int
    last: int


@dataclass(frozen=True, slots=True)
class _Named:
    """A cut, and what the model called it; None for what it left out."""

    cut: Cut
    found: FoundSection | None


def check_sections(
    found: Sequence[FoundSection], chunk: Chunk, language: str | None
) -> list[OutlinedSection]:
    """Return a chunk's sections: every block that a reader sees stands in one, and in one only."""
    named = [entry for entry in _without_gaps(_in_order(found, chunk), chunk) if entry.cut.text]
    return [_checked(entry, language) for whole in named for entry in _of_fair_size(whole)]


def _in_order(found: Sequence[FoundSection], chunk: Chunk) -> Iterator[FoundSection]:
    """Yield what lies inside the chunk, each beginning after the one before it ends."""
    start = chunk.first
    for section in sorted(found, key=lambda one: (one.first_block, one.last_block)):
        if not chunk.first <= section.first_block <= section.last_block <= chunk.last:
            continue
        if section.last_block >= start:
            yield section.model_copy(update={"first_block": max(section.first_block, start)})
            start = section.last_block + 1


def _without_gaps(found: Iterator[FoundSection], chunk: Chunk) -> list[_Named]:
    named: list[_Named] = []
    start = chunk.first
    for section in found:
        named = _with_gap(named, chunk, (start, section.first_block - 1))
        named.append(_Named(_cut(chunk.file, section), section))
        start = section.last_block + 1
    return _with_gap(named, chunk, (start, chunk.last))


def _with_gap(named: list[_Named], chunk: Chunk, blocks: tuple[int, int]) -> list[_Named]:
    """Add blocks that no section claims: to the one before them when they are few, else as what they are."""
    first, last = blocks
    if first > last:
        return named
    text = text_of(chunk.file, first, last)
    if not named or letters_in(text) >= WIDE_GAP_LETTERS:
        return [*named, *(_Named(cut, None) for cut in cut_file(chunk.file, first, last))]
    before = named[-1]
    spans = joined_spans([*before.cut.spans, span_of(chunk.file, first, last)])
    grown = replace(before.cut, spans=spans, text=f"{before.cut.text}\n\n{text}".strip())
    return [*named[:-1], replace(before, cut=grown)]


def _of_fair_size(entry: _Named) -> list[_Named]:
    return [_Named(cut, entry.found) for cut in split_long([entry.cut])]


def _cut(file: SourceFile, found: FoundSection) -> Cut:
    first, last = found.first_block, found.last_block
    title = plain_line(found.title, LONGEST_TITLE)
    return Cut("", title, (span_of(file, first, last),), text_of(file, first, last))


def _checked(entry: _Named, language: str | None) -> OutlinedSection:
    """Return a section with the model's words where they are the text's too, else with the text's own."""
    if entry.found is None:
        return described(entry.cut, language)
    words = lesson_words(entry.cut.text)
    title = entry.cut.title if _is_about(entry.cut.title, words) else ""
    own = described(replace(entry.cut, title=title, unit=""), language)
    unit = plain_line(entry.found.unit, LONGEST_TITLE)
    objectives = _lines(entry.found.objectives, LONGEST_OBJECTIVE, words)[:MOST_OBJECTIVES]
    concepts = _lines(entry.found.concepts, LONGEST_CONCEPT, words)[:MOST_CONCEPTS]
    return replace(
        own,
        unit=unit if _is_about(unit, words) else own.title,
        objectives=objectives or own.objectives,
        concepts=concepts or own.concepts,
    )


def _lines(texts: Sequence[str], longest: int, words: set[str]) -> list[str]:
    lines = dict.fromkeys(plain_line(text, longest) for text in texts)
    return [line for line in lines if _is_about(line, words)]


def _is_about(line: str, words: set[str]) -> bool:
    """Say whether a line shares a content word with the lesson, and gives no orders."""
    return bool(content_words(line) & words) and not speaks_to_machine(line)


def place_sections(
    sections: Sequence[OutlinedSection], placed: Sequence[PlacedSection]
) -> list[OutlinedSection]:
    """Return all sections in the order a model gave them; one that it forgot stays behind its neighbour."""
    known = {entry.id: entry for entry in reversed(placed) if 0 <= entry.id < len(sections)}
    order = list(dict.fromkeys(entry.id for entry in placed if entry.id in known))
    for number in range(len(sections)):
        if number not in known:
            order.insert(order.index(number - 1) + 1 if number else 0, number)
    twins = {
        number: entry.duplicate_of for number, entry in known.items() if _is_twin(entry, known, sections)
    }
    return [
        _in_unit(_merged(sections, number, twins), known.get(number))
        for number in order
        if number not in twins
    ]


def _is_twin(
    entry: PlacedSection, known: dict[int, PlacedSection], sections: Sequence[OutlinedSection]
) -> bool:
    """Say whether a section may become part of another, which itself stays what it is."""
    other = entry.duplicate_of
    if other == entry.id or not 0 <= other < len(sections):
        return False
    if other in known and known[other].duplicate_of not in {-1, other}:
        return False
    one, two = sections[entry.id], sections[other]
    return _alike(one, two) and len(one.source_text) + len(two.source_text) + 2 <= LONGEST_SECTION


def _alike(one: OutlinedSection, two: OutlinedSection) -> bool:
    titles = fuzz.token_set_ratio(one.title.casefold(), two.title.casefold())
    texts = fuzz.token_set_ratio(one.source_text[:_COMPARED], two.source_text[:_COMPARED])
    return max(titles, texts) >= ALIKE_PERCENT


def _merged(sections: Sequence[OutlinedSection], number: int, twins: dict[int, int]) -> OutlinedSection:
    """Return a section with what those say that are merged into it; nothing said is lost."""
    section = sections[number]
    for other in (sections[twin] for twin, whole in twins.items() if whole == number):
        section = replace(
            section,
            objectives=list(dict.fromkeys([*section.objectives, *other.objectives]))[:MOST_OBJECTIVES],
            concepts=list(dict.fromkeys([*section.concepts, *other.concepts]))[:MOST_CONCEPTS],
            spans=[*section.spans, *other.spans],
            source_text=f"{section.source_text}\n\n{other.source_text}",
        )
    return section


def _in_unit(section: OutlinedSection, placed: PlacedSection | None) -> OutlinedSection:
    """Take the model's name of a unit when it has to do with the section, else keep the one it had."""
    if placed is None:
        return section
    unit = plain_line(placed.unit, LONGEST_TITLE)
    words = lesson_words(section.source_text) | content_words(section.unit)
    return replace(section, unit=unit) if _is_about(unit, words) else section


def join_tiny_sections(sections: Sequence[OutlinedSection], language: str | None) -> list[OutlinedSection]:
    """Put sections of a few words into their neighbours; what stays as it was keeps its words."""
    cuts = [Cut(one.unit, one.title, tuple(one.spans), one.source_text) for one in sections]
    by_text = {(one.title, one.source_text): one for one in sections}
    names = {(one.unit, one.title): one for one in reversed(sections)}
    joined = []
    for cut in split_long(join_tiny(cuts)):
        same = by_text.get((cut.title, cut.text)) or names.get((cut.unit, cut.title))
        own = same or described(cut, language)
        joined.append(replace(own, spans=list(cut.spans), source_text=cut.text))
    return joined

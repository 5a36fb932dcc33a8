"""An outline from a model: sections found chunk by chunk, then put in order, and through the gate each time."""

from collections.abc import Awaitable, Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any, Protocol, TypeVar
from uuid import UUID

from pydantic import BaseModel

from api.curricula.cutting import Cut, at_most, cut_file
from api.curricula.offline_outline import described, without_repeats
from api.curricula.outline import MOST_SECTIONS, Outline, OutlinedSection, SourceFile, Span, is_shown
from api.curricula.outline_gate import Chunk, check_sections, join_tiny_sections, place_sections
from api.curricula.replies import FoundSections, PlacedSections
from api.generation.reading import language_of
from core.ai import Ask, BadReplyError, ModelRefusedError, Reply, load_prompt
from core.encryption import ColumnKeys
from core.tenancy import TenantContext

CHUNK_CHARACTERS = 12_000
"""About 3,000 tokens of text in a call."""
MOST_CHUNKS = 100
"""Calls for one curriculum, about a book of 400 pages; what lies beyond is outlined without a model."""
PLACED_AT_ONCE = 60
"""Sections that are put in order in one call."""
_BEGINNING = 200
"""Characters of a section that show what it says, where many are put in order."""
_MAPPED_PERCENT = 85

T = TypeVar("T", bound=BaseModel)


class Writer(Protocol):
    """Whoever reads and orders: a model, or a script that plays one."""

    async def ask(self, context: TenantContext, columns: ColumnKeys, ask: Ask[T]) -> Reply[T]:
        """Answer as `core.ai.Model` does."""


@dataclass(frozen=True, kw_only=True)
class OutlineDesk:
    """What outlining needs around it."""

    model: Writer
    context: TenantContext
    columns: ColumnKeys
    curriculum_id: UUID
    school_id: UUID
    require_wanted: Callable[[], Awaitable[None]]
    """Raises when the job was cancelled; asked before each call."""
    report: Callable[[int], Awaitable[None]]
    """Takes how many percent are done."""


@dataclass(slots=True)
class _Origins:
    """Who wrote what came of it."""

    model: str | None = None
    prompts: tuple[str, ...] = ()
    offline_chunks: int = 0

    def note(self, reply: Reply[Any]) -> None:
        self.model = reply.model
        self.prompts = tuple(dict.fromkeys([*self.prompts, reply.prompt_label]))

    def as_origin(self, left_out: int) -> dict[str, Any]:
        """`mode` is "offline" when the model's words were used nowhere."""
        known = {"mode": "ai" if self.model else "offline"}
        if self.model:
            known |= {"model": self.model, "prompt_version": ", ".join(self.prompts)}
        counted = {"offline_chunks": self.offline_chunks, "left_out_characters": left_out}
        return known | {name: count for name, count in counted.items() if count}


async def outline_with_model(desk: OutlineDesk, files: Sequence[SourceFile]) -> Outline:
    """Return an outline of the files.

    A chunk without a usable reply is outlined without the model. Raises what `Model.ask` raises when no model can
    answer at all, and what `require_wanted` raises.
    """
    chunks = [chunk for file in files for chunk in chunks_of(file)]
    language = _language(files)
    origins, sections = _Origins(), list[OutlinedSection]()
    for number, chunk in enumerate(chunks):
        sections += await _found(desk, chunk, language, origins if number < MOST_CHUNKS else None)
        origins.offline_chunks += number >= MOST_CHUNKS
        await desk.report((number + 1) * _MAPPED_PERCENT // len(chunks))
    sections, left_out = _few(join_tiny_sections(_without_repeats(sections), language), language)
    if origins.model and len(sections) > 1:
        sections = await _placed(desk, sections, origins)
    return Outline(join_tiny_sections(sections, language)[:MOST_SECTIONS], origins.as_origin(left_out))


def chunks_of(file: SourceFile) -> Iterator[Chunk]:
    """Yield a file's blocks in pieces that a model takes in at once; a block that is longer is a chunk alone."""
    start, size = 0, 0
    for number, block in enumerate(file.blocks):
        length = len(block.text) if is_shown(block) else 0
        if size and size + length > CHUNK_CHARACTERS:
            yield Chunk(file, start, number - 1)
            start, size = number, 0
        size += length
    if size:
        yield Chunk(file, start, len(file.blocks) - 1)


async def _found(
    desk: OutlineDesk, chunk: Chunk, language: str | None, origins: _Origins | None
) -> list[OutlinedSection]:
    """Return the sections of a chunk: the model's where it gives usable ones."""
    if origins is None:
        return _offline(chunk, language)
    ask = _ask(desk, "outline_sections", FoundSections, _shown(chunk, language))
    try:
        await desk.require_wanted()
        reply = await desk.model.ask(desk.context, desk.columns, ask)
    except (BadReplyError, ModelRefusedError):
        origins.offline_chunks += 1
        return _offline(chunk, language)
    origins.note(reply)
    return check_sections(reply.value.sections, chunk, language)


def _offline(chunk: Chunk, language: str | None) -> list[OutlinedSection]:
    return [described(cut, language) for cut in cut_file(chunk.file, chunk.first, chunk.last)]


def _shown(chunk: Chunk, language: str | None) -> dict[str, Any]:
    """Return what the model sees: blocks that a reader of the page sees too."""
    numbered = [
        {"number": number, "kind": block.kind.value, "text": block.text[:CHUNK_CHARACTERS]}
        for number in range(chunk.first, chunk.last + 1)
        if is_shown(block := chunk.file.blocks[number])
    ]
    return {"file": chunk.file.name[:200], "language": language, "blocks": numbered}


def _ask(desk: OutlineDesk, purpose: str, reply: type[T], data: dict[str, Any]) -> Ask[T]:
    return Ask(purpose, desk.curriculum_id, load_prompt(purpose), reply, data, school_id=desk.school_id)


async def _placed(
    desk: OutlineDesk, sections: Sequence[OutlinedSection], origins: _Origins
) -> list[OutlinedSection]:
    """Put sections in order: at most sixty in a call, then the groups' units among each other."""
    groups = [sections[at : at + PLACED_AT_ONCE] for at in range(0, len(sections), PLACED_AT_ONCE)]
    placed = [section for group in groups for section in await _placed_group(desk, group, origins)]
    if len(groups) == 1:
        return placed
    units = _units(placed)
    if not 1 < len(units) <= PLACED_AT_ONCE:
        return placed
    ordered = await _placed_group(desk, [_as_one(unit) for unit in units], origins)
    rank = {one.spans[0]: at for at, one in enumerate(ordered)}
    units.sort(key=lambda unit: rank.get(unit[0].spans[0], len(rank)))
    return [section for unit in units for section in unit]


def _units(sections: Sequence[OutlinedSection]) -> list[list[OutlinedSection]]:
    units: dict[str, list[OutlinedSection]] = {}
    for section in sections:
        units.setdefault(section.unit.casefold(), []).append(section)
    return list(units.values())


def _as_one(unit: Sequence[OutlinedSection]) -> OutlinedSection:
    """Stand for a unit by its first section, under the unit's name: where the one goes, the others follow."""
    concepts = dict.fromkeys(concept for section in unit for concept in section.concepts)
    return replace(unit[0], title=unit[0].unit, concepts=list(concepts)[:10])


async def _placed_group(
    desk: OutlineDesk, sections: Sequence[OutlinedSection], origins: _Origins
) -> list[OutlinedSection]:
    """Return sections in the model's order, or in their own when it gives no usable one."""
    listed = [
        {
            "id": number,
            "file": section.spans[0].file_name[:200],
            "unit": section.unit,
            "title": section.title,
            "concepts": section.concepts[:5],
            "beginning": section.source_text[:_BEGINNING],
        }
        for number, section in enumerate(sections)
    ]
    try:
        await desk.require_wanted()
        ask = _ask(desk, "order_sections", PlacedSections, {"sections": listed})
        reply = await desk.model.ask(desk.context, desk.columns, ask)
    except (BadReplyError, ModelRefusedError):
        return list(sections)
    origins.note(reply)
    return place_sections(sections, reply.value.sections)


def _without_repeats(sections: Sequence[OutlinedSection]) -> list[OutlinedSection]:
    """Make sections of the same text one; the first that says it names it."""
    by_text: dict[tuple[Span, str], OutlinedSection] = {}
    for section in sections:
        by_text.setdefault((section.spans[0], section.source_text), section)
    cuts = [Cut(one.unit, one.title, tuple(one.spans), one.source_text) for one in sections]
    return [replace(by_text[cut.spans[0], cut.text], spans=list(cut.spans)) for cut in without_repeats(cuts)]


def _few(sections: Sequence[OutlinedSection], language: str | None) -> tuple[list[OutlinedSection], int]:
    """Return at most as many sections as a curriculum has, and how many characters found no place."""
    if len(sections) <= MOST_SECTIONS:
        return list(sections), 0
    cuts = [Cut(one.unit, one.title, tuple(one.spans), one.source_text) for one in sections]
    kept, left_out = at_most(cuts)
    return [described(cut, language) for cut in kept], left_out


def _language(files: Sequence[SourceFile]) -> str | None:
    texts = [block.text for file in files for block in file.blocks[:40] if is_shown(block)]
    return language_of("\n".join(texts)) if texts else None

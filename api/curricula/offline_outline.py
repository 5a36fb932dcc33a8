"""An outline without a model: sections between headings, objectives and concepts from key terms.

It finds and cuts; it understands nothing. What it says stands in the teacher's files.
"""

from collections.abc import Sequence
from dataclasses import replace

from rapidfuzz import fuzz

from api.curricula.cutting import LONGEST_TITLE, Cut, at_most, cut_file, joined_spans
from api.curricula.lines import plain_line, speaks_to_machine
from api.curricula.outline import Outline, OutlinedSection, SourceFile
from api.generation.offline import wording_of
from api.generation.passages import sentences_of
from api.generation.reading import language_of
from api.generation.terms import key_terms

MOST_CONCEPTS = 8
MOST_OBJECTIVES = 3
LONGEST_OBJECTIVE, LONGEST_CONCEPT = 200, 80
SAME_TEXT_PERCENT = 92
"""Alike in this share of their letters: the same section, in two files."""
_COMPARED = 4_000
"""Characters; what begins alike and is about as long is alike."""
_MOST_COMPARED = 300
_SAMPLE = 12_000
"""Characters that key terms are sought in."""
_TITLE_TERMS = 3


def outline_offline(files: Sequence[SourceFile], language: str | None = None) -> Outline:
    """Return the outline of files in their order."""
    cuts = without_repeats([cut for file in files for cut in cut_file(file)])
    kept, left_out = at_most(cuts)
    if language is None and kept:
        language = language_of("\n".join(cut.text[:1_000] for cut in kept[:10]))
    origin = {"mode": "offline"} | ({"left_out_characters": left_out} if left_out else {})
    return Outline([described(cut, language) for cut in kept], origin)


def described(cut: Cut, language: str | None) -> OutlinedSection:
    """Name what a section is about, from its own words."""
    terms = terms_of(cut.text, language)
    title = plain_line(cut.title, LONGEST_TITLE) or _title_of(cut, terms)
    explain = wording_of(language).explain
    return OutlinedSection(
        unit=plain_line(cut.unit, LONGEST_TITLE) or title,
        title=title,
        objectives=[explain.format(term=term)[:LONGEST_OBJECTIVE] for term in terms[:MOST_OBJECTIVES]],
        concepts=terms[:MOST_CONCEPTS],
        spans=list(cut.spans),
        source_text=cut.text,
    )


def terms_of(text: str, language: str | None) -> list[str]:
    """Return a section's key terms, each once however it is capitalised; none from orders to a machine."""
    lesson = " ".join(one for one in sentences_of(text[:_SAMPLE]) if not speaks_to_machine(one))
    terms = [plain_line(term, LONGEST_CONCEPT) for term in key_terms(lesson, language or "en")]
    return list({term.casefold(): term for term in reversed(terms) if term}.values())[::-1]


def without_repeats(cuts: Sequence[Cut]) -> list[Cut]:
    """Make sections of the same text one, which stands on both places."""
    kept: list[Cut] = []
    exact: dict[str, int] = {}
    for cut in cuts:
        plain = _plain(cut.text)
        at = exact.get(plain)
        if at is None and len(cuts) <= _MOST_COMPARED:
            at = next(
                (place for place, other in enumerate(kept) if _is_same(plain, _plain(other.text))), None
            )
        if at is None or {span.file_id for span in kept[at].spans} & {span.file_id for span in cut.spans}:
            exact.setdefault(plain, len(kept))
            kept.append(cut)
        else:
            kept[at] = replace(kept[at], spans=joined_spans([*kept[at].spans, *cut.spans]))
    return kept


def _is_same(one: str, other: str) -> bool:
    if abs(len(one) - len(other)) > max(len(one), len(other)) / 10:
        return False
    return fuzz.ratio(one[:_COMPARED], other[:_COMPARED], score_cutoff=SAME_TEXT_PERCENT) > 0


def _plain(text: str) -> str:
    return " ".join(text.casefold().split())


def _title_of(cut: Cut, terms: Sequence[str]) -> str:
    """Return the first key terms, else the first words, else the file's name."""
    named = ", ".join(
        term if place else term[:1].upper() + term[1:] for place, term in enumerate(terms[:_TITLE_TERMS])
    )
    return (
        plain_line(named, LONGEST_TITLE)
        or plain_line(cut.text[:400], 60)
        or plain_line(cut.unit, LONGEST_TITLE)
        or "1"
    )

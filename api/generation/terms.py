"""The words that a text is about, by statistics (YAKE) and a little of how a language puts its nouns.

Method: Campos et al., "YAKE! Keyword extraction from single documents", Information Sciences 509 (2020).
"""

import re

MOST_TERMS = 80
SHORTEST_TERM = 4
"""Letters: shorter words are seldom what a lesson is about."""

_BEFORE_NOUNS = {
    "en": "the|a|an|of|each|every|this|these|with|in|into|from|called|and",
    "es": "el|la|los|las|un|una|unos|unas|de|del|al|en|con|por|y",
    "fr": "le|la|les|un|une|des|du|de|en|avec|et",
    "de": "der|die|das|den|dem|des|ein|eine|einen|einem|mit|von|und|im|in",
}


def key_terms(source: str, language: str) -> list[str]:
    """Return the single words a text is about, best first; where we know how, only those used as nouns."""
    from yake import KeywordExtractor  # type: ignore[import-untyped]  # noqa: PLC0415 - only workers load it

    extractor = KeywordExtractor(lan=language, n=1, top=MOST_TERMS, dedupLim=0.9)
    found = [term for term, _ in extractor.extract_keywords(source)]
    words = [term for term in found if len(term) >= SHORTEST_TERM and term.replace("-", "").isalpha()]
    before = _BEFORE_NOUNS.get(language)
    return [term for term in words if before is None or _is_noun(term, source, before)]


def _is_noun(term: str, source: str, before: str) -> bool:
    """Say whether a word stands after an article or preposition somewhere: no grammar, but it spares most verbs."""
    return re.search(rf"(?<!\w)(?:{before})\s+{re.escape(term)}(?!\w)", source, re.IGNORECASE) is not None

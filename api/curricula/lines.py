"""Titles and objectives as plain lines: no markup, no links, and something in common with the text they stand for."""

import re
import unicodedata

from api.generation.passages import sentences_of
from api.generation.reading import words_of

_LINKED = re.compile(r"!?\[([^\]]*)\]\([^)]*\)")
_MARKUP = re.compile(r"<[^<>]{0,500}>|[*_`#{}\[\]<>|\\~^]+")
_ADDRESS = re.compile(r"(?i)\b(?:[a-z][a-z0-9+.-]{1,20}://|www\.|javascript:|data:[a-z]+/|mailto:)\S*")
_SHORTEST_CONTENT_WORD = 4
_SHARED_WORDS = (
    "about after also another because before being between both could does each explain from have into know more",
    "most much only other over section should some such than that their them then there these they this those",
    "through understand under unit very were what when where which while will with would your chapter lesson",
    "como cual cuando desde donde entre esta este esto para pero porque sobre también todo texto una",
    "avec cette comme dans elle être leur mais nous pour quand quel sont texte tout vous",
    "aber auch auf dass dein diese durch eine einer einen haben nicht oder sich sind text über unter wird",
)
_EVERYWHERE = frozenset(word for line in _SHARED_WORDS for word in line.split())
"""Words that any two texts of a language share."""
_TO_MACHINES = re.compile(
    r"(?i)\b(ignor\w*|disregard|forget|override|vergiss|oublie\w*|olvida\w*|ignorez)\b.{0,60}"
    r"\b(i?n?stru[ckzç]\w*|anweisung\w*|regeln|rules?|reglas|règles|prompts?|above|previous|everything)\b"
    r"|\b(system|developer|assistant)\s*(prompt|message|:)|<\|?/?\s*(system|im_start|im_end|inst)\b|\[/?inst\]"
    r"|\b(you are|as) (now )?an? (ai|language model|assistant)\b|\b(language model|chatgpt|llm)\b"
    r"|\b(publish|title|name|call|rename|mark|label)\b.{0,40}"
    r"\b(quiz\w*|section\w*|question\w*|outline|curriculum)\b"
    r"|\b(answer|reply|respond|output|write|return)\b.{0,40}\b(only|nothing but|json|links?|option\w*)\b"
    r"|\"(sections|questions|role|first_block|correct_index)\"\s*:"
    r"|игнориру\w*.{0,60}инструкц|忽略.{0,20}(指令|指示|说明)|指示を無視|تجاهل.{0,40}تعليمات"
)
"""How texts speak to a model; lessons seldom do, and lose nothing but a word in a title when they do."""


def plain_line(text: str, longest: int) -> str:
    """Return text as one line without markup, links and signs that nobody sees, cut after a word."""
    folded = unicodedata.normalize("NFC", _LINKED.sub(r"\1", text))
    bare = _ADDRESS.sub(" ", _MARKUP.sub(" ", folded))
    seen = "".join(sign if unicodedata.category(sign)[0] != "C" else " " * sign.isspace() for sign in bare)
    line = " ".join(seen.split()).strip(" -–—:;,/")
    if len(line) <= longest:
        return line
    return line[: longest + 1].rsplit(" ", 1)[0][:longest].rstrip(" -–—:;,/")


def content_words(text: str) -> set[str]:
    """Return the words that say what a text is about, folded; of a script without blanks, its pairs of signs."""
    words = {word.casefold() for word in words_of(text)}
    long = {word for word in words if len(word) >= _SHORTEST_CONTENT_WORD and word not in _EVERYWHERE}
    return long | _pairs(words)


def lesson_words(text: str) -> set[str]:
    """Return the content words of a text without the sentences in it that speak to a machine."""
    return content_words(" ".join(one for one in sentences_of(text) if not speaks_to_machine(one)))


def speaks_to_machine(text: str) -> bool:
    """Say whether a sentence gives orders to whoever makes something of the text."""
    return _TO_MACHINES.search(plain_invisible(text)) is not None


def plain_invisible(text: str) -> str:
    """Return text without the signs nobody sees, so that nothing hides between the letters of a word."""
    return "".join(sign for sign in text if unicodedata.category(sign) != "Cf")


def _pairs(words: set[str]) -> set[str]:
    return {
        word[at : at + 2]
        for word in words
        if not word.isascii() and unicodedata.name(word[0], "").startswith(("CJK", "HIRAGANA", "KATAKANA"))
        for at in range(len(word) - 1)
    }

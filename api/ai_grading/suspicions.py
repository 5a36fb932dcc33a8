"""Signs that a text speaks to its grader instead of answering. They prove nothing: a person looks at what has one."""

import re
import unicodedata
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from typing import Any

LONGEST_ANSWER = 8_000
"""Characters of an answer that a model is shown; what is longer waits for the teacher."""
_DETAIL = 80


@dataclass(frozen=True, slots=True)
class Suspicion:
    sign: str
    detail: str

    def as_json(self) -> dict[str, Any]:
        return asdict(self)


_INVISIBLE = re.compile(
    "[\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b-\u200f\u202a-\u202e\u2060-\u206f\u3164\ufe00-\ufe0f"
    "\ufeff\uffa0\U000e0000-\U000e0fff]"
)
"""Takes no place on the screen, or turns the direction of what follows. Joiners inside emoji are among them."""
_EMOJI_JOINERS = re.compile("(?<=[\u2600-\u27bf\U0001f000-\U0001faff])[\u200d\ufe0f]+")

_ADDRESSED = re.compile(
    r"""
    (?:ignor|disregard|forget|overlook|override|bypass)\w*\W+(?:\w+\W+){0,5}?
        (?:instruct|rubric|rule|criteri|prompt|guideline|above|previous|prior|anweisung|regel|consigne|r[eè]gle
        |instruccion|regla|r[uú]brica|anterior)
    |(?:give|award|grant|assign|return|output|set|grade|score|mark|rate)\w*\W+(?:\w+\W+){0,6}?
        (?:full|max|maximum|maximal|highest|perfect|all|top|every|\d+\s*(?:/|out\sof)\s*\d+|100\s*%)\W+(?:\w+\W+){0,3}?
        (?:point|mark|credit|score|grade|rating|criteri)
    |(?:give|award|grade|score|mark|rate)\w*\W+(?:\w+\W+){0,6}?(?:\d+\s*(?:/|out\sof)\s*\d+|100\s*%)
    |(?:full|maximum|perfect|highest)\W+(?:mark|credit|score|point)s?
    |(?:point|mark|score|grade)s?\W*(?:=|:|should\sbe|must\sbe|is\snow)\W*(?:\d|full|max|a\+)
    |confidence\W*(?:=|:|of|is)\W*[01]
    |you\s+(?:are|will\sbe|must\sact|should\sact)\W+(?:now\W+)?(?:an?\W+|the\W+|my\W+)?(?:\w+\W+){0,2}?
        (?:grader|teacher|assistant|examiner|ai|model|bot|grandm|developer|evaluator|chatbot|professor)
    |(?:act|behave|respond|pretend|imagine|role.?play)\w*\W+(?:as|like|to\sbe|that\syou|you)\b
    |as\s+an\s+ai\b|language\s+model|system\s*(?:prompt|message|note|override|update)|developer\s+mode|jailbreak
    |(?:teacher|grader|examiner|instructor|admin|moderator)\W{0,3}s?\W+(?:note|comment|message|override|approv\w*)
    |(?:note|message|dear|attention|hey|hello|to)\W+(?:to\W+)?(?:the\W+|my\W+|all\W+)?
        (?:grader|grading|ai\b|marker|evaluator|examiner|assistant|gpt|chatgpt|llm)
    |(?:this|the|my)\s+(?:answer|response|submission|essay)\s+(?:is|was|has\sbeen|should\sbe|must\sbe|deserves?|meets?|earns?|fulfil\w*)
        \W+(?:\w+\W+){0,4}?(?:correct|perfect|full|approved|verified|all|every|complete\w*\sright|accepted|points?)
    |already\W+(?:been\W+)?(?:checked|graded|verified|approved|accepted)
    |i\s+will\s+(?:fail|lose|be\sexpelled|kill)|please\W+(?:\w+\W+){0,3}?(?:pass\sme|full|points)
    # Spanish
    |ignor\w*\W+(?:\w+\W+){0,4}?(?:instrucc|reglas?|r[uú]brica|anterior|criterio)
    |(?:puntuaci[oó]n|nota|calificaci[oó]n|puntos?)\W+(?:\w+\W+){0,2}?(?:m[aá]xim|complet|perfect|total)
    |(?:todos|toda|m[aá]ximos?)\W+(?:\w+\W+){0,2}?(?:puntos|puntuaci[oó]n|nota|calificaci[oó]n)
    |(?:eres|act[uú]a|comp[oó]rtate|finge|imagina)\W+(?:ahora\W+)?(?:como|un[ao]?|el|la|que)\W+(?:\w+\W+){0,2}?
        (?:profesor|corrector|asistente|modelo|evaluador|ia\b|maestr|abuel)
    |mensaje\s+del?\s+sistema|nota\s+(?:para|del?)\W+(?:el\W+|la\W+)?(?:profesor|corrector|evaluador|maestr|ia\b)
    |(?:esta|mi)\s+respuesta\s+(?:es|est[aá]|merece|cumple)\W+(?:\w+\W+){0,3}?(?:correct|perfect|todos|complet|m[aá]xim)
    # German
    |(?:ignorier|vergiss|missacht)\w*\W+(?:\w+\W+){0,4}?(?:anweisung|regel|vorgabe|kriteri|bisherig|oben)
    |(?:volle|maximale|h[oö]chste|alle)\W+(?:\w+\W+){0,1}?(?:punkt|note|bewertung)|bestnote|note\s+1\b
    |du\s+bist\W+(?:jetzt\W+|nun\W+)?(?:ein\w*|der|die|mein\w*)\W+(?:\w+\W+){0,2}?(?:lehrer|assistent|ki\b|modell|korrekt|pr[uü]fer)
    |verhalte\s+dich|systemnachricht|hinweis\s+an\W+(?:den|die|das)\W+(?:lehrer|ki\b|pr[uü]fer|korrekt|modell)
    |(?:diese|meine)\s+antwort\s+(?:ist|verdient|erf[uü]llt)\W+(?:\w+\W+){0,3}?(?:richtig|korrekt|perfekt|voll|alle)
    # French
    |(?:ignore|oublie)[zr]?\W+(?:\w+\W+){0,4}?(?:instruction|consigne|r[eè]gle|pr[eé]c[eé]dent|bar[eè]me)
    |(?:tous\s+les|le\s+maximum\s+de|la\s+totalit[eé]\s+des)\W+points|note\s+maximale|20\s*/\s*20
    |tu\s+es\W+(?:maintenant\W+)?(?:un\w*|le|la|mon|ma)\W+(?:\w+\W+){0,2}?(?:professeur|assistant|correcteur|mod[eè]le|ia\b)
    |message\s+(?:du\s+)?syst[eè]me|note\s+(?:au|pour\s+le)\W+(?:professeur|correcteur)
    # Chinese
    |忽略|无视|满分|滿分|系统(?:消息|提示)|你(?:现在)?是(?:一个|一位|老师|助手)|给我.{0,6}分
    """,
    re.IGNORECASE | re.VERBOSE,
)
_STRUCTURE = re.compile(
    r"""["'](?:points|score|criteria|confidence|feedback|role|content|speaks_to_grader|number)["']\s*:"""
    r"|```|</?\s*(?:system|assistant|user|instruction|rubric|answer|grader|script)\b|\[/?(?:inst|system)\]"
    r"|<\|[a-z_]+\|>|^\s*(?:system|assistant|user|developer|grader|rubric|rúbrica|score|points)\s*:|\#{3,}|-{5,}|={5,}",
    re.IGNORECASE | re.MULTILINE,
)
_ENCODED = re.compile(
    r"(?<![\w+/])(?=[A-Za-z0-9+/]*[0-9])(?=[A-Za-z0-9+/]*[A-Z])[A-Za-z0-9+/]{32,}={0,2}|(?:[0-9a-f]{2}\s?){20,}"
)
_WORD = re.compile(r"[^\W\d_]{3,}")


def normalised(text: str) -> str:
    """Return a text as a person sees it: compatible signs made one, invisible ones gone, spaces single."""
    seen = _INVISIBLE.sub("", _EMOJI_JOINERS.sub("", unicodedata.normalize("NFKC", text)))
    return " ".join(seen.split())


def signs_in(text: str) -> list[Suspicion]:
    """Return what in an answer speaks to its grader, or hides."""
    found = []
    if hidden := _INVISIBLE.search(_EMOJI_JOINERS.sub("", text)):
        found.append(Suspicion("hidden_text", f"U+{ord(hidden[0]):04X}"))
    plain = normalised(text)
    for sign, pattern, where in (
        ("instruction_to_grader", _ADDRESSED, plain),
        ("foreign_structure", _STRUCTURE, unicodedata.normalize("NFKC", text)),
        ("encoded_text", _ENCODED, plain),
    ):
        if match := pattern.search(where):
            found.append(Suspicion(sign, match[0].strip()[:_DETAIL]))
    if mixed := _mixed_scripts(plain):
        found.append(Suspicion("mixed_scripts", mixed[:_DETAIL]))
    return found


def _mixed_scripts(text: str) -> str | None:
    """Return a word whose letters only look as if they were of one alphabet."""
    for word in _WORD.findall(text):
        scripts = {unicodedata.name(letter, "?").split()[0] for letter in word}
        if len(scripts & {"LATIN", "CYRILLIC", "GREEK"}) > 1:
            return str(word)
    return None


def shares_words(text: str, others: Iterable[str]) -> bool:
    """Tell whether an answer has a single word of substance in common with what was asked for."""
    wanted = {_stem(word) for other in others for word in _WORD.findall(normalised(other).casefold())}
    own = {_stem(word) for word in _WORD.findall(normalised(text).casefold())}
    return bool({stem for stem in own & wanted if len(stem) > 3})


def _stem(word: str) -> str:
    return word[:5]

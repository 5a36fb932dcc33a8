"""What a written question must pass before a teacher sees it: rules, no opinions. A model's word counts nowhere here.

`check` looks at one question alone, `find_repeat` at the others, `judge_solution` at what an independent solver said.
"""

import re
import unicodedata
from collections.abc import Collection, Sequence
from dataclasses import dataclass

from rapidfuzz import fuzz

from api.generation.reading import readability_grade, words_of
from api.generation.replies import SolvedAnswer, WrittenQuestion

SHORTEST_EVIDENCE = 15
"""Characters: shorter quotations occur by chance."""
LONGEST_OPTION = 200
LONGEST_PROMPT = 1_000
TELLING_RATIO, TELLING_CHARACTERS = 1.6, 12
"""A right option this much longer than the longest wrong one is guessed by its length (Haladyna 2002, rule 24)."""
GRADES_ABOVE = 4.0
"""One sentence says less about its level than a page: the index scatters by about three grades."""
REPEAT_PERCENT = 88
"""Alike in this share of their letters, whatever the order of words: the same question."""
RELATED_PERCENT = 70
"""… and the same when the right answer is the same too."""
IDENTICAL_PERCENT = 97
"""… or whatever the answers, when hardly a letter differs."""
AGREEMENT_PERCENT = 55
"""Words a free answer shares with the model answer when both say the same; unrelated sentences share about 35."""

_BANNED = re.compile(
    r"(?i)\b(all|none|both|any) of (the|these) (above|others|options|answers)\b"
    r"|\b(all|no|both) (answers|options) (are|is) (right|correct|true)\b"
    r"|^(both )?[a-d](, [a-d])* and [a-d]\b"
    r"|\b(tod|ningun|amb)[oa]s? (de )?l[oa]s (anteriores|opciones|respuestas)\b"
    r"|\b(toutes|aucune) (de )?(les |ces )?(réponses|propositions)\b"
    r"|\b(alle|keine)( der)? (genannten|obigen|antworten)\b"
)
"""In the languages that drafts are worded in, too."""
_LINK = re.compile(r"(?i)\b(?:[a-z][a-z0-9+.-]{1,20}://|www\.|javascript:|data:[a-z]+/|mailto:)\S")
_QUOTES = str.maketrans({"“": '"', "”": '"', "„": '"', "’": "'", "‘": "'", "–": "-", "—": "-", "\xad": None})


@dataclass(frozen=True, slots=True)
class Finding:
    """What one check said; `reason` is for the teacher, and for the model's second try."""

    check: str
    passed: bool
    reason: str | None = None


@dataclass(frozen=True, slots=True)
class Lesson:
    """What questions are measured against."""

    passage: str
    grade_level: int | None
    language: str
    vocabulary: frozenset[str] = frozenset()

    @classmethod
    def of(cls, passage: str, *, grade_level: int | None, language: str) -> "Lesson":
        known = frozenset(word.lower() for word in words_of(passage))
        return cls(passage, grade_level, language, known)


def check(question: WrittenQuestion, lesson: Lesson) -> list[Finding]:
    """Return what every check that needs nobody else says; a question without its form is not looked at further."""
    form = _form_fault(question)
    if form is not None:
        return [Finding("form", False, form)]
    faults = {
        "evidence": _evidence_fault(question, lesson),
        "giveaway": _giveaway_fault(question),
        "reading_level": _reading_fault(question, lesson),
        "links": _link_fault(question),
    }
    return [Finding("form", True), *(Finding(name, fault is None, fault) for name, fault in faults.items())]


def passed(findings: Sequence[Finding]) -> bool:
    return all(finding.passed for finding in findings)


def find_repeat(
    question: WrittenQuestion, others: Collection[WrittenQuestion], prompts: Collection[str]
) -> Finding:
    """Say whether a question repeats one of this quiz, or one of `prompts`, which stand there already."""
    fault = "It asks what another question asks."
    if any(_likeness(question.prompt, prompt) >= REPEAT_PERCENT for prompt in prompts):
        return Finding("repeat", False, fault)
    if any(_repeats(question, other) for other in others):
        return Finding("repeat", False, fault)
    return Finding("repeat", True)


def judge_solution(question: WrittenQuestion, solved: SolvedAnswer | None, chosen: int) -> Finding:
    """Say whether a solver who did not see the key agrees with it; `chosen` counts in the question's own order."""
    if solved is None or not solved.is_answerable:
        return Finding("solution", False, "It cannot be answered from the source.")
    if question.kind == "multiple_choice":
        agrees = chosen == question.correct_index
        return Finding(
            "solution", agrees, None if agrees else "Solved without its key, another option was right."
        )
    likeness = fuzz.token_set_ratio(_plain(question.model_answer), _plain(solved.answer_text))
    agrees = likeness >= AGREEMENT_PERCENT
    return Finding("solution", agrees, None if agrees else "Solved without it, the answer was another.")


def right_answer(question: WrittenQuestion) -> str:
    return question.options[question.correct_index].text if question.options else question.model_answer


def _form_fault(question: WrittenQuestion) -> str | None:
    if not question.prompt.strip() or len(question.prompt) > LONGEST_PROMPT:
        return "It asks nothing, or at too great length."
    if question.kind == "free_response":
        return _free_form_fault(question)
    if len(question.options) != 4:
        return f"It has {len(question.options)} options; there must be exactly four."
    if not 0 <= question.correct_index < 4:
        return "It names no right option."
    return _options_fault([option.text for option in question.options])


def _options_fault(options: Sequence[str]) -> str | None:
    texts = {_plain(option) for option in options}
    if "" in texts or any(len(text) > LONGEST_OPTION for text in texts):
        return "An option is empty, or too long."
    if len(texts) != len(options):
        return "Two of its options are the same."
    if any(_BANNED.search(option) for option in options):
        return "An option speaks of the others (all or none of the above)."
    return None


def _free_form_fault(question: WrittenQuestion) -> str | None:
    if question.options:
        return "A free response has no options."
    if not question.model_answer.strip():
        return "It has no model answer."
    if not 1 <= len(question.rubric) <= 6 or any(
        not entry.criterion.strip() or not 1 <= entry.points <= 10 for entry in question.rubric
    ):
        return "Its rubric does not have one to six criteria of 1 to 10 points."
    return None


def _evidence_fault(question: WrittenQuestion, lesson: Lesson) -> str | None:
    evidence = _plain(question.evidence).strip("\"'. ")
    if len(evidence) < SHORTEST_EVIDENCE:
        return "It quotes too little of the source to prove its answer."
    return None if evidence in _plain(lesson.passage) else "What it quotes does not stand in the source."


def _giveaway_fault(question: WrittenQuestion) -> str | None:
    """A prompt that names wrong options as well ("Did Maya or Leo eat more?") gives nothing away."""
    answer, prompt = _plain(right_answer(question)), _plain(question.prompt)
    others = [option.text for place, option in enumerate(question.options) if place != question.correct_index]
    if (
        len(answer) >= 4
        and _holds(prompt, answer)
        and not any(_holds(prompt, _plain(text)) for text in others)
    ):
        return "The question holds its own answer."
    longest = max(map(len, others), default=0)
    if others and len(answer) > max(TELLING_RATIO * longest, longest + TELLING_CHARACTERS):
        return "The right option gives itself away by its length."
    return None


def _holds(text: str, answer: str) -> bool:
    return re.search(rf"(?<!\w){re.escape(answer)}(?!\w)", text) is not None


def _reading_fault(question: WrittenQuestion, lesson: Lesson) -> str | None:
    if lesson.grade_level is None or lesson.language != "en":
        return None
    grade = readability_grade(question.prompt, lesson.vocabulary)
    if grade <= lesson.grade_level + GRADES_ABOVE:
        return None
    return f"It reads like grade {grade:.0f}; the class is in grade {lesson.grade_level}."


def _link_fault(question: WrittenQuestion) -> str | None:
    """A link leads students where no teacher has been; whoever wants one puts it in by hand."""
    options = (text for option in question.options for text in (option.text, option.feedback))
    criteria = (entry.criterion for entry in question.rubric)
    texts = (question.prompt, question.explanation, question.model_answer, *options, *criteria)
    return "It holds a link." if any(_LINK.search(text) for text in texts) else None


def _repeats(question: WrittenQuestion, other: WrittenQuestion) -> bool:
    """Contrasting pairs ("in series …?", "in parallel …?") share their words; their right options tell them apart."""
    likeness = _likeness(question.prompt, other.prompt)
    if likeness >= IDENTICAL_PERCENT:
        return True
    answers = fuzz.token_set_ratio(_plain(right_answer(question)), _plain(right_answer(other)))
    if answers >= REPEAT_PERCENT:
        return likeness >= RELATED_PERCENT or (
            question.kind == other.kind and _share_evidence(question, other)
        )
    return likeness >= REPEAT_PERCENT and not (question.options and other.options)


def _share_evidence(question: WrittenQuestion, other: WrittenQuestion) -> bool:
    """The same answer proved by the same words: the same question, however it is put."""
    one, two = (_plain(each.evidence).strip("\"'. ") for each in (question, other))
    return one in two or two in one


def _likeness(one: str, other: str) -> float:
    return float(fuzz.token_sort_ratio(_plain(one), _plain(other)))


def _plain(text: str) -> str:
    """Fold what typesetting changes: forms of letters, quotation marks, dashes, blanks, case."""
    folded = unicodedata.normalize("NFKC", text).translate(_QUOTES).casefold()
    return " ".join(folded.split())

"""Words hidden wherever a key is kept, and the eye that finds them in what a student is shown."""

from collections.abc import Iterator
from typing import Any

from sqlalchemy.orm import Session

from core.models import BankQuestion, Question
from tests.factories.world import SchoolBench

CHOSEN_OPTION = "a"
"""The wrong one the student chooses; b is right."""

WORDS = {
    "the question": "PLUM-PROMPT",
    "feedback of the chosen option": "PLUM-CHOSEN",
    "feedback of another option": "PLUM-OTHER",
    "the explanation": "PLUM-EXPLANATION",
    "the model answer": "PLUM-MODEL",
    "the rubric": "PLUM-RUBRIC",
    "the source": "PLUM-QUOTE",
    "the provenance": "PLUM-PROVENANCE",
    "a bank": "PLUM-BANK",
    "a candidate": "PLUM-CANDIDATE",
    "a template": "PLUM-TEMPLATE",
    "a draft": "PLUM-DRAFT",
}
VERDICTS = {"score", "old_score", "new_score", "percent", "verdict"}
"""Names of numbers and words that say how an answer was; null before their time."""
RULES = {"letters"}
"""Of a class, not of anybody's work: their percents are cutoffs."""
KEYS = {"correct_option", "correct_option_id", "is_correct"}


def hide_words(rows: Session, school: SchoolBench) -> None:
    """Put a word of its own into every column that holds a key or tells of one."""
    for question in (school.choice_question, school.free_question):
        _fill(question)
    _fill_all(school.draft_question, WORDS["a draft"])
    _fill_all(school.bank_question, WORDS["a bank"])
    school.candidate.content = {"prompt": WORDS["a candidate"], "explanation": WORDS["a candidate"]}
    school.candidate.findings = [{"check": "evidence", "passed": False, "reason": WORDS["a candidate"]}]
    school.generation.source_text = WORDS["a candidate"]
    school.template.content = {"assignment": {"title": WORDS["a template"]}, "questions": []}
    rows.flush()


def _fill(question: Question) -> None:
    question.prompt = WORDS["the question"]
    question.explanation = WORDS["the explanation"]
    question.source_quote = WORDS["the source"]
    question.provenance = {"origin": "ai", "model": WORDS["the provenance"]}
    if question.options is None:
        question.model_answer = WORDS["the model answer"]
        question.rubric = [{"criterion": WORDS["the rubric"], "points": "2", "levels": []}]
        return
    question.options = [
        {"id": name, "text": f"Option {name}", "feedback": _feedback_of(name)} for name in "abcd"
    ]


def _feedback_of(option: str) -> str:
    whose = "the chosen" if option == CHOSEN_OPTION else "another"
    return WORDS[f"feedback of {whose} option"]


def _fill_all(question: Question | BankQuestion, word: str) -> None:
    question.prompt = question.explanation = question.source_quote = word
    question.provenance = {"origin": "ai", "model": word}
    question.options = [{"id": name, "text": word, "feedback": word} for name in "abcd"]


def sightings(payload: Any) -> set[str]:
    """Name what a payload tells: hidden words, verdicts, and the key."""
    text = str(payload)
    seen = {what for what, word in WORDS.items() if word in text}
    for name, value in _parts_of(payload):
        if name in VERDICTS and value not in (None, "pending"):
            seen.add("the verdict")
        if name in KEYS and value is not None:
            seen.add("the key")
    return seen


def _parts_of(value: Any) -> Iterator[tuple[str, Any]]:
    if isinstance(value, dict):
        for name, part in value.items():
            yield name, part
            if name not in RULES:
                yield from _parts_of(part)
    elif isinstance(value, list):
        for part in value:
            yield from _parts_of(part)

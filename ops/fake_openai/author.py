"""A model by rule: writes cloze questions from the sentences of the passage it is given, and solves such questions.

The same passage always gets the same questions, so a demonstration can be repeated and a test can count.
"""

import re
from collections.abc import Mapping, Sequence
from typing import Any

from ops.fake_openai.words import Gap, content_words, distractors, gaps_of, sentences_of

STEMS = (
    "Which word is missing? {}",
    "Choose the word that completes the sentence: {}",
    "Fill the gap. {}",
    "{} What belongs here?",
    "Complete this: {}",
)
Data = Mapping[str, Any]
Question = dict[str, Any]


def answer(schema_name: str, data: Data) -> dict[str, Any]:
    """Return the reply to a prompt, known by its schema. Raises KeyError for one we do not know."""
    return {
        "WrittenQuestions": write_questions,
        "SolvedQuestions": solve_questions,
        "GradedAnswer": grade_answer,
        "CheckedAnswer": check_answer,
        "FoundSections": find_sections,
        "PlacedSections": place_sections,
    }[schema_name](data)


def write_questions(data: Data) -> dict[str, Any]:
    """Write as many questions as asked for, or as the passage holds."""
    passage, before = str(data["source"]), "\n".join(data.get("avoid", []))
    new = [gap for gap in gaps_of(passage) if gap.cloze not in before and gap.sentence not in before]
    choices = [question for gap in new if (question := _choice(gap, passage, data))]
    chosen = choices[: int(data.get("multiple_choice", 0))]
    used = {question["evidence"] for question in chosen}
    left = [gap for gap in new if gap.sentence not in used and _open_prompt(gap) not in before]
    opens = [_open(gap, data) for gap in left]
    return {"questions": _with_keys_spread(chosen) + opens[: int(data.get("free_response", 0))]}


def solve_questions(data: Data) -> dict[str, Any]:
    """Answer each question from the passage."""
    passage = str(data["source"])
    return {"answers": [_solved(question, passage) for question in data["questions"]]}


def grade_answer(data: Data) -> dict[str, Any]:
    """Give points for the words of the model answer that the answer has, and quote the sentence of the first."""
    answer = _unmarked(data)
    shared = _shared(answer, str(data["model_answer"] or data["question"]))
    share = _share(shared, data)
    criteria = []
    for criterion in data["criteria"]:
        points = round(share * float(criterion["points"]) * 2) / 2
        quote = _first_sentence_with(answer, shared) if points else ""
        reason = "The idea is stated." if points else "The idea is not stated."
        criteria.append({"number": criterion["number"], "points": points, "quote": quote, "reason": reason})
    feedback = "Good, you have the main idea." if share > 0.5 else "Read the passage again and say more."
    return {"criteria": criteria, "confidence": 0.9, "feedback": feedback, "speaks_to_grader": False}


def check_answer(data: Data) -> dict[str, Any]:
    """Say how many words of the model answer the answer has."""
    shared = _shared(_unmarked(data), str(data["model_answer"] or data["question"]))
    return {"speaks_to_grader": False, "share": round(_share(shared, data), 2)}


def find_sections(data: Data) -> dict[str, Any]:
    """Begin a section at each heading, and name what it is about by its words."""
    groups: list[list[dict[str, Any]]] = []
    for block in data["blocks"]:
        if block["kind"] == "heading" or not groups:
            groups.append([])
        groups[-1].append(block)
    return {"sections": [_section(group, data) for group in groups]}


def _section(blocks: Sequence[Data], data: Data) -> dict[str, Any]:
    text = " ".join(str(block["text"]) for block in blocks)
    concepts = list(dict.fromkeys(content_words(text)))[:5]
    title = str(blocks[0]["text"])[:100]
    return {
        "unit": " ".join(content_words(title)[:4]) or str(data["file"]),
        "title": title,
        "objectives": [f"Explain what the text says about {concept}." for concept in concepts[:2]],
        "concepts": concepts,
        "first_block": blocks[0]["number"],
        "last_block": blocks[-1]["number"],
    }


def place_sections(data: Data) -> dict[str, Any]:
    """Keep the order, and the units."""
    listed = [{"id": one["id"], "unit": one["unit"], "duplicate_of": -1} for one in data["sections"]]
    return {"sections": listed}


def _unmarked(data: Data) -> str:
    return str(data["answer"]).replace(str(data["marker"]), "").strip()


def _shared(answer: str, wanted: str) -> list[str]:
    own = {word.casefold() for word in content_words(answer)}
    return [word for word in content_words(wanted) if word.casefold() in own]


def _share(shared: Sequence[str], data: Data) -> float:
    wanted = content_words(str(data["model_answer"] or data["question"]))
    return len(shared) / len(wanted) if wanted else 0.0


def _first_sentence_with(answer: str, words: Sequence[str]) -> str:
    found = [one for one in re.split(r"(?<=[.!?])\s+", answer) if any(word in one for word in words)]
    return (found or [answer])[0].strip()


def _choice(gap: Gap, passage: str, data: Data) -> Question | None:
    others = distractors(gap, passage)
    if len(others) < 3:
        return None
    options = [{"text": gap.word, "feedback": "Yes, so it says in the text."}]
    options += [{"text": word, "feedback": "Read the sentence in the text again."} for word in others]
    stem = STEMS[len(gap.sentence) % len(STEMS)]
    return _question(gap, data) | {"prompt": stem.format(gap.cloze), "options": options}


def _open_prompt(gap: Gap) -> str:
    """Name some words of the sentence, so that the prompt is like no other and its sentence is found again."""
    return f"What does the text say about {', '.join(content_words(gap.sentence)[-3:])}?"


def _open(gap: Gap, data: Data) -> Question:
    rubric = [
        {"criterion": f"Says what is true of {gap.word}", "points": 2},
        {"criterion": "Uses own words in whole sentences", "points": 1},
    ]
    own = {"kind": "free_response", "prompt": _open_prompt(gap), "rubric": rubric}
    return _question(gap, data) | own | {"model_answer": gap.sentence}


def _question(gap: Gap, data: Data) -> Question:
    concepts = data.get("concepts") or [None]
    return {
        "kind": "multiple_choice",
        "options": [],
        "correct_index": 0,
        "model_answer": "",
        "rubric": [],
        "explanation": f"The text says: {gap.sentence}",
        "evidence": gap.sentence,
        "concept": concepts[len(gap.sentence) % len(concepts)],
        "difficulty": data.get("difficulty") or "medium",
    }


def _with_keys_spread(questions: list[Question]) -> list[Question]:
    """Move the right option, which was written first, to each of the four places in turn."""
    for number, question in enumerate(questions):
        right, *wrong = question["options"]
        place = number % 4
        question["options"] = [*wrong[:place], right, *wrong[place:]]
        question["correct_index"] = place
    return questions


def _solved(question: Data, passage: str) -> dict[str, Any]:
    options = question.get("options") or []
    sentence = _best_sentence(str(question["prompt"]), passage)
    index = _best_option(str(question["prompt"]), options, sentence, passage) if options else -1
    return {
        "number": question["number"],
        "answer_index": index,
        "answer_text": "" if options else sentence,
        "is_answerable": bool(sentence) and (index >= 0 or not options),
    }


def _best_sentence(prompt: str, passage: str) -> str:
    """Return the sentence that shares most words with the prompt; at a tie the first."""
    wanted = {word.lower() for word in content_words(prompt)}
    if not wanted:
        return ""
    ranked = sentences_of(passage) or [""]
    return max(ranked, key=lambda one: len(wanted & {word.lower() for word in content_words(one)}))


def _best_option(prompt: str, options: Sequence[str], sentence: str, passage: str) -> int:
    """Return the option that makes the prompt a sentence of the passage, else the one its best sentence holds."""
    gapped = re.search(r"[^:?]*_{3,}[^:?]*[.!?]?", prompt)
    for index, option in enumerate(options):
        if gapped and _filled(gapped[0], option) in passage:
            return index
    held = [index for index, option in enumerate(options) if option.lower() in sentence.lower()]
    return held[0] if held else -1


def _filled(cloze: str, option: str) -> str:
    sentence = re.sub(r"_{3,}", lambda _: option, cloze).strip()
    for stem in STEMS:
        before, _, after = (re.escape(part) for part in stem.partition("{}"))
        sentence = re.sub(rf"^{before}(.*){after}$", r"\1", sentence)
    return sentence.removeprefix("Fill the gap. ").strip()

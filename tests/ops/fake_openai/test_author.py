"""The model by rule: good questions from any passage, and right answers to them."""

import json

import pytest

from core.ai import load_prompt
from ops.fake_openai.author import solve_questions, write_questions
from ops.fake_openai.script import Script

PASSAGE = (
    "Plants make their own food in a process called photosynthesis. The green pigment chlorophyll absorbs light. "
    "Roots take water from the soil, and tiny openings called stomata let carbon dioxide enter the leaves. "
    "Chloroplasts combine water and carbon dioxide into glucose. Oxygen leaves the plant through the stomata."
)


def written(**wanted: object) -> list[dict[str, object]]:
    questions: list[dict[str, object]] = write_questions({"source": PASSAGE, **wanted})["questions"]
    return questions


def test_it_writes_as_many_questions_as_asked_for() -> None:
    kinds = [question["kind"] for question in written(multiple_choice=3, free_response=1)]
    assert kinds == ["multiple_choice"] * 3 + ["free_response"]


def test_every_choice_has_four_options_and_evidence_word_for_word() -> None:
    for question in written(multiple_choice=5):
        texts = {option["text"].lower() for option in question["options"]}  # type: ignore[attr-defined]
        assert len(texts) == 4
        assert question["evidence"] in PASSAGE  # type: ignore[operator]


def test_the_right_options_are_spread() -> None:
    assert [question["correct_index"] for question in written(multiple_choice=4)] == [0, 1, 2, 3]


def test_it_does_not_write_again_what_is_to_be_avoided() -> None:
    first = written(multiple_choice=2)
    again = written(multiple_choice=2, avoid=[question["prompt"] for question in first])
    assert {question["evidence"] for question in first}.isdisjoint(question["evidence"] for question in again)


def test_it_solves_what_it_wrote() -> None:
    questions = written(multiple_choice=5)
    asked = [
        {"number": number, "prompt": one["prompt"], "options": [option["text"] for option in one["options"]]}  # type: ignore[attr-defined]
        for number, one in enumerate(questions, start=1)
    ]
    answers = solve_questions({"source": PASSAGE, "questions": asked})["answers"]
    assert [one["answer_index"] for one in answers] == [one["correct_index"] for one in questions]


def test_its_answer_to_an_open_question_is_the_sentence_the_question_came_from() -> None:
    opens = written(free_response=5)
    asked = [{"number": number, "prompt": one["prompt"]} for number, one in enumerate(opens)]
    answers = solve_questions({"source": PASSAGE, "questions": asked})["answers"]
    assert [one["answer_text"] for one in answers] == [one["model_answer"] for one in opens]
    assert len({one["prompt"] for one in opens}) == 5


def test_it_does_not_answer_what_the_passage_does_not_hold() -> None:
    asked = [{"number": 1, "prompt": "Who was king?", "options": ["Ann", "Bob", "Cid", "Dan"]}]
    (answer,) = solve_questions({"source": PASSAGE, "questions": asked})["answers"]
    assert answer["answer_index"] == -1
    assert not answer["is_answerable"]


@pytest.mark.parametrize("source", ["", "Short.", "1 2 3 4 5 6 7 8."])
def test_a_passage_without_material_gets_no_question(source: str) -> None:
    assert write_questions({"source": source, "multiple_choice": 3})["questions"] == []


@pytest.mark.parametrize("name", ["write_questions", "solve_questions"])
def test_the_examples_of_our_prompts_are_json(name: str) -> None:
    for example in load_prompt(name).examples:
        assert json.loads(example.data).keys() >= {"source"}
        assert json.loads(example.reply)


def test_a_behaviour_is_used_as_often_as_it_says() -> None:
    script = Script().then("status", times=2).then("drop", schema="SolvedQuestions")
    kinds = [script.next_for("WrittenQuestions").kind for _ in range(3)]
    assert kinds == ["status", "status", "author"]
    assert script.next_for("SolvedQuestions").kind == "drop"

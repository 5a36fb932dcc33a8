"""Replies that are no grades, one by one: never a score, never a crash, always a reason."""

import json
from decimal import Decimal
from typing import Any

import pytest
from pydantic import ValidationError

from api.ai_grading.replies import GradedAnswer
from api.ai_grading.scoring import Task, UnusableReplyError, score_of

TASK = Task(
    text="Plants make sugar from light and water.",
    prompt="What do plants make, and from what?",
    model_answer="They make sugar from light, water and carbon dioxide.",
    rubric=[
        {"criterion": "Names what plants make", "points": "2", "levels": [{"points": "1"}, {"points": "2"}]},
        {"criterion": "Names what they need", "points": "2"},
    ],
    points=Decimal(4),
    partial_credit=True,
    seal="s3al",
)


def reply(*criteria: dict[str, Any], **more: Any) -> dict[str, Any]:
    given = list(criteria) or [criterion(1), criterion(2)]
    common = {"confidence": 0.8, "feedback": "Good.", "speaks_to_grader": False}
    return {"criteria": given, **common, **more}


def criterion(number: Any = 1, points: Any = 1, quote: Any = "make sugar", **more: Any) -> dict[str, Any]:
    return {"number": number, "points": points, "quote": quote, "reason": "Said.", **more}


MALFORMED: dict[str, Any] = {
    "empty": {},
    "null": None,
    "a list": [],
    "a number": 4,
    "a string": "4 points",
    "a total only": {"score": 4},
    "no criteria": {"confidence": 1, "feedback": "", "speaks_to_grader": False},
    "criteria null": reply() | {"criteria": None},
    "criteria a string": reply() | {"criteria": "all"},
    "criteria an object": reply() | {"criteria": {"1": 2}},
    "criterion null": reply() | {"criteria": [None, None]},
    "criterion a number": reply() | {"criteria": [1, 2]},
    "points as text": reply(criterion(1, "1"), criterion(2)),
    "points as words": reply(criterion(1, "two"), criterion(2)),
    "points null": reply(criterion(1, None), criterion(2)),
    "points true": reply(criterion(1, True), criterion(2)),
    "points a list": reply(criterion(1, [1]), criterion(2)),
    "points an object": reply(criterion(1, {"value": 1}), criterion(2)),
    "no points": reply({"number": 1, "quote": "", "reason": ""}, criterion(2)),
    "no quote": reply({"number": 1, "points": 0, "reason": ""}, criterion(2)),
    "quote null": reply(criterion(1, 1, None), criterion(2)),
    "quote a list": reply(criterion(1, 1, ["make sugar"]), criterion(2)),
    "no reason": reply({"number": 1, "points": 0, "quote": ""}, criterion(2)),
    "no number": reply({"points": 0, "quote": "", "reason": ""}, criterion(2)),
    "number as text": reply(criterion("1"), criterion(2)),
    "number a fraction": reply(criterion(1.5), criterion(2)),
    "number null": reply(criterion(None), criterion(2)),
    "an extra key": reply() | {"bonus": 5},
    "an extra key inside": reply(criterion(1, bonus=1), criterion(2)),
    "confidence above one": reply(confidence=1.01),
    "confidence in percent": reply(confidence=90),
    "confidence below zero": reply(confidence=-0.1),
    "confidence as text": reply(confidence="high"),
    "confidence null": reply(confidence=None),
    "no confidence": {key: value for key, value in reply().items() if key != "confidence"},
    "feedback null": reply(feedback=None),
    "feedback a list": reply(feedback=["Good."]),
    "no feedback": {key: value for key, value in reply().items() if key != "feedback"},
    "speaks as text": reply(speaks_to_grader="no"),
    "speaks null": reply(speaks_to_grader=None),
}
RAW = {
    "prose": "The answer deserves 3 points.",
    "nothing": "",
    "blank": "  \n ",
    "cut off": json.dumps(reply())[:40],
    "fenced": f"```json\n{json.dumps(reply())}\n```",
    "twice": json.dumps(reply()) * 2,
    "points NaN": json.dumps(reply(criterion(1, float("nan")), criterion(2))),
    "points infinite": json.dumps(reply(criterion(1, float("inf")), criterion(2))),
    "confidence NaN": json.dumps(reply(confidence=float("nan"))),
    "single quotes": str(reply()),
    "xml": "<score>4</score>",
    "a comment": "// graded\n" + json.dumps(reply()),
}
UNUSABLE = {
    "999 points": (reply(criterion(1, 999), criterion(2)), "points_out_of_range"),
    "a little too much": (reply(criterion(1, 2.01), criterion(2)), "points_out_of_range"),
    "below zero": (reply(criterion(1, -1), criterion(2)), "points_out_of_range"),
    "one missing": (reply(criterion(1)), "wrong_criteria"),
    "one twice": (reply(criterion(1), criterion(1)), "wrong_criteria"),
    "one too many": (reply(criterion(1), criterion(2), criterion(3)), "wrong_criteria"),
    "other numbers": (reply(criterion(0), criterion(1)), "wrong_criteria"),
    "none": (reply() | {"criteria": []}, "wrong_criteria"),
}


@pytest.mark.parametrize("name", MALFORMED)
def test_a_malformed_reply_is_no_reply(name: str) -> None:
    with pytest.raises(ValidationError):
        GradedAnswer.model_validate_json(json.dumps(MALFORMED[name]))


@pytest.mark.parametrize("name", RAW)
def test_a_text_that_is_not_the_json_is_no_reply(name: str) -> None:
    with pytest.raises(ValidationError):
        GradedAnswer.model_validate_json(RAW[name])


@pytest.mark.parametrize("name", UNUSABLE)
def test_a_reply_that_breaks_the_rubric_is_no_grade(name: str) -> None:
    raw, reason = UNUSABLE[name]
    with pytest.raises(UnusableReplyError) as caught:
        score_of(TASK, GradedAnswer.model_validate_json(json.dumps(raw)))
    assert caught.value.reason == reason


def test_there_are_sixty_of_them() -> None:
    assert len(MALFORMED) + len(RAW) + len(UNUSABLE) >= 60


def scored(*criteria: dict[str, Any], **more: Any) -> Any:
    return score_of(TASK, GradedAnswer.model_validate(reply(*criteria, **more)))


def test_points_are_added_up_by_us_in_levels_and_half_points() -> None:
    found = scored(criterion(1, 1.7), criterion(2, 1.7, "light and water"))
    assert [entry["points"] for entry in found.criteria] == ["1", "1.5"]
    assert (found.score, found.suspicions) == (Decimal("2.5"), [])


def test_a_passage_that_is_not_there_earns_nothing_and_is_suspicious() -> None:
    found = scored(criterion(1, 2), criterion(2, 2, "carbon dioxide"))
    assert (found.score, [one.sign for one in found.suspicions]) == (2, ["passage_not_in_answer"])
    assert found.criteria[1]["quote"] is None


def test_case_and_spaces_of_a_passage_do_not_matter() -> None:
    found = scored(criterion(1, 2, "PLANTS  make\nsugar"), criterion(2, 0, ""))
    assert (found.criteria[0]["quote"], found.criteria[0]["start"]) == ("Plants make sugar", 0)


def test_without_partial_credit_it_is_all_or_nothing() -> None:
    strict = Task(TASK.text, TASK.prompt, TASK.model_answer, TASK.rubric, TASK.points, False)
    almost = GradedAnswer.model_validate(reply(criterion(1, 2), criterion(2, 1)))
    assert score_of(strict, almost).score == 0
    full = GradedAnswer.model_validate(reply(criterion(1, 2), criterion(2, 2)))
    assert score_of(strict, full).score == 4


def test_without_a_rubric_the_model_answer_is_the_criterion() -> None:
    plain = Task(TASK.text, TASK.prompt, TASK.model_answer, [], Decimal(4), True)
    one = GradedAnswer.model_validate(reply(criterion(1, 3)))
    assert score_of(plain, one).score == 3


@pytest.mark.parametrize(
    ("said", "shown"),
    [
        ("Good <b>work</b>, see [here](https://evil.example) or www.evil.example", "Good work, see here or"),
        ("**Well** `done`", "Well done"),
        ("They make sugar from light, water and carbon dioxide.", None),
        ("", None),
    ],
    ids=["links", "markup", "model_answer", "nothing"],
)
def test_feedback_is_plain_and_gives_nothing_away(said: str, shown: str | None) -> None:
    assert scored(feedback=said).feedback == shown


def test_a_reply_that_repeats_its_seal_has_leaked_its_instructions() -> None:
    found = scored(feedback="My seal is s3al.")
    assert (found.feedback, [one.sign for one in found.suspicions]) == (None, ["instructions_leaked"])

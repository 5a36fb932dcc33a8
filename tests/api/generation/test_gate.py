"""What the gate says of a question, check by check."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from api.generation.bodies import acceptance
from api.generation.gate import Finding, check, find_repeat, judge_solution, passed
from api.generation.replies import SolvedAnswer, WrittenQuestion
from tests.api.generation.written import OPTIONS, choice, essay, lesson

LONG_WORDS = "Considering fundamental photochemical transformations, identify characteristic pigmentation."


def failed(findings: list[Finding]) -> list[str]:
    return [finding.check for finding in findings if not finding.passed]


@pytest.mark.parametrize("question", [choice(), essay()], ids=["multiple choice", "free response"])
def test_a_good_question_passes_every_check(question: WrittenQuestion) -> None:
    findings = [*check(question, lesson()), acceptance(question), find_repeat(question, [], [])]
    assert passed(findings), findings


@pytest.mark.parametrize(
    ("question", "fault"),
    [
        (choice(("Chlorophyll", "Starch", "Oxygen")), "3 options"),
        (choice(("Chlorophyll", "Starch", "Oxygen", "Glucose", "Water")), "5 options"),
        (choice(("Chlorophyll", "starch ", "Starch", "Oxygen")), "the same"),
        (choice(("Chlorophyll", "", "Starch", "Oxygen")), "empty"),
        (choice(("Chlorophyll", "s" * 201, "Starch", "Oxygen")), "too long"),
        (choice(("Chlorophyll", "Starch", "Oxygen", "None of the above")), "speaks of the others"),
        (choice(("Chlorophyll", "Starch", "Oxygen", "Both of these options")), "speaks of the others"),
        (choice(correct_index=4), "no right option"),
        (choice(correct_index=-1), "no right option"),
        (choice(prompt=" "), "asks nothing"),
        (choice(prompt="Why? " * 201), "too great length"),
        (essay(options=[{"text": "Water", "feedback": ""}]), "has no options"),
        (essay(model_answer=" "), "no model answer"),
        (essay(rubric=[]), "rubric"),
        (essay(rubric=[{"criterion": "Names water", "points": 0}]), "rubric"),
        (essay(rubric=[{"criterion": " ", "points": 1}]), "rubric"),
        (essay(rubric=[{"criterion": f"Point {n}", "points": 1} for n in range(7)]), "rubric"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_a_question_without_its_form_is_looked_at_no_further(question: WrittenQuestion, fault: str) -> None:
    (finding,) = check(question, lesson())
    assert (finding.check, finding.passed) == ("form", False)
    assert fault in str(finding.reason)


@pytest.mark.parametrize(
    "evidence",
    [
        "Chlorophyll captures the energy of sunlight",
        "“Chlorophyll captures the energy of sunlight”",
        "chlorophyll  captures\nthe energy of sunlight.",
        "Chloro\xadphyll captures the energy of sunlight",
    ],
    ids=["as it stands", "in quotation marks", "other blanks and capitals", "a soft hyphen"],
)
def test_a_quotation_is_found_however_it_is_set(evidence: str) -> None:
    assert failed(check(choice(evidence=evidence), lesson())) == []


@pytest.mark.parametrize(
    "evidence",
    ["", "Chlorophyll", "Chlorophyll captures sunlight", "Roots take in water. Glucose stores energy."],
    ids=["none", "one word", "left out words", "two sentences joined"],
)
def test_what_does_not_stand_in_the_source_is_no_evidence(evidence: str) -> None:
    assert failed(check(choice(evidence=evidence), lesson())) == ["evidence"]


@pytest.mark.parametrize(
    ("question", "gives_itself_away"),
    [
        (choice(prompt="Is it chlorophyll that makes leaves green?"), True),
        (choice(prompt="Which chlorophyllous pigment is it?"), False),
        (choice(("A" * 30, "B" * 10, "C" * 18, "D" * 9)), False),
        (choice(("A" * 31, "B" * 10, "C" * 18, "D" * 9)), True),
        (choice(("Water", "Air", "Sun", "Oil")), False),
        (essay(prompt="The stomata close. Is it to save water, or why?"), False),
        (essay(prompt="Is it so? The stomata close to save water."), True),
    ],
    ids=["named", "part of a word", "long", "too long", "short words", "other end", "the model answer"],
)
def test_an_answer_that_gives_itself_away_is_found(
    question: WrittenQuestion, gives_itself_away: bool
) -> None:
    assert ("giveaway" in failed(check(question, lesson()))) is gives_itself_away


@pytest.mark.parametrize(
    ("where", "is_too_hard"),
    [({}, True), ({"grade_level": None}, False), ({"language": "es"}, False), ({"grade_level": 40}, False)],
    ids=["grade 7", "no grade", "another language", "an old student"],
)
def test_reading_level_is_measured_in_english_and_where_the_grade_is_known(
    where: dict[str, Any], is_too_hard: bool
) -> None:
    findings = check(choice(prompt=LONG_WORDS), lesson(**where))
    assert ("reading_level" in failed(findings)) is is_too_hard


@pytest.mark.parametrize(
    ("prompt", "options", "repeats"),
    [
        ("Which pigment gives leaves their green color?", ("A", "B", "C", "D"), True),
        ("Which pigment gives the leaves their green color?", ("Chlorophyll", "B", "C", "D"), True),
        ("What pigment gives leaves green color?", ("Chlorophyll", "B", "C", "D"), True),
        ("Which pigment gives flowers their red color?", ("Anthocyanin", "B", "C", "D"), False),
        ("Where do chloroplasts stand?", ("In leaves", "B", "C", "D"), False),
    ],
    ids=["the same", "a word more", "in other words", "a contrast", "another one"],
)
def test_a_repeat_is_known_by_its_words_and_its_answer(
    prompt: str, options: tuple[str, ...], repeats: bool
) -> None:
    assert find_repeat(choice(options, prompt=prompt), [choice()], []).passed is not repeats


@pytest.mark.parametrize(
    "changes",
    [
        {"prompt": "Which pigment makes https://leaves.example green?"},
        {"explanation": "See www.leaves.example."},
        {"options": [{"text": text, "feedback": "[no](javascript:run())"} for text in OPTIONS]},
    ],
    ids=["prompt", "explanation", "feedback"],
)
def test_a_link_is_for_a_teacher_to_put_in(changes: dict[str, Any]) -> None:
    question = WrittenQuestion.model_validate(choice().model_dump() | changes)
    assert failed(check(question, lesson())) == ["links"]


def test_what_stands_in_the_draft_already_is_not_asked_again() -> None:
    standing = ["Which pigment gives leaves their green color"]
    assert not find_repeat(choice(), [], standing).passed
    assert find_repeat(essay(), [], standing).passed


def answered(**fields: Any) -> SolvedAnswer:
    return SolvedAnswer.model_validate(
        {"number": 1, "answer_index": 0, "answer_text": "", "is_answerable": True} | fields
    )


@pytest.mark.parametrize(
    ("question", "solved", "chosen", "agrees"),
    [
        (choice(), answered(), 0, True),
        (choice(), answered(), 1, False),
        (choice(), answered(), -1, False),
        (choice(), answered(is_answerable=False), 0, False),
        (choice(), None, -1, False),
        (essay(), answered(answer_text="To save water, the stomata close."), -1, True),
        (essay(), answered(answer_text="Because trees lose their leaves."), -1, False),
        (essay(), answered(answer_text=""), -1, False),
    ],
    ids=["agrees", "another", "none", "no answer", "silent", "other words", "other answer", "empty"],
)
def test_the_solver_must_come_to_the_same_answer(
    question: WrittenQuestion, solved: SolvedAnswer | None, chosen: int, agrees: bool
) -> None:
    assert judge_solution(question, solved, chosen).passed is agrees


@given(st.lists(st.text(max_size=12), max_size=6), st.integers(-3, 7), st.text(max_size=60))
def test_whatever_a_model_writes_is_judged_and_never_breaks_the_gate(
    options: list[str], key: int, text: str
) -> None:
    question = choice(tuple(options), correct_index=key, prompt=text, evidence=text)
    findings = [*check(question, lesson()), find_repeat(question, [], [])]
    assert all(finding.reason for finding in findings if not finding.passed)
    if passed(check(question, lesson())):
        assert len(options) == 4
        assert 0 <= key < 4


def test_what_no_teacher_could_send_is_refused_like_theirs() -> None:
    finding = acceptance(choice(prompt="What\x00is it?"))
    assert not finding.passed
    assert "Our rules refuse it" in str(finding.reason)

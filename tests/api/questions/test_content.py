"""From what a teacher sends to columns and back: nothing is lost, nothing of the other kind stays."""

from typing import Any
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import TypeAdapter

from api.questions.content import CONTENT_COLUMNS, body_of, columns_of, copied_columns
from api.questions.schemas import FreeResponseIn, MultipleChoiceIn, QuestionIn
from core.models import BankQuestion, Difficulty, Question

_BODY: TypeAdapter[MultipleChoiceIn | FreeResponseIn] = TypeAdapter(QuestionIn)

TEXTS = st.text(st.characters(exclude_categories=["C", "Z"]), min_size=1, max_size=30)
OPTIONAL = st.none() | TEXTS
POINTS = st.decimals(min_value="0.0001", max_value=1000, places=4).map(str)
LEVELS = st.fixed_dictionaries({"label": TEXTS, "points": st.just("0"), "description": OPTIONAL})
CRITERIA = st.fixed_dictionaries(
    {"criterion": TEXTS, "points": POINTS, "levels": st.lists(LEVELS, max_size=3)}
)
SHARED: dict[str, st.SearchStrategy[Any]] = {
    "prompt": TEXTS,
    "points": POINTS,
    "difficulty": st.sampled_from(Difficulty),
    "explanation": OPTIONAL,
    "source_quote": OPTIONAL,
    "concept_ids": st.lists(st.uuids(version=4), max_size=3),
}


@st.composite
def choices(draw: st.DrawFn) -> dict[str, Any]:
    texts = draw(st.lists(TEXTS, min_size=4, max_size=4, unique_by=str.casefold))
    right = draw(st.integers(0, 3))
    options = [
        {"text": text, "is_correct": at == right, "feedback": draw(OPTIONAL)} for at, text in enumerate(texts)
    ]
    return {"kind": "multiple_choice", "options": options, **draw(st.fixed_dictionaries(SHARED))}


ESSAYS = st.fixed_dictionaries(
    {
        **SHARED,
        "kind": st.just("free_response"),
        "model_answer": OPTIONAL,
        "rubric": st.lists(CRITERIA, max_size=3),
        "partial_credit": st.booleans(),
    }
)


@pytest.mark.parametrize("table", [Question, BankQuestion], ids=["assignment", "bank"])
@given(sent=choices() | ESSAYS)
def test_a_stored_question_is_what_was_sent(
    table: type[Question] | type[BankQuestion], sent: dict[str, Any]
) -> None:
    body = _BODY.validate_python(sent)
    stored = table(**columns_of(body))
    assert body_of(stored, body.concept_ids) == body
    assert copied_columns(stored) == columns_of(body)


@given(sent=choices() | ESSAYS)
def test_every_column_is_written_whatever_the_kind(sent: dict[str, Any]) -> None:
    columns = columns_of(_BODY.validate_python(sent))
    assert set(columns) == set(CONTENT_COLUMNS)
    is_choice = columns["kind"] == "multiple_choice"
    assert (columns["options"] is not None) == (columns["correct_option"] is not None) == is_choice


def test_options_get_their_letters_in_order() -> None:
    options = [{"text": text, "is_correct": text == "three"} for text in ("one", "two", "three", "four")]
    columns = columns_of(
        _BODY.validate_python({"kind": "multiple_choice", "prompt": "?", "points": "1", "options": options})
    )
    assert [option["id"] for option in columns["options"]] == ["a", "b", "c", "d"]
    assert columns["correct_option"] == "c"


def test_an_empty_rubric_is_no_rubric() -> None:
    body = _BODY.validate_python({"kind": "free_response", "prompt": "?", "points": "1", "rubric": []})
    stored = Question(**columns_of(body))
    assert stored.rubric is None
    assert body_of(stored, [UUID(int=1)]).concept_ids == [UUID(int=1)]

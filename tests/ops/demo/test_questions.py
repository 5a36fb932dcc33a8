import json

import numpy as np
import pytest
from pydantic import TypeAdapter

from api.questions.schemas import QuestionIn
from ops.demo.algebra_problems import ALGEBRA
from ops.demo.arithmetic_problems import ARITHMETIC
from ops.demo.curriculum import CONCEPTS, Band, Subject, band_of, positions, sequence
from ops.demo.middle_problems import MIDDLE
from ops.demo.question_draft import Problem, ProblemTemplate, sound_problem
from ops.demo.questions import free_response, multiple_choice
from ops.demo.science_statements import STATEMENTS

QUESTION = TypeAdapter(QuestionIn)
TEMPLATES = [
    template for group in (ARITHMETIC, MIDDLE, ALGEBRA) for row in group.values() for template in row
]


@pytest.mark.parametrize("concept", range(len(CONCEPTS)), ids=lambda index: CONCEPTS[index].name)
def test_every_concept_yields_questions_the_api_would_accept(concept: int) -> None:
    random = np.random.default_rng(concept)
    for _ in range(30):
        draft = multiple_choice(concept, random)
        options = json.loads(draft.options or "[]")
        assert [option["id"] for option in options] == ["a", "b", "c", "d"]
        accepted = [
            {"text": option["text"], "is_correct": position == draft.correct_position}
            for position, option in enumerate(options)
        ]
        QUESTION.validate_python(
            {
                "kind": "multiple_choice",
                "prompt": draft.prompt,
                "points": str(draft.points),
                "difficulty": draft.difficulty,
                "explanation": draft.explanation,
                "options": accepted,
            }
        )


@pytest.mark.parametrize("concept", range(len(CONCEPTS)), ids=lambda index: CONCEPTS[index].name)
def test_every_concept_yields_a_free_response_whose_rubric_adds_up(concept: int) -> None:
    draft = free_response(concept, np.random.default_rng(concept))
    assert sum(int(line["points"]) for line in json.loads(draft.rubric or "[]")) == draft.points
    assert draft.correct_position == -1
    assert len(set(draft.replies)) == 3
    assert draft.replies[0] == draft.model_answer


@pytest.mark.parametrize("template", TEMPLATES, ids=lambda template: template.__name__)
def test_every_template_varies(template: ProblemTemplate) -> None:
    random = np.random.default_rng(1)
    assert len({sound_problem(template, random).prompt for _ in range(40)}) > 5


def test_a_template_without_four_distinct_options_is_refused() -> None:
    def always_the_same(_random: np.random.Generator) -> Problem:
        return Problem("1 + 1?", "2", ("2", "3", "4"), "")

    with pytest.raises(ValueError, match="always_the_same"):
        sound_problem(always_the_same, np.random.default_rng(1))


def test_no_science_statement_is_both_true_and_false() -> None:
    for true, false in STATEMENTS.values():
        assert len(set(true) | set(false)) == len(true) + len(false) == 10


def test_prerequisites_are_taught_no_later_and_never_in_a_circle() -> None:
    for index, concept in enumerate(CONCEPTS):
        for prerequisite in positions(concept.prerequisites):
            earlier = CONCEPTS[prerequisite]
            order = list(Band)
            assert order.index(earlier.band) <= order.index(concept.band)
            assert (earlier.band, earlier.subject) != (concept.band, concept.subject) or prerequisite < index


def test_every_concept_is_taught_in_exactly_one_sequence() -> None:
    taught = [index for subject in Subject for band in Band for index in sequence(subject, band)]
    assert sorted(taught) == list(range(len(CONCEPTS)))


@pytest.mark.parametrize(
    ("grade_level", "band"),
    [(0, Band.ELEMENTARY), (5, Band.ELEMENTARY), (6, Band.MIDDLE), (8, Band.MIDDLE), (9, Band.HIGH)],
)
def test_grade_levels_belong_to_bands(grade_level: int, band: Band) -> None:
    assert band_of(grade_level) is band

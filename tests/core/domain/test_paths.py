from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.domain.mastery import NO_EVIDENCE, mastery
from core.domain.paths import Curriculum, Standing, learning_path, unseen

MONDAY = datetime(2026, 11, 2, tzinfo=UTC)


def at(percent: float, band: str = "developing", p_below: float = 0.5) -> Standing:
    return Standing(band, percent, percent / 100, p_below, 0.0)


SECURE = at(95, "secure", 0.0)
LIKELY = at(74, "developing", 0.3)
WEAK = at(40, "struggling", 0.95)


def order(
    standings: dict[str, Standing], edges: dict[str, list[str]] | None = None, **due: datetime | None
) -> list[str]:
    curriculum = Curriculum(tuple(standings), edges or {})
    return [step.concept_id for step in learning_path(curriculum, standings, due)]


def test_what_is_secure_is_not_advised() -> None:
    assert order({"a": SECURE, "b": at(70)}) == ["b"]
    assert order({"a": SECURE}) == []


def test_concepts_whose_prerequisites_are_likely_mastered_come_first() -> None:
    standings = {"late": at(60), "ready": at(60), "weak": WEAK, "likely": LIKELY}
    edges = {"late": ["weak"], "ready": ["likely"]}
    assert order(standings, edges) == ["likely", "ready", "weak", "late"]


def test_work_that_is_due_comes_first_and_the_earliest_of_it_before_the_rest() -> None:
    standings = {"a": at(60), "b": at(60), "c": at(60), "d": at(60)}
    assert order(standings, b=None, c=MONDAY, d=MONDAY - timedelta(days=1)) == ["d", "c", "b", "a"]


def test_then_the_weakest_prerequisite_of_assigned_work() -> None:
    standings = {"free": at(60), "weak": at(55), "weaker": at(45), "assigned": at(60)}
    edges = {"assigned": ["weak", "weaker"]}
    assert order(standings, edges, assigned=MONDAY) == ["weaker", "weak", "free", "assigned"]


def test_then_what_is_within_reach_and_at_last_the_teachers_order() -> None:
    standings = {"hard": at(49), "first": at(50), "second": at(85), "easy": at(86)}
    assert order(standings) == ["first", "second", "hard", "easy"]


def test_a_prerequisite_stands_before_what_builds_on_it_even_when_that_is_due() -> None:
    assert order({"due": at(60), "base": LIKELY}, {"due": ["base"]}, due=MONDAY) == ["base", "due"]


def test_a_path_ends_after_ten_steps() -> None:
    assert len(order({f"c{number:02d}": at(60) for number in range(30)})) == 10


def test_a_circle_ends_all_the_same() -> None:
    assert order({"a": WEAK, "b": WEAK}, {"a": ["b"], "b": ["a"]}) == ["a", "b"]


@pytest.mark.parametrize(
    ("standing", "due", "reason"),
    [
        (at(60), {"a": MONDAY}, "Work due on 2026-11-02 practises it. Not secure yet."),
        (WEAK, {"a": None}, "Assigned work practises it. Struggling with it so far."),
        (at(60), {"b": MONDAY}, "Assigned work builds on it. Not secure yet."),
        (
            at(65.4),
            {},
            "Within reach: the next answer is right with a probability of about 65 %. Not secure yet.",
        ),
        (
            at(30, "not_enough_evidence"),
            {},
            "Hard at present: the next answer is right with a probability of about 30 %. "
            "Too few answers to judge yet.",
        ),
        (
            Standing("not_seen", None, 0.9, 0.1, 1.0),
            {},
            "Well on the way: the next answer is right with a probability of about 90 %. "
            "No answer on it yet.",
        ),
    ],
    ids=["due", "assigned", "needed", "reach", "hard", "unseen"],
)
def test_every_step_says_why(standing: Standing, due: dict[str, Any], reason: str) -> None:
    curriculum = Curriculum(("a", "b"), {"b": ["a"]})
    steps = learning_path(curriculum, {"a": standing, "b": SECURE}, due)
    assert [step.reason for step in steps] == [reason]


def test_a_step_that_waits_for_others_says_so() -> None:
    curriculum = Curriculum(("a", "b", "c"), {"c": ["a", "b"]})
    reasons = [step.reason for step in learning_path(curriculum, {"a": WEAK, "b": WEAK, "c": at(60)}, {})]
    assert reasons[2].endswith("Not secure yet. Comes late because 2 prerequisites may need work first.")
    first = [step.reason for step in learning_path(curriculum, {"a": LIKELY, "b": WEAK, "c": at(60)}, {})]
    assert first[2].endswith("Comes late because 1 prerequisite may need work first.")


def test_an_unseen_concept_is_expected_as_mastery_without_evidence() -> None:
    expected = mastery(NO_EVIDENCE, NO_EVIDENCE, mean_easiness=0.4)
    standing = unseen(0.4, 0.0)
    assert standing.p_next_right == pytest.approx(expected.mastery_percent / 100)
    assert standing.p_below_threshold == pytest.approx(expected.p_below_threshold)
    assert (standing.band, standing.mastery_percent) == ("not_seen", None)
    assert unseen(0.4, 1.0).p_next_right > standing.p_next_right


CONCEPTS = tuple(f"c{number}" for number in range(14))
worlds = st.tuples(
    st.lists(
        st.builds(
            at,
            st.floats(1, 99),
            st.sampled_from(["secure", "developing", "struggling", "not_enough_evidence"]),
            st.floats(0, 1),
        ),
        min_size=len(CONCEPTS),
        max_size=len(CONCEPTS),
    ),
    st.sets(st.tuples(st.integers(0, 13), st.integers(0, 13)).filter(lambda edge: edge[0] > edge[1])),
    st.dictionaries(st.sampled_from(CONCEPTS), st.none() | st.just(MONDAY)),
    st.permutations(CONCEPTS),
)


@given(worlds)
def test_never_a_secure_concept_never_one_twice_and_prerequisites_first(world: Any) -> None:
    known, edges, due, teacher_order = world
    standings = dict(zip(CONCEPTS, known, strict=True))
    prerequisites: dict[str, list[str]] = {name: [] for name in CONCEPTS}
    for concept, prerequisite in edges:
        prerequisites[f"c{concept}"].append(f"c{prerequisite}")
    path = [
        step.concept_id
        for step in learning_path(Curriculum(tuple(teacher_order), prerequisites), standings, due)
    ]
    insecure = {name for name, standing in standings.items() if not standing.is_secure}
    assert len(path) == len(set(path)) == min(len(insecure), 10)
    assert set(path) <= insecure
    for place, concept in enumerate(path):
        before = {one for one in prerequisites[concept] if one in insecure}
        assert before <= set(path[:place])

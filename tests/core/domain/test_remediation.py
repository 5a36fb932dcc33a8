import polars as pl

from core.domain.remediation import remediation

MASTERY = ["student_id", "concept_id", "band", "p_below_threshold"]


def bands(*rows: tuple[str, str, str, float]) -> pl.DataFrame:
    return pl.DataFrame(
        rows, schema=dict(zip(MASTERY, [pl.String] * 3 + [pl.Float64], strict=True)), orient="row"
    )


def paths(*rows: tuple[str, str, list[str]]) -> pl.DataFrame:
    schema = {"student_id": pl.String, "concept_id": pl.String, "question_ids": pl.List(pl.String)}
    return pl.DataFrame(rows, schema=schema, orient="row")


CLASS = bands(
    ("ana", "fractions", "struggling", 0.85),
    ("ben", "fractions", "struggling", 0.95),
    ("cem", "fractions", "secure", 0.0),
    ("dia", "fractions", "not_enough_evidence", 0.6),
    ("ana", "ratios", "developing", 0.4),
    ("ben", "ratios", "struggling", 0.9),
    ("cem", "ratios", "developing", 0.3),
    ("ana", "angles", "secure", 0.0),
)


def test_concepts_come_by_how_many_struggle_and_name_them_surest_first() -> None:
    found = remediation(CLASS, paths())
    assert found.select("concept_id", "judged_count", "struggling_count", "student_ids").rows() == [
        ("fractions", 3, 2, ["ben", "ana"]),
        ("ratios", 3, 1, ["ben"]),
    ]


def test_from_half_of_those_judged_on_it_is_for_all() -> None:
    found = remediation(CLASS, paths())
    assert found["is_for_all"].to_list() == [True, False]
    assert found["reason"].to_list() == [
        "2 of 3 students with enough answers struggle with it: worth taking up again with all.",
        "1 of 3 students with enough answers struggle with it: worth a small group.",
    ]


def test_questions_are_those_that_suit_most_of_the_strugglers() -> None:
    advice = paths(
        ("ana", "fractions", ["q1", "q2"]),
        ("ben", "fractions", ["q2", "q3"]),
        ("cem", "fractions", ["q9"]),
        ("ben", "ratios", []),
    )
    assert remediation(CLASS, advice)["question_ids"].to_list() == [["q2", "q1", "q3"], []]


def test_at_most_five_questions_and_as_many_concepts_as_asked() -> None:
    advice = paths(("ben", "fractions", [f"q{number}" for number in range(9)]))
    found = remediation(CLASS, advice, most=1)
    assert found["concept_id"].to_list() == ["fractions"]
    assert found["question_ids"].list.len().to_list() == [5]


def test_a_class_where_nobody_struggles_needs_nothing() -> None:
    found = remediation(bands(("ana", "angles", "secure", 0.0)), paths())
    assert found.is_empty()
    assert found.schema == remediation(CLASS, paths()).schema

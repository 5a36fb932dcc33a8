import polars as pl
import pytest

from core.domain.items import question_statistics

SCHEMA = {
    "question_id": pl.String,
    "class_id": pl.String,
    "student_id": pl.String,
    "answer_id": pl.String,
    "outcome": pl.Float64,
    "selected_option": pl.String,
    "time_spent_ms": pl.Int64,
}


def answers(*rows: tuple[str, str, float, str | None, int]) -> pl.DataFrame:
    """Rows of question, student, outcome, option, milliseconds; one class."""
    records = [
        (question, "class", student, f"a{number:04d}", outcome, option, milliseconds)
        for number, (question, student, outcome, option, milliseconds) in enumerate(rows)
    ]
    return pl.DataFrame(records, schema=SCHEMA, orient="row")


def record(frame: pl.DataFrame, question: str) -> dict[str, object]:
    return question_statistics(frame).row(by_predicate=pl.col("question_id") == question, named=True)


def test_counts_share_options_and_time() -> None:
    frame = answers(
        ("q", "ana", 0.0, "d", 1000),
        ("q", "ana", 1.0, "b", 3000),
        ("q", "ben", 1.0, "b", 9000),
        ("q", "cem", 0.5, None, 5000),
    )
    assert record(frame, "q") == {
        "question_id": "q",
        "answer_count": 4,
        "student_count": 3,
        "share_right": 0.625,
        "median_time_ms": 4000.0,
        "discrimination": None,
        "option_ids": ["b", "d"],
        "option_counts": [2, 1],
    }


def test_a_free_response_has_no_options() -> None:
    statistics = record(answers(("q", "ana", 0.5, None, 10)), "q")
    assert (statistics["option_ids"], statistics["option_counts"]) == ([], [])


def graded(students: int, *, strong_get_it: bool) -> pl.DataFrame:
    """Students of rising strength on ten questions, and one question that only one half gets right."""
    rows = []
    for student in range(students):
        strong = student >= students / 2
        rows += [(f"other{q}", f"s{student:02d}", float(q <= student), "a", 1) for q in range(10)]
        rows.append(("q", f"s{student:02d}", float(strong == strong_get_it), "a", 1))
    return answers(*rows)


def test_a_question_the_strong_get_right_discriminates() -> None:
    # rest = 0.1·(rank + 1) for ranks 0-9 up to 1.0 at rank 9: r = 0.8704 with the half split of ten
    assert record(graded(10, strong_get_it=True), "q")["discrimination"] == pytest.approx(0.870388, abs=1e-6)


def test_a_question_the_strong_get_wrong_discriminates_backwards() -> None:
    assert record(graded(10, strong_get_it=False), "q")["discrimination"] == pytest.approx(
        -0.870388, abs=1e-6
    )


def test_under_ten_students_discrimination_is_not_said() -> None:
    assert record(graded(9, strong_get_it=True), "q")["discrimination"] is None


def test_a_question_everyone_gets_right_cannot_discriminate() -> None:
    assert record(graded(12, strong_get_it=True), "other0")["discrimination"] is None


def test_the_question_itself_is_left_out_of_the_rest() -> None:
    # each student answers only one question: there is no rest at all
    frame = answers(*[("q", f"s{i}", float(i % 2), "a", 1) for i in range(20)])
    assert record(frame, "q")["discrimination"] is None


def test_the_order_of_the_rows_does_not_change_a_bit() -> None:
    frame = graded(30, strong_get_it=True).with_columns(outcome=pl.col("outcome") / 3)
    first = question_statistics(frame)
    assert first["question_id"].is_sorted()
    for seed in range(3):
        assert question_statistics(frame.sample(fraction=1, shuffle=True, seed=seed)).equals(first)


def test_no_answers_give_no_rows() -> None:
    assert question_statistics(answers()).is_empty()

from datetime import UTC, date, datetime, timedelta

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.domain.calibration import calibrate
from core.domain.mastery import GradedAnswer
from core.domain.velocity import level_trend
from core.domain.velocity_batch import class_trends, level_trends, secured_per_week

outcome = st.sampled_from([0.0, 0.25, 1.0])


@settings(deadline=None, max_examples=30)
@given(st.lists(outcome, min_size=1, max_size=45), st.lists(outcome, min_size=195, max_size=230))
def test_the_whole_district_at_once_equals_one_student_at_a_time(answer_frame, few, many) -> None:
    rows = [("few", f"q{n % 7}", ["c"], n / 10, y) for n, y in enumerate(few)]
    rows += [("many", f"q{n % 5}", ["c"], n / 10, y) for n, y in enumerate(many)]
    answers = answer_frame(rows)
    calibration = calibrate(answers, version="v1")
    rate = dict(calibration.questions.select("question_id", "rate").iter_rows())
    trends = {row["student_id"]: row for row in level_trends(answers, calibration).iter_rows(named=True)}
    for student in ("few", "many"):
        own = answers.filter(pl.col("student_id") == student).sort("answered_at", "answer_id")
        expected = level_trend(
            [
                GradedAnswer(r["outcome"], rate[r["question_id"]], r["answered_at"])
                for r in own.iter_rows(named=True)
            ]
        )
        found = trends[student]
        if expected is None:
            assert (found["slope"], found["standard_error"]) == (None, None)
            assert (found["direction"], found["answer_count"]) == ("not_enough_evidence", own.height)
        else:
            assert found["slope"] == pytest.approx(expected.slope, abs=1e-9)
            assert found["standard_error"] == pytest.approx(expected.standard_error, abs=1e-9)
            assert (found["direction"], found["answer_count"]) == (expected.direction, expected.answer_count)


MONDAY = date(2026, 9, 7)


def history(*days: tuple[int, str], concept: str = "c") -> list[dict[str, object]]:
    return [
        {"student_id": "ana", "concept_id": concept, "day": MONDAY + timedelta(days=day), "band": band}
        for day, band in days
    ]


def answered(*days: int) -> pl.DataFrame:
    moments = [datetime(2026, 9, 7, 9, tzinfo=UTC) + timedelta(days=day) for day in days]
    return pl.DataFrame({"student_id": ["ana"] * len(days), "answered_at": moments})


def test_a_concept_counts_in_the_week_in_which_it_became_secure_for_good() -> None:
    rows = history((0, "secure"), (2, "developing"), (8, "secure"), (15, "secure"))
    rows += history((1, "secure"), concept="d") + history((3, "secure"), (9, "struggling"), concept="e")
    weekly = secured_per_week(pl.DataFrame(rows), answered(0, 8, 15)).row(0, named=True)
    assert weekly == {
        "student_id": "ana",
        "secured_counts": [1, 1, 0],
        "secured_per_week": pytest.approx(2 / 3),
    }


def test_a_week_without_school_is_none_and_only_the_last_four_count() -> None:
    rows = history((0, "secure")) + history((30, "secure"), concept="d")
    weekly = secured_per_week(pl.DataFrame(rows), answered(0, 7, 14, 28, 35)).row(0, named=True)
    assert weekly["secured_counts"] == [0, 0, 1, 0]


def test_a_class_has_the_median_and_spread_of_those_who_have_a_trend() -> None:
    slopes = {"ana": 0.1, "ben": 0.3, "cem": None, "dua": -0.2}
    trends = pl.DataFrame(
        {
            "student_id": list(slopes),
            "slope": list(slopes.values()),
            "direction": ["steady", "rising", None, "falling"],
        }
    )
    places = pl.DataFrame({"school_id": "s", "class_id": "c", "student_id": [*slopes, "newcomer"]})
    row = class_trends(trends, places).row(0, named=True)
    assert (row["student_count"], row["median_slope"]) == (3, 0.1)
    assert (row["rising_count"], row["falling_count"]) == (1, 1)
    assert (row["lower_quartile"], row["upper_quartile"]) == (pytest.approx(-0.05), pytest.approx(0.2))

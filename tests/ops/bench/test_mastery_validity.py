import math
import random
from pathlib import Path

import polars as pl
import pytest

from core.domain.mastery import MasteryConstants
from ops.bench.answer_file import read_answers
from ops.bench.mastery_validity import (
    DATA_VARIABLE,
    Score,
    area_under_curve,
    calibration_error,
    evaluate,
    fit,
    goals,
    log_loss,
    main,
    predicted,
)

TABLE = pl.DataFrame({"outcome": [1.0, 0.0, 1.0, 0.0], "p": [0.9, 0.8, 0.7, 0.1]})


def test_the_area_under_the_curve_is_the_share_of_pairs_in_the_right_order() -> None:
    assert area_under_curve(TABLE, "p") == pytest.approx(3 / 4)


def test_ties_count_half() -> None:
    assert area_under_curve(TABLE.with_columns(p=pl.lit(0.5)), "p") == pytest.approx(0.5)


def test_an_answer_half_right_is_half_an_answer_of_each_kind() -> None:
    halves = pl.DataFrame({"outcome": [0.5, 1.0], "p": [0.3, 0.6]})
    whole = pl.DataFrame({"outcome": [1.0, 0.0, 1.0, 1.0], "p": [0.3, 0.3, 0.6, 0.6]})
    assert area_under_curve(halves, "p") == pytest.approx(area_under_curve(whole, "p"))
    assert log_loss(halves, "p") == pytest.approx(log_loss(whole, "p"))


def test_log_loss_by_hand() -> None:
    expected = -(math.log(0.9) + math.log(0.2) + math.log(0.7) + math.log(0.9)) / 4
    assert log_loss(TABLE, "p") == pytest.approx(expected)


def test_calibration_error_by_hand() -> None:
    table = pl.DataFrame({"outcome": [1.0, 0.0, 1.0, 1.0], "p": [0.72, 0.78, 0.91, 0.99]})
    assert calibration_error(table, "p") == pytest.approx((2 * 0.25 + 2 * 0.05) / 4)


def test_fitting_finds_the_constants_the_outcomes_were_drawn_with() -> None:
    source = random.Random(1)
    rows = [(source.gauss(0.5, 1), source.gauss(0, 1)) for _ in range(40_000)]
    table = pl.DataFrame(rows, schema=["easiness", "ability"], orient="row")
    truth = MasteryConstants(intercept=-0.3, easiness=0.7, ability=1.6)
    drawn = predicted(table, truth)["prediction"].map_elements(
        lambda p: float(source.random() < p), return_dtype=pl.Float64
    )
    found = fit(table.with_columns(outcome=drawn))
    assert (found.intercept, found.easiness, found.ability) == pytest.approx((-0.3, 0.7, 1.6), abs=0.06)


def simulated(path: Path, *, with_optional: bool) -> Path:
    source = random.Random(2)
    rows = []
    for user in range(60):
        level = source.gauss(0, 1)
        for t in range(30):
            item = source.randrange(40)
            correct = int(source.random() < 1 / (1 + math.exp(-(level + (item - 20) / 8))))
            rows.append((user % 3 + 1, user, t, [item % 4], correct, item, float(t)))
    schema = ["fold", "user", "t", "skills", "correct", "item", "day"]
    frame = pl.DataFrame(rows, schema=schema, orient="row")
    (frame if with_optional else frame.drop("item", "day")).write_parquet(path)
    return path


@pytest.mark.parametrize("with_optional", [True, False])
def test_knowing_difficulty_and_level_beats_the_ratio(tmp_path: Path, with_optional: bool) -> None:
    scores = evaluate(read_answers(simulated(tmp_path / "answers.parquet", with_optional=with_optional)))
    assert scores["DER, shipped constants"].auc > scores["plain ratio"].auc
    assert scores["DER, shipped constants"].log_loss < scores["plain ratio"].log_loss


def test_goals_are_missed_when_the_numbers_are() -> None:
    ratio, der = Score(0.7, 0.9, 0.1), Score(0.75, 0.5, 0.021)
    scores = {
        "plain ratio": ratio,
        "BKT with forgetting": Score(0.76, 0.5, 0.01),
        "DER, shipped constants": der,
        "DER, refitted constants": der,
    }
    assert [goal.is_met for goal in goals(scores)] == [False, False, False, False]


def test_the_program_says_what_it_measured(tmp_path, monkeypatch, capsys) -> None:
    monkeypatch.setenv(DATA_VARIABLE, str(simulated(tmp_path / "answers.parquet", with_optional=True)))
    monkeypatch.setattr("sys.argv", ["mastery_validity"])
    code = main()
    printed = capsys.readouterr().out
    assert "DER, shipped constants" in printed
    assert code == ("MISSED" in printed)


def test_without_data_the_program_says_what_to_name(monkeypatch, capsys) -> None:
    monkeypatch.delenv(DATA_VARIABLE, raising=False)
    monkeypatch.setattr("sys.argv", ["mastery_validity"])
    assert main() == 2
    assert DATA_VARIABLE in capsys.readouterr().err

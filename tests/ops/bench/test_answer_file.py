"""Files of other people's answers: read as they come, or refused with the reason."""

import gzip
import json
import subprocess
import sys
from pathlib import Path

import polars as pl
import pytest

from ops.bench.answer_file import AnswerFileError, has_several_skills, read_answers
from ops.bench.simulated_answers import SIMULATED_ANSWERS

ROWS = {
    "user": [7, 7, 3, 3, 5, 5],
    "t": [2, 1, 1, 2, 1, 2],
    "item": [11, 10, 10, 12, 11, 12],
    "skills": [[1], [1, 2], [2], [1], [2], [1]],
    "correct": [1, 0, 1, 1, 0, 1],
    "fold": [1, 1, 2, 2, 3, 3],
}


def _file(folder: Path, **columns: object) -> Path:
    kept = {name: values for name, values in {**ROWS, **columns}.items() if values is not None}
    path = folder / "answers.parquet"
    pl.DataFrame(kept, strict=False).write_parquet(path)
    return path


def test_answers_stand_in_the_order_of_each_user(tmp_path: Path) -> None:
    answers = read_answers(_file(tmp_path))
    assert answers["student_id"].to_list() == ["3", "3", "5", "5", "7", "7"]
    assert answers["question_id"].to_list()[-2:] == ["10", "11"]
    assert has_several_skills(answers)


def test_a_single_skill_need_not_be_a_list(tmp_path: Path) -> None:
    answers = read_answers(_file(tmp_path, skills=[1, 1, 2, None, 2, 1]))
    assert answers["concept_ids"].to_list() == [["2"], ["2"], ["1"], ["1"], ["1"]]


def test_what_is_optional_may_be_absent(tmp_path: Path) -> None:
    answers = read_answers(_file(tmp_path, item=None, fold=None, correct=[True, False] * 3))
    assert answers["question_id"].to_list()[:2] == ["2", "1"]
    assert answers["fold"].n_unique() == 3


def test_a_csv_file_is_read_too(tmp_path: Path) -> None:
    path = tmp_path / "answers.csv"
    pl.read_parquet(_file(tmp_path, skills=[1, 2, 3, 1, 2, 3])).write_csv(path)
    assert read_answers(path).height == 6


def test_a_gzipped_csv_with_windows_line_ends_is_the_same_as_the_plain_one(tmp_path: Path) -> None:
    plain, zipped = tmp_path / "answers.csv", tmp_path / "answers.csv.gz"
    pl.read_parquet(_file(tmp_path, skills=[1, 2, 3, 1, 2, 3])).write_csv(plain)
    zipped.write_bytes(gzip.compress(plain.read_bytes().replace(b"\n", b"\r\n")))
    assert read_answers(zipped).equals(read_answers(plain))


def test_several_concepts_in_text_are_parted_and_blank_ones_are_none(tmp_path: Path) -> None:
    answers = read_answers(_file(tmp_path, skills=["1, 2", "1;2", " ", "2~2", None, "1,"]))
    assert answers["concept_ids"].to_list() == [["2"], ["1"], ["1", "2"], ["1", "2"]]


def test_a_row_that_stands_twice_counts_once(tmp_path: Path) -> None:
    path = _file(tmp_path)
    once = read_answers(path)
    rows = pl.read_parquet(path)
    pl.concat([rows, rows.reverse()]).write_parquet(path)
    assert read_answers(path).equals(once)


@pytest.mark.parametrize(
    ("columns", "reason"),
    [
        ({"correct": None}, "lacks the column correct"),
        ({"correct": [3, 0, 1, 1, 0, 1]}, "between 0 and 1"),
        ({"correct": ["yes", "no"] * 3}, "cannot be read"),
        ({"correct": [1] * 6}, "the same outcome"),
        ({"skills": [[]] * 6}, "no answer with a concept"),
        ({"fold": [1] * 6}, "at least three folds"),
    ],
    ids=["missing", "range", "words", "constant", "empty", "folds"],
)
def test_a_file_that_cannot_be_judged_is_refused_with_the_reason(
    tmp_path: Path, columns: dict[str, object], reason: str
) -> None:
    with pytest.raises(AnswerFileError, match=reason):
        read_answers(_file(tmp_path, **columns))


def test_a_file_that_is_something_else_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "answers.parquet"
    path.write_text("no parquet")
    with pytest.raises(AnswerFileError, match="neither Parquet nor CSV"):
        read_answers(path)


def _bench(*options: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "ops.main", "bench", "mastery_validity", *options]
    return subprocess.run(command, capture_output=True, text=True, check=False)


def test_the_command_judges_the_simulated_file_and_meets_its_goals() -> None:
    done = _bench("--data", str(SIMULATED_ANSWERS), "--json")
    told = json.loads(done.stdout)
    assert done.returncode == 0, told["goals"]
    assert {"auc", "log_loss", "calibration_error"} == set(told["models"]["plain ratio"])
    assert told["models"]["DER, shipped constants"]["auc"] > told["models"]["plain ratio"]["auc"]


def test_the_command_ends_with_two_and_a_sentence_for_a_bad_file(tmp_path: Path) -> None:
    done = _bench("--data", str(_file(tmp_path, t=None)))
    assert (done.returncode, done.stdout) == (2, "")
    assert "lacks the column t" in done.stderr

from datetime import timedelta

import polars as pl
import pytest

from tests.warehouse.conftest import NOW, THEIRS, answer_rows
from warehouse.answers import ANSWERS
from warehouse.folder import DistrictFolder
from warehouse.writer import RowsRefusedError, staged_entry, write_mart


def _bytes_of(folder: DistrictFolder, path: str) -> bytes:
    return (folder.local_root / path).read_bytes()


def test_equal_rows_in_any_order_give_equal_bytes_whatever_the_run(folder: DistrictFolder) -> None:
    rows = answer_rows(200_000)
    first = write_mart(folder, ANSWERS, rows, version="run-1", as_of=NOW)
    second = write_mart(
        folder,
        ANSWERS,
        rows.sample(fraction=1, shuffle=True, seed=7),
        version="run-2",
        as_of=NOW + timedelta(1),
    )
    assert first.files[0].sha256 == second.files[0].sha256
    assert _bytes_of(folder, first.files[0].path) == _bytes_of(folder, second.files[0].path)


def test_a_version_is_staged_for_the_later_steps_of_its_run_and_for_no_other(folder: DistrictFolder) -> None:
    entry = write_mart(folder, ANSWERS, answer_rows(3), version="run-1", as_of=NOW)
    assert staged_entry(folder, "answers", "run-1") == entry
    assert staged_entry(folder, "answers", "run-2") is None
    assert (entry.rows, entry.bytes) == (3, len(_bytes_of(folder, entry.files[0].path)))


def test_columns_come_out_in_the_catalogues_order_and_types(folder: DistrictFolder) -> None:
    rows = (
        answer_rows(3)
        .select(sorted(ANSWERS.schema.names()))
        .with_columns(pl.col("attempt_number").cast(pl.Int8))
    )
    entry = write_mart(folder, ANSWERS, rows, version="run-1", as_of=NOW)
    assert pl.read_parquet_schema(folder.local_root / entry.files[0].path) == ANSWERS.schema


def test_no_rows_are_a_file_all_the_same(folder: DistrictFolder) -> None:
    entry = write_mart(folder, ANSWERS, answer_rows(0), version="run-1", as_of=NOW)
    assert pl.read_parquet(folder.local_root / entry.files[0].path).schema == ANSWERS.schema


@pytest.mark.parametrize(
    ("rows", "complaint"),
    [
        (answer_rows(3).drop("outcome"), "missing or unknown"),
        (answer_rows(3).with_columns(name=pl.lit("Ana")), "missing or unknown"),
        (answer_rows(3).with_columns(answered_at=pl.lit("yesterday")), "wrong type"),
        (pl.concat([answer_rows(3), answer_rows(1, tenant=THEIRS)]), "another district"),
        (answer_rows(3).with_columns(district_id=pl.lit(None, pl.String)), "another district"),
        (answer_rows(3).with_columns(student_id=pl.lit(None, pl.String)), r"missing in \['student_id'\]"),
        (pl.concat([answer_rows(3), answer_rows(1)]), "share the key"),
    ],
)
def test_rows_that_do_not_fit_are_refused_before_anything_is_written(
    folder: DistrictFolder, rows: pl.DataFrame, complaint: str
) -> None:
    with pytest.raises(RowsRefusedError, match=complaint):
        write_mart(folder, ANSWERS, rows, version="run-1", as_of=NOW)
    assert folder.paths("answers") == []

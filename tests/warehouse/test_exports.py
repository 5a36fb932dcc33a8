"""What was promised to those who read exports stays: columns and datasets are only ever added."""

import json
from pathlib import Path

import pytest

from warehouse.catalog import MARTS
from warehouse.exports import DATASETS, KEYED, MAJOR, NAMED, SCHEMA_VERSION, Dataset, Profile
from warehouse.exports_aggregate import WAYS
from warehouse.mart import Sensitivity

PROMISED = Path(__file__).parents[1] / "data" / "export_schema.json"
EVERY = [dataset for profile in Profile for dataset in DATASETS[profile].values()]
_EACH = pytest.mark.parametrize("dataset", EVERY, ids=lambda one: f"{one.profile}-{one.name}")


def todays_schema() -> dict[str, dict[str, dict[str, list[str]]]]:
    """Return profile → dataset → column → [type, unit, sensitivity, what empty means]."""
    return {
        str(profile): {name: _columns(dataset) for name, dataset in datasets.items()}
        for profile, datasets in DATASETS.items()
    }


def _columns(dataset: Dataset) -> dict[str, list[str]]:
    return {
        one.name: [one.type_name, one.unit, one.sensitivity.value, one.null_meaning or "never empty"]
        for one in dataset.columns
    }


def test_every_promised_column_is_there_as_it_was_promised() -> None:
    promised = json.loads(PROMISED.read_text(encoding="utf-8"))
    assert promised["major"] == MAJOR, "a new major version makes a new promise: write it with its number"
    today = todays_schema()
    broken = [
        f"{profile}/{dataset}/{column}"
        for profile, datasets in promised["profiles"].items()
        for dataset, columns in datasets.items()
        for column, facts in columns.items()
        if today[profile].get(dataset, {}).get(column) != facts
    ]
    assert broken == []


def test_what_is_added_is_promised_too_and_raises_the_second_number() -> None:
    promised = json.loads(PROMISED.read_text(encoding="utf-8"))
    assert promised == {"major": MAJOR, "version": SCHEMA_VERSION, "profiles": todays_schema()}


@_EACH
def test_every_column_is_explained_and_no_id_of_a_person_is_among_them(dataset: Dataset) -> None:
    assert all(column.description.endswith((".", "…")) for column in dataset.columns)
    assert not set(dataset.schema) & {*KEYED, "payload", "object_id", "answer_id", "district_id"}
    assert set(dataset.sort_key) <= set(dataset.schema)


def test_groups_hold_nothing_of_a_single_person() -> None:
    told = {column.sensitivity for one in DATASETS[Profile.AGGREGATE].values() for column in one.columns}
    assert Sensitivity.PERSONAL not in told


def test_every_aggregate_has_a_way_to_be_made() -> None:
    assert WAYS.keys() == DATASETS[Profile.AGGREGATE].keys()


def test_a_dataset_names_marts_that_exist_and_dead_letters_never_leave() -> None:
    assert {mart for one in EVERY for mart in one.marts} == MARTS.keys() - {"rejected_rows"}


def test_teachers_take_out_names_beside_ids_and_no_clicks() -> None:
    assert {"events", "concept_mastery"}.isdisjoint(NAMED)
    columns = list(NAMED["gradebook"].schema)
    assert columns[columns.index("student_id") + 1] == "student_name"

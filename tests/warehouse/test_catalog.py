from pathlib import Path

import pytest

from warehouse.catalog import MARTS, mart_named
from warehouse.dictionary import main
from warehouse.mart import Between, Expectation, InSet, Mart, Ordered

ROOT = Path(__file__).parents[2]


def _columns_of(expectation: Expectation) -> set[str]:
    match expectation:
        case Ordered(smaller, larger):
            return {smaller, larger}
        case Between(column) | InSet(column):
            return {column}


@pytest.mark.parametrize("mart", MARTS.values(), ids=MARTS.keys())
def test_every_mart_says_whose_it_is_what_a_row_is_and_what_must_hold(mart: Mart) -> None:
    assert mart.schema.names()[0] == "district_id"
    assert mart.grain.startswith("one row per")
    assert mart.owner
    assert mart.expectations
    assert set(mart.sort_key) <= set(mart.required_columns)


@pytest.mark.parametrize("mart", MARTS.values(), ids=MARTS.keys())
def test_expectations_speak_of_columns_that_exist(mart: Mart) -> None:
    assert set().union(*(_columns_of(expectation) for expectation in mart.expectations)) <= set(mart.schema)


@pytest.mark.parametrize("mart", MARTS.values(), ids=MARTS.keys())
def test_no_mart_holds_a_persons_name_or_address(mart: Mart) -> None:
    assert not {"name", "first_name", "last_name", "email"} & set(mart.schema)


def test_a_mart_is_found_by_name_and_an_unknown_name_is_an_error() -> None:
    assert mart_named("answers").name == "answers"
    with pytest.raises(KeyError):
        mart_named("gossip")


def test_schema_hashes_differ_between_marts() -> None:
    assert len({mart.schema_hash for mart in MARTS.values()}) == len(MARTS)


def test_the_dictionary_in_docs_is_the_generated_one(capsys: pytest.CaptureFixture[str]) -> None:
    main()
    assert (ROOT / "docs" / "data-dictionary.md").read_text() == capsys.readouterr().out

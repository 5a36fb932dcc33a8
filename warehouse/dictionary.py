"""The data dictionary of the warehouse, written from the catalogue so that it cannot disagree with the files."""

import sys
from collections.abc import Iterable

from warehouse.catalog import MARTS
from warehouse.mart import Column, Expectation, InSet, Mart, Ordered, Sensitivity

_PREFACE = """# Data dictionary

Generated from `warehouse/catalog.py` by `python -m warehouse.dictionary`; do not edit.

Each district has one folder, `district_id=<id>/`, and in it one `manifest.json` that names the served version
of every mart, its files, rows, checksums, and `as_of`: the data is complete through that moment (UTC).
"""


def dictionary(marts: Iterable[Mart], *, preface: str = _PREFACE) -> str:
    """Return the dictionary of these marts as Markdown."""
    return "\n".join([preface, _classes(), *(_section(mart) for mart in marts)])


def _classes() -> str:
    meanings = {
        Sensitivity.REFERENCE: "ids and facts about teaching material; says nothing about a person",
        Sensitivity.PERSONAL: "a pseudonymous id or a fact of one student's education record (FERPA)",
        Sensitivity.AGGREGATE: "a number about a group; small groups are suppressed where it leaves a class",
    }
    return "".join(f"- **{name}**: {meaning}\n" for name, meaning in meanings.items())


def _section(mart: Mart) -> str:
    rows = "\n".join(_row(column) for column in mart.columns)
    promises = "".join(f"- {_promise(expectation)}\n" for expectation in mart.expectations)
    return (
        f"## {mart.name}\n\n{mart.description}\n\n"
        f"Grain: {mart.grain}. Version {mart.version}, owner {mart.owner}, "
        f"key and order: {', '.join(f'`{name}`' for name in mart.sort_key)}.\n\n"
        "| column | type | unit | meaning | empty means | sensitivity |\n|---|---|---|---|---|---|\n"
        f"{rows}\n\nChecked on every run, besides type, key and empty values:\n\n{promises}"
    )


def _row(column: Column) -> str:
    empty = column.null_meaning or "never empty"
    cells = (f"`{column.name}`", column.type_name, column.unit, column.description, empty, column.sensitivity)
    return f"| {' | '.join(cells)} |"


def _promise(expectation: Expectation) -> str:
    if isinstance(expectation, InSet):
        return f"`{expectation.column}` is one of {', '.join(expectation.values)}"
    if isinstance(expectation, Ordered):
        return f"`{expectation.smaller}` is at most `{expectation.larger}`"
    if expectation.maximum is None:
        return f"`{expectation.column}` is at least {expectation.minimum}"
    return f"`{expectation.column}` lies between {expectation.minimum} and {expectation.maximum}"


def main() -> None:
    """Print the dictionary of every mart."""
    sys.stdout.write(dictionary(MARTS.values()))


if __name__ == "__main__":  # pragma: no cover - `main` is tested
    main()

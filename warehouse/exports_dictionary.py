"""The data dictionary of a bundle, as a page to read and as a table to compute with; both from the declarations."""

import csv
import io
from collections.abc import Collection, Iterable

from warehouse.exports import SCHEMA_VERSION, Dataset
from warehouse.exports_files import column_facts

PAGE = "data-dictionary.md"
TABLE = "data-dictionary.csv"
_HEADER = ("dataset", "column", "type", "unit", "description", "empty_means", "sensitivity")

_PREFACE = f"""# Data dictionary

Schema {SCHEMA_VERSION}. Each dataset lies in `<dataset>/v=<major>/district_id=…/school_year=…/date=…/*.parquet`. The
folders are columns, too: `district_id`, `school_year` (that of the row's class; without a class, or when the class is
gone, the current one) and `date`, the day (UTC) through which the data is complete. Each date is the whole dataset:
read one date. `manifest.json` lists every file with its rows, bytes and SHA-256; `homeroom export verify` checks
them.
"""


def bundle_documents(datasets: Collection[Dataset]) -> dict[str, str]:
    """Return name -> text of the documents that belong into a bundle."""
    return {PAGE: bundle_page(datasets), TABLE: bundle_table(datasets)}


def bundle_page(datasets: Iterable[Dataset]) -> str:
    """Return the dictionary as Markdown."""
    return "\n".join([_PREFACE, *(_section(dataset) for dataset in datasets)])


def bundle_table(datasets: Iterable[Dataset]) -> str:
    """Return the dictionary as CSV, one line per column."""
    text = io.StringIO(newline="")
    lines = csv.writer(text, lineterminator="\n")
    lines.writerow(_HEADER)
    for dataset in datasets:
        lines.writerows([dataset.name, *column_facts(column).values()] for column in dataset.columns)
    return text.getvalue()


def _section(dataset: Dataset) -> str:
    rows = "\n".join(
        f"| {' | '.join([f'`{name}`', *rest])} |"
        for name, *rest in (column_facts(column).values() for column in dataset.columns)
    )
    return (
        f"## {dataset.name}\n\n{dataset.description}\n\n"
        f"Grain: {dataset.grain}. Order: {', '.join(f'`{name}`' for name in dataset.sort_key)}.\n\n"
        "| column | type | unit | meaning | empty means | sensitivity |\n|---|---|---|---|---|---|\n"
        f"{rows}\n"
    )

"""A report as a file that spreadsheet programs open: text stays text, whatever a student is called."""

import csv
import io
from decimal import Decimal

from api.gradebook.schemas import GradebookRow, ReportOut

_FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r")
"""What Excel, LibreOffice and Google Sheets take for a formula."""
_RUNS = ("current", "final", "all_current", "all_final")
_OF_ALL = ("all_current", "all_final")


def as_csv(report: ReportOut) -> str:
    """Return the report as CSV (RFC 4180, UTF-8 with a byte order mark, which Excel needs to know it).

    One line per student: scores in the order of the assignments, percents of the categories, overall grades.
    """
    text = io.StringIO(newline="")
    text.write("\ufeff")
    lines = csv.writer(text)
    lines.writerow(_header(report))
    for row in report.students:
        lines.writerow(_line(report, row))
    return text.getvalue()


def harmless(value: str) -> str:
    """Return a text that no spreadsheet computes: "=1+1" becomes "'=1+1"."""
    return f"'{value}" if value.startswith(_FORMULA_STARTS) else value


def _header(report: ReportOut) -> list[str]:
    assignments = [harmless(f"{one.title} ({_number(one.possible)})") for one in report.assignments]
    categories = [
        harmless(f"{category.name} {run} percent") for category in report.categories for run in _OF_ALL
    ]
    overall = [f"{run} {unit}" for run in _RUNS for unit in ("percent", "letter")]
    return [
        "student_id",
        "student_name",
        *assignments,
        *categories,
        *overall,
        "override_percent",
        "override_letter",
    ]


def _line(report: ReportOut, row: GradebookRow) -> list[str]:
    cells = {cell.assignment_id: cell for cell in row.cells}
    scores = [
        "excused" if cells[one.id].is_excused else _number(cells[one.id].score) for one in report.assignments
    ]
    told = {entry["id"]: entry for entry in (row.overall.categories if row.overall else [])}
    categories = [
        str(told.get(category.id, {}).get(run, {}).get("percent") or "")
        for category in report.categories
        for run in _OF_ALL
    ]
    overall = [_overall(row, f"{run}_{unit}") for run in _RUNS for unit in ("percent", "letter")]
    word = [_overall(row, "override_percent"), _overall(row, "override_letter")]
    return [str(row.student_id), harmless(row.student_name), *scores, *categories, *overall, *word]


def _overall(row: GradebookRow, name: str) -> str:
    value = None if row.overall is None else getattr(row.overall, name)
    return _number(value) if isinstance(value, Decimal) else harmless(value or "")


def _number(value: Decimal | None) -> str:
    return "" if value is None else format(value.normalize() + 0, "f")

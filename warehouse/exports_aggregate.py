"""Rows about groups, told by the rules of `core.domain.suppression`: what the app withholds is not here either.

Means come from the statement and the rule by which classes are compared in the application, so that the difference
of an export and an answer tells nothing. Counts of a day are a line: those at work and those who were not; when
either is withheld, the day is.
"""

from typing import Any

import polars as pl

from core.domain.comparison import Measured, Told, told_of
from core.domain.suppression import line_shown
from warehouse.comparison_queries import class_measures, measured_class
from warehouse.exports import Dataset
from warehouse.folder import DistrictFolder
from warehouse.reader import MartQuery, answer


def aggregate_frame(folder: DistrictFolder, dataset: Dataset, school_year: str, minimum: int) -> pl.DataFrame:
    """Return an aggregate dataset of one school year from the served marts."""
    rows = WAYS[dataset.name](folder, school_year, minimum)
    return pl.DataFrame(rows, schema=dataset.schema).sort(dataset.sort_key)


def _classes(folder: DistrictFolder, school_year: str, minimum: int) -> list[dict[str, Any]]:
    told = ((row, told_of([measured_class(row)], minimum)) for row in _measures(folder, school_year))
    subjects = _subjects(folder, school_year)
    return [
        {
            "school_id": row["school_id"],
            "class_id": row["class_id"],
            **subjects[row["class_id"]],
            "student_count": one.student_count,
            **one.means,
        }
        for row, one in told
        if one.student_count is not None
    ]


def _schools(folder: DistrictFolder, school_year: str, minimum: int) -> list[dict[str, Any]]:
    by_school: dict[str, list[Measured]] = {}
    for row in _measures(folder, school_year):
        by_school.setdefault(row["school_id"], []).append(measured_class(row))
    return [{"school_id": school, **_pooled(told_of(of, minimum))} for school, of in by_school.items()]


def _district(folder: DistrictFolder, school_year: str, minimum: int) -> list[dict[str, Any]]:
    return [_pooled(told_of([measured_class(row) for row in _measures(folder, school_year)], minimum))]


def _days(folder: DistrictFolder, school_year: str, minimum: int) -> list[dict[str, Any]]:
    query = MartQuery(
        marts=("class_activity", "class_performance"),
        sql="""
            SELECT activity.school_id, activity.class_id, day, active_count, student_count
            FROM class_activity AS activity
            JOIN class_performance AS class ON class.class_id = activity.class_id
            WHERE class.school_year = $school_year AND active_count <= student_count
        """,
        parameters={"school_year": school_year},
    )
    told = []
    for row in answer(folder, query).rows:
        active, size = row["active_count"], row.pop("student_count")
        if line_shown((active, size - active), minimum).cells[0] is not None:
            told.append(row)
    return told


WAYS = {
    "class_summary": _classes,
    "school_summary": _schools,
    "district_summary": _district,
    "class_days": _days,
}


def _pooled(told: Told) -> dict[str, Any]:
    return {
        "student_count": told.student_count,
        **told.means,
        "class_count": told.class_count,
        "withheld_class_count": told.withheld_class_count,
    }


def _measures(folder: DistrictFolder, school_year: str) -> list[dict[str, Any]]:
    return answer(folder, class_measures(school_year=school_year)).rows


def _subjects(folder: DistrictFolder, school_year: str) -> dict[str, dict[str, Any]]:
    query = MartQuery(
        marts=("class_performance",),
        sql="SELECT class_id, subject, grade_level FROM class_performance WHERE school_year = $school_year",
        parameters={"school_year": school_year},
    )
    return {row.pop("class_id"): row for row in answer(folder, query).rows}

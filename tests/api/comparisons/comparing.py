"""A district whose classes have sizes and numbers of our choice, without a pipeline."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from fastapi import FastAPI

from core.models import SchoolClass
from core.tenancy import TenantId
from tests.factories.marts import serve
from tests.factories.world import DistrictBench


@dataclass(frozen=True)
class Size:
    """A class in numbers; `graded` is all its students unless said otherwise."""

    students: int
    average: float
    graded: int | None = None


Sizes = tuple[Size, Size, Size, Size]
"""Of the class and the other class of the first school, then of the second."""

USUAL: Sizes = (Size(20, 81.4), Size(12, 70.0), Size(4, 10.0), Size(15, 60.0))


def classes_of(bench: DistrictBench) -> list[SchoolClass]:
    return [one for school in bench.schools for one in (school.school_class, school.other_class)]


def serve_sizes(app: FastAPI, bench: DistrictBench, sizes: Sizes = USUAL, *, run_id: str = "run-1") -> None:
    """Publish marts in which the classes of the bench have these sizes."""
    serve_classes(app, bench, list(zip(classes_of(bench), sizes, strict=True)), run_id=run_id)


def serve_classes(
    app: FastAPI, bench: DistrictBench, pairs: Sequence[tuple[SchoolClass, Size]], *, run_id: str = "run-1"
) -> None:
    """Publish marts in which these classes have these sizes."""
    rows = {
        "class_performance": [_performance(*pair) for pair in pairs],
        "assignment_completion": [_completion(*pair) for pair in pairs],
        "student_progress": [row for pair in pairs for row in _progress(*pair)],
        "class_velocity": [
            {**_place(one), "student_count": size.students, "rising_count": size.students // 2}
            for one, size in pairs
        ],
    }
    tenant = TenantId.from_command_line(bench.district.district_id)
    serve(app.state.warehouse.district(tenant), rows, run_id=run_id)


def _place(school_class: SchoolClass) -> dict[str, Any]:
    return {"school_id": str(school_class.school_id), "class_id": str(school_class.id)}


def _performance(school_class: SchoolClass, size: Size) -> dict[str, Any]:
    return _place(school_class) | {
        "subject": school_class.subject,
        "grade_level": school_class.grade_level,
        "school_year": school_class.school_year,
        "student_count": size.students,
        "graded_count": size.students if size.graded is None else size.graded,
        "average_percent": size.average,
        "distribution": [0] * 10,
    }


def _completion(school_class: SchoolClass, size: Size) -> dict[str, Any]:
    counts = {"assigned_count": size.students, "graded_count": size.students // 2, "not_started_count": 0}
    return _place(school_class) | {"assignment_id": f"work-of-{school_class.id}"} | counts


def _progress(school_class: SchoolClass, size: Size) -> list[dict[str, Any]]:
    concepts = {"concept_count": 4, "secure_count": 1}
    return [
        _place(school_class) | {"student_id": f"{school_class.id}-{number:03d}"} | concepts
        for number in range(size.students)
    ]

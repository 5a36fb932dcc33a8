"""Mart: how each class stands (`core.domain.class_performance`)."""

from warehouse.mart import (
    COUNT,
    COUNTS,
    DISTRICT,
    FLAG,
    ID,
    REAL,
    TEXT,
    Between,
    Column,
    Mart,
    Sensitivity,
)

_NO_GRADE = "Nothing graded yet."

CLASS_PERFORMANCE = Mart(
    name="class_performance",
    grain="one row per class",
    description="Roster size, marks, completion and their distribution, from graded work.",
    columns=(
        DISTRICT,
        Column("school_id", ID, "School of the class.", Sensitivity.REFERENCE),
        Column("class_id", ID, "Class.", Sensitivity.REFERENCE),
        Column("subject", TEXT, "Its subject, as the teacher wrote it.", Sensitivity.REFERENCE),
        Column(
            "grade_level",
            COUNT,
            "Its grade level.",
            Sensitivity.REFERENCE,
            "0-12",
            "Of no single grade level.",
        ),
        Column("school_year", TEXT, "Its school year.", Sensitivity.REFERENCE),
        Column("student_count", COUNT, "Approved students.", Sensitivity.AGGREGATE, "count"),
        Column("graded_count", COUNT, "Students with graded work.", Sensitivity.AGGREGATE, "count"),
        Column(
            "average_percent",
            REAL,
            "Mean of the students' percents.",
            Sensitivity.AGGREGATE,
            "percent",
            _NO_GRADE,
        ),
        Column(
            "median_percent",
            REAL,
            "Median of the students' percents.",
            Sensitivity.AGGREGATE,
            "percent",
            _NO_GRADE,
        ),
        Column(
            "completion_percent",
            REAL,
            "Share of published work handed in.",
            Sensitivity.AGGREGATE,
            "percent 0-100",
            "Nothing published yet.",
        ),
        Column(
            "distribution",
            COUNTS,
            "Students per ten-percent step, 0-9 first, 90 and more last.",
            Sensitivity.AGGREGATE,
            "count",
        ),
        Column(
            "is_small_cell", FLAG, "Under ten students: suppressed outside the class.", Sensitivity.AGGREGATE
        ),
    ),
    sort_key=("class_id",),
    owner="learning-science",
    version=1,
    expectations=(
        Between("student_count", 0, None),
        Between("grade_level", 0, 12),
        Between("average_percent", 0, None),
        Between("completion_percent", 0, 100),
    ),
)

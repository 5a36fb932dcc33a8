"""Marts: how fast students and classes get on, over all concepts together (`core.domain.velocity`)."""

from warehouse.mart import (
    COUNT,
    COUNTS,
    DISTRICT,
    ID,
    REAL,
    TEXT,
    Between,
    Column,
    InSet,
    Mart,
    Sensitivity,
)

_TOO_FEW = "Under forty answers: any slope would be noise."
_SLOPE = "logits per 10 answers"

LEARNING_VELOCITY = Mart(
    name="learning_velocity",
    grain="one row per student with at least one first graded answer",
    description="The trend of the student's level, and concepts that became secure in the last four school weeks.",
    columns=(
        DISTRICT,
        Column("school_id", ID, "School of the student's latest answer.", Sensitivity.REFERENCE),
        Column("student_id", ID, "Student.", Sensitivity.PERSONAL),
        Column(
            "answer_count", COUNT, "Answers the trend looks at, at most 200.", Sensitivity.PERSONAL, "count"
        ),
        Column("slope", REAL, "Ridge slope of the level.", Sensitivity.PERSONAL, _SLOPE, _TOO_FEW),
        Column("standard_error", REAL, "Its standard error.", Sensitivity.PERSONAL, _SLOPE, _TOO_FEW),
        Column("direction", TEXT, "The slope in a word.", Sensitivity.PERSONAL),
        Column(
            "secured_counts",
            COUNTS,
            "Concepts that became secure in each of the last four school weeks, oldest first.",
            Sensitivity.PERSONAL,
            "count",
        ),
        Column(
            "secured_per_week",
            REAL,
            "Their mean.",
            Sensitivity.PERSONAL,
            "concepts per school week",
            "No school week yet.",
        ),
    ),
    sort_key=("student_id",),
    owner="learning-science",
    version=1,
    expectations=(
        Between("answer_count", 1, 200),
        Between("standard_error", 0, None),
        InSet("direction", ("not_enough_evidence", "steady", "rising", "falling")),
    ),
)

CLASS_VELOCITY = Mart(
    name="class_velocity",
    grain="one row per class with approved students",
    description="Median and spread of the students' trends.",
    columns=(
        DISTRICT,
        Column("school_id", ID, "School of the class.", Sensitivity.REFERENCE),
        Column("class_id", ID, "Class.", Sensitivity.REFERENCE),
        Column("student_count", COUNT, "Students who have a trend.", Sensitivity.AGGREGATE, "count"),
        Column("median_slope", REAL, "Median slope.", Sensitivity.AGGREGATE, _SLOPE, "Nobody has a trend."),
        Column(
            "lower_quartile",
            REAL,
            "A quarter is below.",
            Sensitivity.AGGREGATE,
            _SLOPE,
            "Fewer than two trends.",
        ),
        Column(
            "upper_quartile",
            REAL,
            "A quarter is above.",
            Sensitivity.AGGREGATE,
            _SLOPE,
            "Fewer than two trends.",
        ),
        Column("rising_count", COUNT, "Students whose trend is rising.", Sensitivity.AGGREGATE, "count"),
        Column("falling_count", COUNT, "Students whose trend is falling.", Sensitivity.AGGREGATE, "count"),
    ),
    sort_key=("class_id",),
    owner="learning-science",
    version=1,
    expectations=(Between("student_count", 0, None),),
)

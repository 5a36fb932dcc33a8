"""Marts: how far each assignment is, and what happens in a class day by day."""

from warehouse.mart import (
    COUNT,
    DAY,
    DISTRICT,
    ID,
    REAL,
    TIME,
    Between,
    Column,
    Mart,
    Ordered,
    Sensitivity,
)

_NO_STUDENTS = "The class has no students."
_NO_SCORES = "Nothing graded yet."


def _students(name: str, description: str) -> Column:
    return Column(name, COUNT, description, Sensitivity.AGGREGATE, "students")


ASSIGNMENT_COMPLETION = Mart(
    name="assignment_completion",
    grain="one row per published assignment",
    description="Where the class's students stand with each assignment; the five states add up to those assigned.",
    columns=(
        DISTRICT,
        Column("school_id", ID, "School of the class.", Sensitivity.REFERENCE),
        Column("class_id", ID, "Class.", Sensitivity.REFERENCE),
        Column("assignment_id", ID, "Assignment.", Sensitivity.REFERENCE),
        Column(
            "due_at",
            TIME,
            "When it is due for the class.",
            Sensitivity.REFERENCE,
            null_meaning="No due date.",
        ),
        _students("assigned_count", "Approved students of the class."),
        _students("excused_count", "Excused by the teacher."),
        _students("not_started_count", "Not begun."),
        _students("in_progress_count", "Begun, never handed in."),
        _students("submitted_count", "Handed in, something waits to be graded."),
        _students("graded_count", "Handed in and graded, or graded by the teacher without an attempt."),
        _students("late_count", "Counted as late by the gradebook."),
        _students("missing_count", "Counted as missing by the gradebook."),
        Column(
            "completion_percent",
            REAL,
            "Share of those not excused who have handed in or have a grade.",
            Sensitivity.AGGREGATE,
            "percent 0-100",
            _NO_STUDENTS,
        ),
        Column(
            "average_percent",
            REAL,
            "Mean of the students' percents.",
            Sensitivity.AGGREGATE,
            "percent",
            _NO_SCORES,
        ),
        Column(
            "median_percent",
            REAL,
            "Median of the students' percents.",
            Sensitivity.AGGREGATE,
            "percent",
            _NO_SCORES,
        ),
    ),
    sort_key=("class_id", "assignment_id"),
    owner="learning-science",
    version=1,
    expectations=(
        Between("completion_percent", 0, 100),
        Between("average_percent", 0, None),
        Ordered("graded_count", "assigned_count"),
        Ordered("excused_count", "assigned_count"),
    ),
)

CLASS_ACTIVITY = Mart(
    name="class_activity",
    grain="one row per class and day (UTC) on which something happened in it",
    description="Who was active, what was answered and handed in, day by day.",
    columns=(
        DISTRICT,
        Column("school_id", ID, "School of the class.", Sensitivity.REFERENCE),
        Column("class_id", ID, "Class.", Sensitivity.REFERENCE),
        Column("day", DAY, "Day.", Sensitivity.REFERENCE),
        _students("active_count", "Students who left at least one event, answer or hand-in."),
        Column("event_count", COUNT, "Events of students in the class.", Sensitivity.AGGREGATE, "count"),
        Column("answer_count", COUNT, "Tries at questions.", Sensitivity.AGGREGATE, "count"),
        Column("hand_in_count", COUNT, "Attempts handed in.", Sensitivity.AGGREGATE, "count"),
    ),
    sort_key=("class_id", "day"),
    owner="data-platform",
    version=1,
    expectations=(Between("event_count", 0, None), Between("active_count", 1, None)),
)

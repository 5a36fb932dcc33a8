"""Columns of the aggregate datasets: numbers about groups, each withheld where too few people are behind it."""

from warehouse.mart import COUNT, DAY, ID, TEXT, Column, Sensitivity

_FEW = "Fewer people are behind it than may be told."
_SCHOOL = Column("school_id", ID, "School of the class.", Sensitivity.REFERENCE)
_CLASS = Column("class_id", ID, "Class.", Sensitivity.REFERENCE)


def _number(name: str, description: str, unit: str, null_meaning: str | None = _FEW) -> Column:
    return Column(name, COUNT, description, Sensitivity.AGGREGATE, unit, null_meaning)


_MEANS = (
    _number("average_percent", "Mean overall percent of students with graded work.", "whole percent"),
    _number("completion_percent", "Share of work handed in or graded.", "whole percent"),
    _number("secure_percent", "Share of the students' concepts that are secure.", "whole percent"),
    _number("rising_percent", "Share of students with a trend whose level rises.", "whole percent"),
)
_POOLED = (
    _number("student_count", "Places in these classes: who is in two counts twice.", "count"),
    *_MEANS,
    _number("class_count", "Classes that are in the numbers.", "count", None),
    _number("withheld_class_count", "Classes too small to be in any number.", "count", None),
)

CLASS_SUMMARY = (
    _SCHOOL,
    _CLASS,
    Column("subject", TEXT, "Its subject, as the teacher wrote it.", Sensitivity.REFERENCE),
    Column(
        "grade_level", COUNT, "Its grade level.", Sensitivity.REFERENCE, "0-12", "Of no single grade level."
    ),
    _number("student_count", "Approved students.", "count", None),
    *_MEANS,
)
SCHOOL_SUMMARY = (Column("school_id", ID, "School.", Sensitivity.REFERENCE), *_POOLED)
DISTRICT_SUMMARY = _POOLED
CLASS_DAYS = (
    _SCHOOL,
    _CLASS,
    Column("day", DAY, "Day.", Sensitivity.REFERENCE),
    _number("active_count", "Students who did something.", "count", None),
)

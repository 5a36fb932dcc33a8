"""Mart: each student's overall grade in each class, as the gradebook shows it."""

from warehouse.mart import (
    COUNT,
    DISTRICT,
    FLAG,
    ID,
    POINTS,
    TEXT,
    TIME,
    Between,
    Column,
    Mart,
    Sensitivity,
)

_NOTHING = "Nothing to grade by yet."


def _percent(name: str, description: str) -> tuple[Column, Column]:
    return (
        Column(f"{name}_percent", POINTS, description, Sensitivity.PERSONAL, "percent", _NOTHING),
        Column(
            f"{name}_letter", TEXT, "Its letter under the class's policy.", Sensitivity.PERSONAL, "", _NOTHING
        ),
    )


CLASS_GRADES = Mart(
    name="class_grades",
    grain="one row per student and class",
    description="Overall grades with the version of the policy that made them. Rounded once, never recomputed here.",
    columns=(
        DISTRICT,
        Column("school_id", ID, "School of the class.", Sensitivity.REFERENCE),
        Column("class_id", ID, "Class.", Sensitivity.REFERENCE),
        Column("student_id", ID, "Student with an approved place in the class.", Sensitivity.PERSONAL),
        *_percent("current", "Of what the student may see, graded work only."),
        *_percent("final", "Of what the student may see, missing work counted as zero."),
        *_percent("all_current", "Of all scores, graded work only."),
        *_percent("all_final", "Of all scores, missing work counted as zero."),
        Column("is_overridden", FLAG, "Whether the teacher decided otherwise.", Sensitivity.PERSONAL),
        Column(
            "override_percent",
            POINTS,
            "What the teacher decided; it wins.",
            Sensitivity.PERSONAL,
            "percent",
            "No override.",
        ),
        Column(
            "override_letter",
            TEXT,
            "The letter the teacher decided on.",
            Sensitivity.PERSONAL,
            "",
            "No override.",
        ),
        Column(
            "policy_version", COUNT, "Version of the class's policy; 0: the default.", Sensitivity.REFERENCE
        ),
        Column("changed_at", TIME, "When it last changed.", Sensitivity.PERSONAL),
    ),
    sort_key=("class_id", "student_id"),
    owner="learning-science",
    version=1,
    expectations=(
        Between("current_percent", 0, None),
        Between("final_percent", 0, None),
        Between("policy_version", 0, None),
    ),
)

"""Marts: each grade, and each student's overall grade in each class, as the gradebook stores them."""

from warehouse.mart import (
    COUNT,
    DISTRICT,
    EXACT,
    FLAG,
    ID,
    POINTS,
    TEXT,
    TIME,
    Between,
    Column,
    InSet,
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

_NO_SCORE = "No score yet."

GRADEBOOK = Mart(
    name="gradebook",
    grain="one row per student and assignment with a line in the gradebook",
    description="The stored grades, exact; a check recomputes what can be recomputed.",
    columns=(
        DISTRICT,
        Column("school_id", ID, "School of the class.", Sensitivity.REFERENCE),
        Column("class_id", ID, "Class.", Sensitivity.REFERENCE),
        Column("assignment_id", ID, "Assignment.", Sensitivity.REFERENCE),
        Column("student_id", ID, "Student.", Sensitivity.PERSONAL),
        Column("grade_id", ID, "The grade.", Sensitivity.PERSONAL),
        Column(
            "category",
            TEXT,
            "The assignment's category.",
            Sensitivity.REFERENCE,
            null_meaning="Without a category.",
        ),
        Column("status", TEXT, "How far it is.", Sensitivity.PERSONAL),
        Column("source", TEXT, "Who or what decided on the score.", Sensitivity.PERSONAL),
        Column("score", EXACT, "What counts.", Sensitivity.PERSONAL, "points", _NO_SCORE),
        Column("possible", POINTS, "Points it is worth.", Sensitivity.REFERENCE, "points"),
        Column("percent", EXACT, "Score divided by possible.", Sensitivity.PERSONAL, "percent", _NO_SCORE),
        Column(
            "entered_score",
            EXACT,
            "Earned or entered, before any deduction.",
            Sensitivity.PERSONAL,
            "points",
            _NO_SCORE,
        ),
        Column("deduction", EXACT, "Taken off for lateness.", Sensitivity.PERSONAL, "points"),
        Column(
            "override_score",
            EXACT,
            "What the teacher decided.",
            Sensitivity.PERSONAL,
            "points",
            "No override.",
        ),
        Column("late_seconds", COUNT, "How late it counts as.", Sensitivity.PERSONAL, "seconds"),
        Column("is_excused", FLAG, "Excused: counts nowhere.", Sensitivity.PERSONAL),
        Column(
            "is_missing",
            FLAG,
            "The teacher's word on whether it is missing.",
            Sensitivity.PERSONAL,
            null_meaning="No word: missing when it is due and nothing was handed in.",
        ),
        Column("is_posted", FLAG, "Counts in what the student sees.", Sensitivity.PERSONAL),
        Column(
            "policy_version", COUNT, "Version of the class's policy; 0: the default.", Sensitivity.REFERENCE
        ),
        Column("changed_at", TIME, "When it last changed.", Sensitivity.PERSONAL),
    ),
    sort_key=("class_id", "assignment_id", "student_id"),
    owner="learning-science",
    version=1,
    expectations=(
        Between("possible", 0, None),
        Between("deduction", 0, None),
        Between("late_seconds", 0, None),
        InSet("status", ("no_score", "in_progress", "awaiting_teacher", "graded")),
        InSet("source", ("missing", "automatic", "ai", "teacher", "override")),
    ),
)

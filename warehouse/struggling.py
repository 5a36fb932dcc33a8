"""Mart: the concepts each student needs help with, with the reasons (`core.domain.struggling`)."""

from warehouse.mart import (
    COUNT,
    DISTRICT,
    ID,
    IDS,
    REAL,
    TEXT,
    Between,
    Column,
    Mart,
    Sensitivity,
)

STRUGGLING_FLAGS = Mart(
    name="struggling_flags",
    grain="one row per student and concept flagged, the worst few per student",
    description="A hint for the teacher with its reasons, never a verdict; students without a row are not flagged.",
    columns=(
        DISTRICT,
        Column("school_id", ID, "School of the student's latest answer.", Sensitivity.REFERENCE),
        Column("student_id", ID, "Student.", Sensitivity.PERSONAL),
        Column("concept_id", ID, "Concept.", Sensitivity.REFERENCE),
        Column("rank", COUNT, "1 is the student's worst concept.", Sensitivity.PERSONAL, "position"),
        Column("strength", TEXT, "How sure the flag is, in words.", Sensitivity.PERSONAL),
        Column(
            "p_below_threshold",
            REAL,
            "Probability that mastery is under 60 %.",
            Sensitivity.PERSONAL,
            "probability",
        ),
        Column("mastery_percent", REAL, "Mastery.", Sensitivity.PERSONAL, "percent 0-100"),
        Column("reasons", IDS, "Sentences for the teacher, strongest first.", Sensitivity.PERSONAL),
    ),
    sort_key=("student_id", "rank"),
    owner="learning-science",
    version=1,
    expectations=(
        Between("rank", 1, None),
        Between("p_below_threshold", 0, 1),
        Between("mastery_percent", 0, 100),
    ),
)

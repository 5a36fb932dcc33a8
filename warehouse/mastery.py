"""Marts: mastery of each student and concept, now and before, by decayed Rasch evidence (`core.domain.mastery`)."""

from warehouse.mart import (
    COUNT,
    DAY,
    DISTRICT,
    FLAG,
    ID,
    REAL,
    TEXT,
    TIME,
    Between,
    Column,
    InSet,
    Mart,
    Ordered,
    Sensitivity,
)

_PERCENT = "percent 0-100"

CONCEPT_MASTERY = Mart(
    name="concept_mastery",
    grain="one row per student and concept the student has answered questions of",
    description="Expected share right on the concept's usual questions, with its uncertainty and what it rests on.",
    columns=(
        DISTRICT,
        Column("school_id", ID, "School of the student's latest answer.", Sensitivity.REFERENCE),
        Column("student_id", ID, "Student.", Sensitivity.PERSONAL),
        Column("concept_id", ID, "Concept.", Sensitivity.REFERENCE),
        Column("mastery_percent", REAL, "Mastery.", Sensitivity.PERSONAL, _PERCENT),
        Column("lower_percent", REAL, "Lower end of the 80 % interval.", Sensitivity.PERSONAL, _PERCENT),
        Column("upper_percent", REAL, "Upper end of the 80 % interval.", Sensitivity.PERSONAL, _PERCENT),
        Column("standard_error", REAL, "Standard error of mastery's logit.", Sensitivity.PERSONAL, "logits"),
        Column("evidence_count", COUNT, "Answers behind the number (N).", Sensitivity.PERSONAL, "count"),
        Column(
            "question_count", COUNT, "Distinct questions behind the number.", Sensitivity.PERSONAL, "count"
        ),
        Column(
            "evidence", REAL, "Decayed surplus over the typical student (G).", Sensitivity.PERSONAL, "answers"
        ),
        Column("information", REAL, "Decayed information (I).", Sensitivity.PERSONAL, "answers"),
        Column(
            "ability",
            REAL,
            "Level on the concept above the typical student (theta).",
            Sensitivity.PERSONAL,
            "logits",
        ),
        Column(
            "mean_easiness",
            REAL,
            "Mean easiness of the concept's questions.",
            Sensitivity.AGGREGATE,
            "logits",
        ),
        Column("band", TEXT, "In words: enough evidence first, then how well.", Sensitivity.PERSONAL),
        Column("below_threshold", FLAG, "Whether mastery is under 60 %.", Sensitivity.PERSONAL),
        Column(
            "p_below_threshold",
            REAL,
            "Probability that mastery is under 60 %.",
            Sensitivity.PERSONAL,
            "probability",
        ),
        Column("last_answered_at", TIME, "Latest answer behind the number.", Sensitivity.PERSONAL),
    ),
    sort_key=("student_id", "concept_id"),
    owner="learning-science",
    version=1,
    expectations=(
        Between("mastery_percent", 0, 100),
        Between("p_below_threshold", 0, 1),
        Between("evidence_count", 1, None),
        Between("question_count", 1, None),
        Between("standard_error", 0, None),
        Ordered("lower_percent", "mastery_percent"),
        Ordered("mastery_percent", "upper_percent"),
        Ordered("question_count", "evidence_count"),
        InSet("band", ("not_enough_evidence", "struggling", "developing", "secure")),
    ),
)

MASTERY_HISTORY = Mart(
    name="mastery_history",
    grain="one row per student, concept and day (UTC) on which the student answered questions of it",
    description="Mastery after the day's last answer, under the current calibration, so that days can be compared.",
    columns=(
        DISTRICT,
        Column("school_id", ID, "School of the student's latest answer.", Sensitivity.REFERENCE),
        Column("student_id", ID, "Student.", Sensitivity.PERSONAL),
        Column("concept_id", ID, "Concept.", Sensitivity.REFERENCE),
        Column("day", DAY, "Day.", Sensitivity.PERSONAL),
        Column("mastery_percent", REAL, "Mastery.", Sensitivity.PERSONAL, _PERCENT),
        Column("lower_percent", REAL, "Lower end of the 80 % interval.", Sensitivity.PERSONAL, _PERCENT),
        Column("upper_percent", REAL, "Upper end of the 80 % interval.", Sensitivity.PERSONAL, _PERCENT),
        Column("evidence_count", COUNT, "Answers until then.", Sensitivity.PERSONAL, "count"),
        Column("band", TEXT, "In words: enough evidence first, then how well.", Sensitivity.PERSONAL),
    ),
    sort_key=("student_id", "concept_id", "day"),
    owner="learning-science",
    version=1,
    expectations=(
        Between("mastery_percent", 0, 100),
        Between("evidence_count", 1, None),
        Ordered("lower_percent", "mastery_percent"),
        Ordered("mastery_percent", "upper_percent"),
        InSet("band", ("not_enough_evidence", "struggling", "developing", "secure")),
    ),
)

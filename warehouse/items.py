"""Mart: how each question behaves in each class it was given to (`core.domain.items`)."""

from warehouse.mart import (
    COUNT,
    COUNTS,
    DISTRICT,
    ID,
    IDS,
    REAL,
    TEXT,
    Between,
    Column,
    InSet,
    Mart,
    Ordered,
    Sensitivity,
)

QUESTION_STATISTICS = Mart(
    name="question_statistics",
    grain="one row per question with at least one graded answer; a question belongs to one assignment of one class",
    description="Difficulty, discrimination, chosen options and time of each question, from first graded answers.",
    columns=(
        DISTRICT,
        Column("school_id", ID, "School of the class.", Sensitivity.REFERENCE),
        Column("class_id", ID, "Class the question was given to.", Sensitivity.REFERENCE),
        Column("assignment_id", ID, "Assignment of the question.", Sensitivity.REFERENCE),
        Column("question_id", ID, "Question.", Sensitivity.REFERENCE),
        Column("question_kind", TEXT, "Multiple choice or free response.", Sensitivity.REFERENCE),
        Column("concept_ids", IDS, "Concepts the question practises, sorted.", Sensitivity.REFERENCE),
        Column(
            "answer_count", COUNT, "First graded answers, one per attempt.", Sensitivity.AGGREGATE, "count"
        ),
        Column("student_count", COUNT, "Students who gave them.", Sensitivity.AGGREGATE, "count"),
        Column(
            "share_right",
            REAL,
            "Mean outcome: the classical difficulty, high is easy.",
            Sensitivity.AGGREGATE,
            "share 0-1",
        ),
        Column(
            "discrimination",
            REAL,
            "Correlation of this question's outcome with the students' other outcomes.",
            Sensitivity.AGGREGATE,
            "-1 to 1",
            "Too few answers, or all alike.",
        ),
        Column("median_time_ms", REAL, "Median time on the question.", Sensitivity.AGGREGATE, "milliseconds"),
        Column("option_ids", IDS, "Options chosen at least once, sorted.", Sensitivity.REFERENCE),
        Column("option_counts", COUNTS, "How often each of them was chosen.", Sensitivity.AGGREGATE, "count"),
    ),
    sort_key=("class_id", "assignment_id", "question_id"),
    owner="learning-science",
    version=1,
    expectations=(
        Between("answer_count", 1, None),
        Between("share_right", 0, 1),
        Between("discrimination", -1, 1),
        Between("median_time_ms", 0, None),
        Ordered("student_count", "answer_count"),
        InSet("question_kind", ("multiple_choice", "free_response")),
    ),
)

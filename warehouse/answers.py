"""Mart: every try at every question, the facts from which all other marts are computed."""

from warehouse.mart import (
    COUNT,
    DISTRICT,
    FLAG,
    ID,
    IDS,
    POINTS,
    REAL,
    TEXT,
    TIME,
    Between,
    Column,
    InSet,
    Mart,
    Sensitivity,
)

_UNGRADED = "Not graded yet."

ANSWERS = Mart(
    name="answers",
    grain="one row per try of one student at one question within one attempt",
    description="What students answered and what it earned. Deleted attempts are absent.",
    columns=(
        DISTRICT,
        Column("school_id", ID, "School of the class.", Sensitivity.REFERENCE),
        Column("class_id", ID, "Class the assignment was given to.", Sensitivity.REFERENCE),
        Column("assignment_id", ID, "Assignment of the question.", Sensitivity.REFERENCE),
        Column("question_id", ID, "Question answered.", Sensitivity.REFERENCE),
        Column("question_kind", TEXT, "Multiple choice or free response.", Sensitivity.REFERENCE),
        Column("difficulty", TEXT, "The teacher's estimate of the question.", Sensitivity.REFERENCE),
        Column("concept_ids", IDS, "Concepts the question practises, sorted.", Sensitivity.REFERENCE),
        Column("student_id", ID, "Student who answered.", Sensitivity.PERSONAL),
        Column("submission_id", ID, "Attempt at the assignment.", Sensitivity.PERSONAL),
        Column(
            "attempt_number", COUNT, "Which attempt of this student, from 1.", Sensitivity.PERSONAL, "count"
        ),
        Column("answer_id", ID, "This try.", Sensitivity.PERSONAL),
        Column("answered_at", TIME, "When the server took the answer in.", Sensitivity.PERSONAL),
        Column(
            "selected_option",
            TEXT,
            "Option chosen, a-d.",
            Sensitivity.PERSONAL,
            null_meaning="A free response.",
        ),
        Column(
            "is_correct", FLAG, "Whether it earned all points.", Sensitivity.PERSONAL, null_meaning=_UNGRADED
        ),
        Column("score", POINTS, "Points earned.", Sensitivity.PERSONAL, "points", _UNGRADED),
        Column("possible", POINTS, "Points the question is worth.", Sensitivity.REFERENCE, "points"),
        Column("outcome", REAL, "Score divided by possible.", Sensitivity.PERSONAL, "share 0-1", _UNGRADED),
        Column(
            "time_spent_ms",
            COUNT,
            "Time on the question before this try.",
            Sensitivity.PERSONAL,
            "milliseconds",
        ),
        Column("is_counted", FLAG, "Whether the grade uses this try.", Sensitivity.PERSONAL),
        Column(
            "is_first_graded",
            FLAG,
            "Whether it is the first graded try at its question in its attempt: the one mastery is measured by.",
            Sensitivity.PERSONAL,
        ),
    ),
    sort_key=("class_id", "student_id", "answered_at", "answer_id"),
    owner="data-platform",
    version=1,
    expectations=(
        Between("outcome", 0, 1),
        Between("score", 0, None),
        Between("time_spent_ms", 0, None),
        Between("attempt_number", 1, None),
        InSet("question_kind", ("multiple_choice", "free_response")),
        InSet("difficulty", ("easy", "medium", "hard")),
        InSet("selected_option", ("a", "b", "c", "d")),
    ),
)

"""Marts: what models were asked and what it cost, and how far their scores agree with teachers."""

from warehouse.mart import (
    COUNT,
    DISTRICT,
    DOLLARS,
    ID,
    REAL,
    TEXT,
    TIME,
    Between,
    Column,
    Mart,
    Ordered,
    Sensitivity,
)

_NO_DECISION = "No teacher has decided on one yet."

AI_INTERACTIONS = Mart(
    name="ai_interactions",
    grain="one row per question asked of a model, however often it was retried",
    description="Purpose, model, tokens, cost and time of every call; never a word of what was asked or answered.",
    columns=(
        DISTRICT,
        Column(
            "school_id",
            ID,
            "School the work belongs to.",
            Sensitivity.REFERENCE,
            null_meaning="Work of the whole district.",
        ),
        Column("interaction_id", ID, "The call.", Sensitivity.REFERENCE),
        Column("purpose", TEXT, "What it was for.", Sensitivity.REFERENCE),
        Column("subject_id", ID, "The work: a generation, an answer.", Sensitivity.PERSONAL),
        Column("status", TEXT, "How it ended.", Sensitivity.REFERENCE),
        Column("model", TEXT, "Model asked.", Sensitivity.REFERENCE),
        Column("prompt_version", TEXT, "Version of the prompt.", Sensitivity.REFERENCE),
        Column("asked_at", TIME, "When it was asked.", Sensitivity.REFERENCE),
        Column("calls", COUNT, "Calls of the provider, retries counted.", Sensitivity.REFERENCE, "count"),
        Column("input_tokens", COUNT, "Tokens sent.", Sensitivity.REFERENCE, "tokens"),
        Column("output_tokens", COUNT, "Tokens received.", Sensitivity.REFERENCE, "tokens"),
        Column("cost_usd", DOLLARS, "Price of it.", Sensitivity.REFERENCE, "US dollars"),
        Column(
            "latency_ms",
            COUNT,
            "Time until the reply.",
            Sensitivity.REFERENCE,
            "milliseconds",
            "No reply came.",
        ),
        Column(
            "error_code", TEXT, "What went wrong.", Sensitivity.REFERENCE, null_meaning="Nothing went wrong."
        ),
    ),
    sort_key=("asked_at", "interaction_id"),
    owner="data-platform",
    version=1,
    expectations=(
        Between("input_tokens", 0, None),
        Between("output_tokens", 0, None),
        Between("cost_usd", 0, None),
        Between("calls", 0, None),
    ),
)

AI_GRADING_AGREEMENT = Mart(
    name="ai_grading_agreement",
    grain="one row per assignment with at least one score a model proposed",
    description="Proposals and what teachers made of them (`core.domain.agreement`).",
    columns=(
        DISTRICT,
        Column("school_id", ID, "School of the class.", Sensitivity.REFERENCE),
        Column("class_id", ID, "Class.", Sensitivity.REFERENCE),
        Column("assignment_id", ID, "Assignment.", Sensitivity.REFERENCE),
        Column("proposed_count", COUNT, "Scores proposed.", Sensitivity.AGGREGATE, "count"),
        Column("released_count", COUNT, "Released without a teacher so far.", Sensitivity.AGGREGATE, "count"),
        Column("decided_count", COUNT, "Decided by a teacher.", Sensitivity.AGGREGATE, "count"),
        Column("accepted_count", COUNT, "Of these, left as proposed.", Sensitivity.AGGREGATE, "count"),
        Column(
            "kappa",
            REAL,
            "Quadratic weighted kappa of model and teacher.",
            Sensitivity.AGGREGATE,
            "-1 to 1",
            "Too few decisions, or all alike.",
        ),
        Column(
            "mean_difference",
            REAL,
            "By how much the model is kinder than the teacher, on average.",
            Sensitivity.AGGREGATE,
            "percent of the points",
            _NO_DECISION,
        ),
    ),
    sort_key=("class_id", "assignment_id"),
    owner="learning-science",
    version=1,
    expectations=(
        Between("kappa", -1, 1),
        Ordered("accepted_count", "decided_count"),
        Ordered("decided_count", "proposed_count"),
    ),
)

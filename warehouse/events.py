"""Mart: every interaction event, one Parquet file per day. The lake that outlives PostgreSQL's 400 hot days."""

from warehouse.mart import COUNT, DISTRICT, ID, TEXT, TIME, Between, Column, Mart, Sensitivity

_NOT_ABOUT = "The event is not about one."

EVENTS = Mart(
    name="events",
    grain="one row per event a person caused, a repeat counted once",
    description="Facts in the past tense, in the verbs of xAPI, as the browser and the server recorded them.",
    columns=(
        DISTRICT,
        Column(
            "school_id",
            ID,
            "School of the actor.",
            Sensitivity.REFERENCE,
            null_meaning="An actor of the whole district.",
        ),
        Column(
            "event_id",
            ID,
            "UUIDv7 made by the client; its first 48 bits are `event_time`.",
            Sensitivity.PERSONAL,
        ),
        Column(
            "event_time",
            TIME,
            "The millisecond inside the event's id; decides the day file.",
            Sensitivity.PERSONAL,
        ),
        Column("actor_id", ID, "The signed-in user who did it.", Sensitivity.PERSONAL),
        Column("verb", TEXT, "What was done: viewed, started, answered, submitted, …", Sensitivity.PERSONAL),
        Column("object_type", TEXT, "Kind of thing it was done to.", Sensitivity.PERSONAL),
        Column(
            "object_id",
            ID,
            "The thing.",
            Sensitivity.PERSONAL,
            null_meaning="A thing without an id, such as a page.",
        ),
        Column("class_id", ID, "Class it happened in.", Sensitivity.PERSONAL, null_meaning=_NOT_ABOUT),
        Column(
            "assignment_id", ID, "Assignment it concerned.", Sensitivity.PERSONAL, null_meaning=_NOT_ABOUT
        ),
        Column("submission_id", ID, "Attempt it belonged to.", Sensitivity.PERSONAL, null_meaning=_NOT_ABOUT),
        Column("question_id", ID, "Question it concerned.", Sensitivity.PERSONAL, null_meaning=_NOT_ABOUT),
        Column("occurred_at", TIME, "When it happened by the client's clock.", Sensitivity.PERSONAL),
        Column("received_at", TIME, "When the server took it in.", Sensitivity.PERSONAL),
        Column(
            "session_id",
            ID,
            "Browser session.",
            Sensitivity.PERSONAL,
            null_meaning="Recorded by the server itself.",
        ),
        Column(
            "client_seq",
            COUNT,
            "Order within the session.",
            Sensitivity.PERSONAL,
            null_meaning="The client sent none.",
        ),
        Column(
            "duration_ms",
            COUNT,
            "How long it lasted.",
            Sensitivity.PERSONAL,
            "milliseconds",
            "It has no duration.",
        ),
        Column(
            "payload",
            TEXT,
            "Details of the verb, as JSON with its keys by length, then by letter.",
            Sensitivity.PERSONAL,
        ),
    ),
    sort_key=("event_time", "event_id", "actor_id"),
    owner="data-platform",
    version=1,
    expectations=(Between("duration_ms", 0, None), Between("client_seq", 0, None)),
)

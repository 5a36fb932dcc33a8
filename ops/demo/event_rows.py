"""Interaction events: what a browser and the server would have reported while the work was done."""

import numpy as np
import polars as pl

from ops.demo.coursework_rows import letters
from ops.demo.identifiers import uuid7_strings
from ops.demo.roll import Tables, times
from ops.demo.semester import Semester
from ops.demo.work_rows import Facts

_LOOKED_AT_SHARE = 0.3
_CHANGED_SHARE = 0.12
_LEFT_SHARE = 0.04
_REVIEWED_SHARE = 0.6


def event_tables(facts: Facts, semester: Semester, random: np.random.Generator) -> Tables:
    """Return the rows of `interaction_events`; each id's millisecond is the event's time."""
    clicks = pl.concat(
        [
            *_attempt_clicks(facts, random),
            *_question_clicks(facts, random),
        ]
    ).filter(pl.col("at") < semester.end)
    clicks = clicks.sort("attempt", "at", "verb", "question", maintain_order=True).with_columns(
        client_seq=pl.int_range(pl.len()).over("attempt")
    )
    return {"interaction_events": _rows(facts, clicks, random)}


def _rows(facts: Facts, clicks: pl.DataFrame, random: np.random.Generator) -> pl.DataFrame:
    roll, attempts = facts.roll, facts.attempts
    session_ids = uuid7_strings(attempts["started"].to_numpy() - 10_000, random)
    attempt = attempts[clicks["attempt"]]
    received = clicks["at"] + pl.Series(random.integers(40, 3_000, size=len(clicks)))
    assignments = facts.ids.assignments.gather(attempt["assignment"])
    questions = facts.ids.questions.gather(clicks["question"])
    objects = {"assignment": assignments, "submission": attempt["id"], "question": questions}
    chosen = pl.coalesce(pl.when(pl.col("object_type") == name).then(ids) for name, ids in objects.items())
    return clicks.select(
        district_id=pl.lit(roll.district_id),
        actor_id=roll.users.gather(attempt["student"]),
        event_id=uuid7_strings(clicks["at"].to_numpy(), random),
        event_time=times(clicks["at"]),
        school_id=roll.school_of_classes(attempt["class"]),
        verb="verb",
        object_type="object_type",
        object_id=chosen,
        occurred_at=times(clicks["at"]),
        received_at=times(received),
        session_id=session_ids.gather(clicks["attempt"]),
        client_seq="client_seq",
        duration_ms="duration_ms",
        class_id=roll.classes.gather(attempt["class"]),
        assignment_id=assignments,
        submission_id=attempt["id"],
        question_id=questions,
        payload="payload",
    )


def _click(
    rows: pl.DataFrame,
    verb: str,
    object_type: str,
    at: pl.Expr,
    *,
    payload: pl.Expr | None = None,
    duration: pl.Expr | None = None,
) -> pl.DataFrame:
    """Shape rows with `attempt` and `question` into events of one verb at a Unix millisecond."""
    return rows.select(
        "attempt",
        "question",
        verb=pl.lit(verb),
        object_type=pl.lit(object_type),
        at=at.cast(pl.Int64),
        duration_ms=pl.lit(None, dtype=pl.Int64) if duration is None else duration.cast(pl.Int64),
        payload=pl.lit("{}") if payload is None else payload,
    )


def _attempt_clicks(facts: Facts, random: np.random.Generator) -> list[pl.DataFrame]:
    attempts = facts.attempts.with_columns(question=pl.lit(None, dtype=pl.Int64))
    finished = attempts.filter("finished")
    reviewed = _some(finished, _REVIEWED_SHARE, random)
    later = pl.Series(random.integers(20_000, 1_800_000, size=len(reviewed)))
    opened = pl.format('{{"attempt_number":{},"score":"0","possible":"{}"}}', "attempt_number", "possible")
    handed_in = pl.format(
        '{{"attempt_number":{},"score":"{}","possible":"{}"}}',
        "attempt_number",
        "automatic_score",
        "possible",
    )
    return [
        _click(attempts, "viewed", "assignment", pl.col("started") - 8_000),
        _click(attempts, "started", "submission", pl.col("started"), payload=opened),
        _click(
            finished,
            "submitted",
            "submission",
            pl.col("submitted"),
            payload=handed_in,
            duration=pl.col("submitted") - pl.col("started"),
        ),
        _click(reviewed, "reviewed", "submission", pl.col("submitted") + later),
    ]


def _question_clicks(facts: Facts, random: np.random.Generator) -> list[pl.DataFrame]:
    """Each answer, and beside it some of the looking, typing, hesitating and wandering off that led to it."""
    answers = facts.answers
    thoughtful = answers.filter(~pl.col("guessed"))
    texts = thoughtful.filter(pl.col("choice") < 0)
    changed = _some(thoughtful.filter(pl.col("choice") >= 0), _CHANGED_SHARE, random)
    first_thought = pl.format('{{"option_id":"{}"}}', letters("first_thought"))
    changed = changed.with_columns(first_thought=(pl.col("choice") + 1) % 4)
    seen_at = pl.col("answered") - pl.col("time_spent_ms")
    half_way = pl.col("answered") - pl.col("time_spent_ms") // 2
    left = _some(thoughtful, _LEFT_SHARE, random)
    return [
        _click(
            answers,
            "answered",
            "question",
            pl.col("answered"),
            payload=_answered_payload(),
            duration=pl.col("time_spent_ms"),
        ),
        _click(_some(answers, _LOOKED_AT_SHARE, random), "viewed", "question", seen_at),
        _click(changed, "selected", "question", half_way, payload=first_thought),
        _click(texts, "typed", "question", pl.col("answered") - 900, payload=pl.lit('{"characters":80}')),
        _click(left, "blurred", "question", half_way),
        _click(left, "focused", "question", pl.col("answered") - pl.col("time_spent_ms") // 4),
    ]


def _answered_payload() -> pl.Expr:
    """What the server writes beside an answer: a text is still waiting at that moment."""
    is_text = pl.col("choice") < 0
    graded = pl.format(
        '{{"answer_id":"{}","attempt_number":{},"client_seq":{},"status":"graded","is_correct":{},"score":"{}",'
        '"possible":"{}"}}',
        "id", "attempt_number", "client_seq", pl.col("points") == pl.col("possible"), "points", "possible",
    )  # fmt: skip
    waiting = pl.format(
        '{{"answer_id":"{}","attempt_number":{},"client_seq":{},"status":"pending","is_correct":null,'
        '"score":null,"possible":"{}"}}',
        "id", "attempt_number", "client_seq", "possible",
    )  # fmt: skip
    return pl.when(is_text).then(waiting).otherwise(graded)


def _some(rows: pl.DataFrame, share: float, random: np.random.Generator) -> pl.DataFrame:
    return rows.filter(pl.Series(random.random(len(rows)) < share))

"""All signals of all students of a district in one frame, as `core.domain.risk_batch` wants them."""

from dataclasses import dataclass
from datetime import datetime

import polars as pl

from core.domain import risk_signals
from core.domain.risk import NO_RISK
from core.domain.risk_batch import class_standing

PAIR = risk_signals.PAIR
ANSWER_COLUMNS = (
    *PAIR,
    "question_id",
    "question_kind",
    "is_first_graded",
    "outcome",
    "time_spent_ms",
    "answered_at",
)
"""What of the answers is needed."""
_COUNTS = ("counted_assignments", "missing_assignments", "struggling_prerequisites")
_CLAIMS = ("is_last_counted_missing", "has_late_work", "is_answering_too_fast")


@dataclass(frozen=True, slots=True, eq=False)
class Facts:
    """The marts a student's risk follows from, and what PostgreSQL adds: places, judged work, flags that stand."""

    places: pl.DataFrame
    judged: pl.DataFrame
    class_prerequisites: pl.DataFrame
    standing_flags: pl.DataFrame
    answers: pl.LazyFrame
    class_grades: pl.DataFrame
    gradebook: pl.DataFrame
    statistics: pl.DataFrame
    mastery: pl.DataFrame


def student_signals(facts: Facts) -> pl.DataFrame:
    """Return one row per place with all signals and previous_level, by class_id and student_id."""
    hurried = risk_signals.hurried(_choices(facts.answers), facts.statistics)
    prerequisites = risk_signals.struggling_prerequisites(
        facts.places, facts.mastery, facts.class_prerequisites
    )
    averages = risk_signals.handed_in_averages(facts.judged, facts.gradebook)
    parts = (_work(facts), _standing(facts), averages, prerequisites, hurried, _previous(facts))
    signals = facts.places
    for part in parts:
        signals = signals.join(part, on=PAIR, how="left")
    return signals.with_columns(
        pl.col(_COUNTS).fill_null(0),
        pl.col(_CLAIMS).fill_null(value=False),
        pl.col("previous_level").fill_null(NO_RISK),
    ).sort(PAIR)


def latest_activity(judged: pl.DataFrame, answers: pl.LazyFrame) -> datetime | None:
    """Return when anybody of the district last answered or handed in; None before the first time."""
    moments = (judged["handed_in_at"].max(), answers.select(pl.col("answered_at").max()).collect().item())
    return max((moment for moment in moments if isinstance(moment, datetime)), default=None)


def _work(facts: Facts) -> pl.DataFrame:
    return risk_signals.work_signals(facts.judged, latest=latest_activity(facts.judged, facts.answers))


def _standing(facts: Facts) -> pl.DataFrame:
    """The grade over all scores, as the teacher sees it, or the one the teacher has set instead."""
    percents = pl.coalesce("override_percent", "all_current_percent")
    return class_standing(facts.class_grades.select(*PAIR, grade_percent=percents))


def _choices(answers: pl.LazyFrame) -> pl.DataFrame:
    """Only multiple choice can be guessed."""
    is_choice = pl.col("question_kind") == "multiple_choice"
    wanted = [*PAIR, "question_id", "outcome", "time_spent_ms"]
    return answers.filter(pl.col("is_first_graded") & is_choice).select(wanted).collect()


def _previous(facts: Facts) -> pl.DataFrame:
    return facts.standing_flags.select(*PAIR, previous_level="level")

"""Students at risk: an early warning from transparent signals, each with a sentence for the teacher.

Fitted on one cohort of the Open University data (adults: recalibrate locally) and tested on the next: AUC .69 /
.77 / .80 at weeks 4 / 8 / 12. No personal characteristic enters; demographics alone reach .61 and are not used.
"""

from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from core.domain.logistic import logistic

INTERCEPT = -2.25
LOW_STANDING = 3.2
MISSING_WORK = 1.93
LATE_WORK = 0.32
SILENCE = 0.10
SILENCE_DAYS = 28.0
SILENCE_CAP = 2.0  # eight weeks of silence say all that silence says
MINIMUM_COUNTED_ASSIGNMENTS = 2

# An absolute reason must hold besides the probability, so that a strong class has no victims.
FLAGGED_GRADE = Decimal(70)
FLAGGED_MISSING_SHARE = 1 / 3

NOT_ENOUGH_EVIDENCE = "not_enough_evidence"
NO_RISK = "none"
LEVELS = (("watch", 0.5), ("concern", 0.65), ("urgent", 0.8))
HYSTERESIS = 0.1  # a level once reached is left only this far below its threshold, so flags do not flicker


@dataclass(frozen=True, slots=True)
class RiskSignals:
    """What is known of one student in one class.

    `class_percentile` is 0-1 among the class's current grades (`class_percentiles`), None without a grade;
    `handed_in_average` is the percent over handed-in work only; counts are of assignments and concepts.
    """

    counted_assignments: int
    missing_assignments: int
    grade_percent: Decimal | None
    class_percentile: float | None
    handed_in_average: Decimal | None = None
    is_last_counted_missing: bool = False
    has_late_work: bool = False
    days_since_hand_in: float | None = None
    struggling_prerequisites: int = 0
    is_answering_too_fast: bool = False

    @property
    def missing_share(self) -> float:
        return self.missing_assignments / self.counted_assignments if self.counted_assignments else 0.0


@dataclass(frozen=True, slots=True)
class RiskAssessment:
    """The probability (0-1), the level in a word, and the reasons, strongest first; None before two works."""

    probability: float | None
    level: str
    reasons: tuple[str, ...]


def class_percentiles(percents: Sequence[Decimal]) -> list[float]:
    """Return each grade's standing in its class, 0-1: the share below plus half of the equals, itself included.

    Of 50, 70, 70, 90 the standings are 0.125, 0.5, 0.5, 0.875; alone in a class one stands at 0.5.
    """
    ranked = sorted(percents)
    return [(bisect_left(ranked, one) + bisect_right(ranked, one)) / (2 * len(ranked)) for one in percents]


def risk_probability(signals: RiskSignals) -> float:
    """Return the probability of failing, 0-1.

    Its log-odds are
    `-2.25 + 3.2·(1 - class percentile) + 1.93·missing share + 0.32·[any late] + 0.10·min(days / 28, 2)`.

    A student without a grade stands at percentile 0; one who never handed anything in has been silent for ever.
    Percentile 0.2, half missing, late, 28 days: -2.25 + 2.56 + 0.965 + 0.32 + 0.10 = 1.695, p = 0.845.
    """
    silence = SILENCE_CAP
    if signals.days_since_hand_in is not None:
        silence = min(signals.days_since_hand_in / SILENCE_DAYS, SILENCE_CAP)
    return logistic(
        INTERCEPT
        + LOW_STANDING * (1.0 - (signals.class_percentile or 0.0))
        + MISSING_WORK * signals.missing_share
        + LATE_WORK * signals.has_late_work
        + SILENCE * silence
    )


def assess_risk(signals: RiskSignals, *, previous_level: str = NO_RISK) -> RiskAssessment:
    """Return the assessment of one student; `previous_level` is the one shown until now."""
    if signals.counted_assignments < MINIMUM_COUNTED_ASSIGNMENTS:
        return RiskAssessment(None, NOT_ENOUGH_EVIDENCE, ())
    probability = risk_probability(signals)
    level = risk_level(probability, previous_level) if has_absolute_reason(signals) else NO_RISK
    return RiskAssessment(probability, level, reasons(signals))


def has_absolute_reason(signals: RiskSignals) -> bool:
    """Say whether the current grade is under 70, or a third or more of the counted work is missing."""
    is_low = signals.grade_percent is not None and signals.grade_percent < FLAGGED_GRADE
    return is_low or signals.missing_share >= FLAGGED_MISSING_SHARE


def risk_level(probability: float, previous_level: str = NO_RISK) -> str:
    """Return the level of a probability: watch, concern and urgent from 0.5, 0.65 and 0.8.

    Falling back takes 0.1 more: after 'urgent', 0.72 is still urgent and 0.69 is concern.
    """
    names = [name for name, _ in LEVELS]
    held = names.index(previous_level) if previous_level in names else -1
    level = NO_RISK
    for rank, (name, threshold) in enumerate(LEVELS):
        if probability >= (threshold - HYSTERESIS if rank <= held else threshold):
            level = name
    return level


def reasons(signals: RiskSignals) -> tuple[str, ...]:
    """Return the sentences that hold for a student, strongest first."""
    sentences = (
        "The last counted assignment is missing." if signals.is_last_counted_missing else None,
        _missing_reason(signals),
        _grade_reason(signals),
        _handed_in_reason(signals),
        "Some work came late." if signals.has_late_work else None,
        _silence_reason(signals),
        _prerequisite_reason(signals),
        "Answers far faster than others; may be guessing." if signals.is_answering_too_fast else None,
    )
    return tuple(sentence for sentence in sentences if sentence)


def _missing_reason(signals: RiskSignals) -> str | None:
    counts = f"({signals.missing_assignments} of {signals.counted_assignments})"
    if signals.missing_share >= 2 / 3:
        return f"Two thirds or more of the counted work is missing {counts}."
    if signals.missing_share >= FLAGGED_MISSING_SHARE:
        return f"A third or more of the counted work is missing {counts}."
    return None


def _grade_reason(signals: RiskSignals) -> str | None:
    if signals.grade_percent is None:
        return None
    for limit in (40, 60, 70):
        if signals.grade_percent < limit:
            return f"The current grade is under {limit} ({_plain(signals.grade_percent)} %)."
    return None


def _handed_in_reason(signals: RiskSignals) -> str | None:
    if signals.handed_in_average is None or signals.handed_in_average >= 60:
        return None
    return f"The average of handed-in work is under 60 ({_plain(signals.handed_in_average)} %)."


def _silence_reason(signals: RiskSignals) -> str | None:
    if signals.days_since_hand_in is None:
        return "Nothing has been handed in yet."
    if signals.days_since_hand_in < SILENCE_DAYS:
        return None
    return f"Nothing has been handed in for {int(signals.days_since_hand_in / 7)} weeks."


def _prerequisite_reason(signals: RiskSignals) -> str | None:
    count = signals.struggling_prerequisites
    if count == 0:
        return None
    return f"Struggling on {count} prerequisite {'concept' if count == 1 else 'concepts'}."


def _plain(percent: Decimal) -> str:
    """Without the zeros a column of decimals carries: 48.5000 is written 48.5."""
    return f"{percent.normalize():f}"

"""Mastery now and day by day, struggling flags, and velocity: from first graded answers alone."""

import math
from collections import Counter
from datetime import UTC, date, timedelta

from tests.oracle.facts import Facts, Row, Rows, grouped, middle, quantile
from tests.oracle.oracle_rates import (
    A0,
    A1,
    PRIOR,
    Level,
    Limits,
    Rates,
    first_graded,
    in_order,
    latest_schools,
    level_of,
    limits_of,
    rates_of,
    sigma,
    walk,
)

_STRONG = 0.95
_FALLS_SHORT = -0.3


def mastery_marts(facts: Facts, answers: Rows, places: Rows) -> dict[str, Rows]:
    """Return concept_mastery, mastery_history, struggling_flags, learning_velocity and class_velocity."""
    first, limits = first_graded(answers), limits_of(facts)
    rates, schools = rates_of(first), latest_schools(first)
    history, last = [], {}
    for day in walk(first, rates):
        known = {
            "district_id": facts.district_id,
            "school_id": schools[day.student_id],
            "student_id": day.student_id,
        }
        for concept, (sums, questions) in day.concepts.items():
            level = level_of(
                sums, questions, general=day.general, easiness=rates.easiness[concept], limits=limits
            )
            last[day.student_id, concept] = known | _mastery(concept, level, questions, rates, limits)
            if concept in day.answered:
                history.append(known | _of_day(concept, level, day.day))
    mastery = list(last.values())
    velocity = _velocity(facts, first, rates, history)
    return {
        "concept_mastery": mastery,
        "mastery_history": history,
        "struggling_flags": _flags(mastery, limits),
        "learning_velocity": velocity,
        "class_velocity": _class_velocity(facts, velocity, places),
    }


def _mastery(concept: str, level: Level, questions: int, rates: Rates, limits: Limits) -> Row:
    sums = level.sums
    return {
        "concept_id": concept,
        "mastery_percent": level.percent,
        "lower_percent": level.lower,
        "upper_percent": level.upper,
        "standard_error": level.error,
        "evidence_count": sums.count,
        "question_count": questions,
        "evidence": sums.surplus,
        "information": sums.information,
        "ability": level.ability,
        "mean_easiness": rates.easiness[concept],
        "band": level.band,
        "below_threshold": level.percent < limits.struggling,
        "p_below_threshold": level.below,
        "last_answered_at": sums.last,
    }


def _of_day(concept: str, level: Level, day: date) -> Row:
    return {
        "concept_id": concept,
        "day": day,
        "mastery_percent": level.percent,
        "lower_percent": level.lower,
        "upper_percent": level.upper,
        "evidence_count": level.sums.count,
        "band": level.band,
    }


def _flags(mastery: Rows, limits: Limits) -> Rows:
    """The five surest concepts of each student, worst first."""
    flags = []
    struggling = [row for row in mastery if row["band"] == "struggling"]
    for rows in grouped(struggling, lambda row: row["student_id"]).values():
        worst = sorted(rows, key=lambda row: (-row["p_below_threshold"], row["concept_id"]))[:5]
        for rank, row in enumerate(worst, start=1):
            same = (
                "district_id",
                "school_id",
                "student_id",
                "concept_id",
                "p_below_threshold",
                "mastery_percent",
            )
            strength = "strong" if row["p_below_threshold"] >= _STRONG else "probable"
            told = {"rank": rank, "strength": strength, "reasons": _reasons(row, limits)}
            flags.append({name: row[name] for name in same} | told)
    return flags


def _reasons(row: Row, limits: Limits) -> list[str]:
    percents = [round(row[f"{name}_percent"]) for name in ("mastery", "lower", "upper")]
    typical = 100 * sigma(A0 + A1 * row["mean_easiness"])
    sentences = [
        f"Expected to get about {percents[0]} % right on this concept's usual questions (likely between "
        f"{percents[1]} and {percents[2]} %); under {limits.struggling:g} % with a probability of "
        f"{round(100 * row['p_below_threshold'])} %."
    ]
    if row["evidence"] / (row["information"] + PRIOR) <= _FALLS_SHORT:
        sentences.append(
            "Seems to fall short here in particular: lower than a typical student on the same questions."
        )
    if typical < limits.struggling:
        sentences.append(
            f"Hard for everyone: a typical student gets {round(typical)} % of these questions right."
        )
    sentences.append(
        f"Rests on {row['evidence_count']} answers to {row['question_count']} questions, "
        f"the latest on {row['last_answered_at'].astimezone(UTC):%Y-%m-%d}."
    )
    return sentences


def _velocity(facts: Facts, first: Rows, rates: Rates, history: Rows) -> Rows:
    weeks = sorted({_monday(row["answered_at"].astimezone(UTC).date()) for row in first})[-4:]
    secured = Counter(
        (student, since)
        for (student, _), days in grouped(history, lambda row: (row["student_id"], row["concept_id"])).items()
        if (since := _secure_since(days)) is not None
    )
    schools = latest_schools(first)
    rows = []
    for student, answers in grouped(in_order(first), lambda row: row["student_id"]).items():
        counts = [secured[student, week] for week in weeks]
        rows.append(
            {"district_id": facts.district_id, "school_id": schools[student], "student_id": student}
            | _trend(answers[-200:], rates)
            | {"secured_counts": counts, "secured_per_week": sum(counts) / len(counts)}
        )
    return rows


def _monday(day: date) -> date:
    return day - timedelta(days=day.weekday())


def _secure_since(days: Rows) -> date | None:
    """Return the week since which a concept has been secure without a break, or None."""
    since = None
    for row in sorted(days, key=lambda row: row["day"]):
        if row["band"] != "secure":
            since = None
        elif since is None:
            since = _monday(row["day"])
    return since


def _trend(answers: Rows, rates: Rates) -> Row:
    """Ridge slope of the level over the place of an answer, in steps of ten answers."""
    if len(answers) < 40:
        nothing = {"slope": None, "standard_error": None, "direction": "not_enough_evidence"}
        return {"answer_count": len(answers), **nothing}
    expected = [rates.questions[row["question_id"]] for row in answers]
    weights = [rate * (1 - rate) for rate in expected]
    centre = sum(weight * place / 10 for place, weight in enumerate(weights)) / sum(weights)
    places = [place / 10 - centre for place in range(len(answers))]
    pull = sum(
        place * (row["outcome"] - rate) for place, row, rate in zip(places, answers, expected, strict=True)
    )
    stiffness = 12 + sum(weight * place * place for place, weight in zip(places, weights, strict=True))
    slope, error = pull / stiffness, 1 / math.sqrt(stiffness)
    moving = "rising" if slope > 0 else "falling"
    direction = moving if abs(slope) > 2 * error else "steady"
    return {"answer_count": len(answers), "slope": slope, "standard_error": error, "direction": direction}


def _class_velocity(facts: Facts, velocity: Rows, places: Rows) -> Rows:
    trends = {row["student_id"]: row for row in velocity}
    rows = []
    for (school_id, class_id), members in grouped(
        places, lambda row: (row["school_id"], row["class_id"])
    ).items():
        known = [trends[row["student_id"]] for row in members if row["student_id"] in trends]
        slopes = [row["slope"] for row in known if row["slope"] is not None]
        directions = Counter(row["direction"] for row in known)
        rows.append(
            {
                "district_id": facts.district_id,
                "school_id": school_id,
                "class_id": class_id,
                "student_count": len(slopes),
                "median_slope": middle(slopes) if slopes else None,
                "lower_quartile": quantile(slopes, 0.25) if len(slopes) > 1 else None,
                "upper_quartile": quantile(slopes, 0.75) if len(slopes) > 1 else None,
                "rising_count": directions["rising"],
                "falling_count": directions["falling"],
            }
        )
    return rows
